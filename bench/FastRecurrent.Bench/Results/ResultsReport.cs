using System.Globalization;
using System.Text;
using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Machine;
using FastRecurrent.Cli.Peers;

namespace FastRecurrent.Bench.Results;

/// <summary>A finished run of the table of speeds to reach: the machine and the rows, as JSON and as Markdown.</summary>
internal sealed record ResultsReport(IReadOnlyList<SpeedResult> Rows, double SecondsPerContestant)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public string Cpu { get; } = Processor.Name;

    public string Kernels { get; } = KernelSets.Name(KernelSets.Default);

    public string Dotnet { get; } = Environment.Version.ToString();

    public int LogicalCores { get; } = Environment.ProcessorCount;

    public string Peer { get; } = OneDnn.Instance?.Name ?? "absent";

    public string Date { get; } = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Inference on {Cpu}

            Written by `dotnet run -c Release --project bench/FastRecurrent.Bench -- --results` on {Date}: .NET {Dotnet}, kernels {Kernels},
            {LogicalCores} cores, peer: {Peer}. Each row is one run, its contestants interleaved sample by sample, {SecondsPerContestant:0.##} s each.
            Times are medians of a call; +- is the median absolute deviation. Ratio = opponent's time / ours, so above 1 ours is faster;
            the A/A rows time ours against itself: what they stray from 1 is the error of the others. Peak is what the engine's own
            tile reaches in L1 in the same run; floor is the time that reading the weights alone takes. Bytes are managed
            bytes that a call allocates; the target is 0 everywhere.

            | work | kernels | ours | +- | GFLOPS | of peak | floor / ours | opponent | its time | ratio | +- | target | reached | bytes a call |
            |---|---|---:|---:|---:|---:|---:|---|---:|---:|---:|---|---|---:|

            """);
        foreach (SpeedResult row in Rows)
        {
            string[] cells =
            [
                row.Work,
                row.Kernels,
                Format.Time(row.MedianNs),
                Format.Time(row.SpreadNs),
                Format.Number(row.Gflops),
                Format.Percent(row.PeakFraction),
                row.FloorNs is { } floor ? Format.Percent(floor / row.MedianNs) : string.Empty,
                row.Opponent ?? (row.RtNeuralNs is null ? string.Empty : "RTNeural, elsewhere"),
                (row.OpponentNs ?? row.RtNeuralNs) is { } time ? Format.Time(time) : string.Empty,
                row.Ratio is { } ratio ? Format.Ratio(ratio) : string.Empty,
                row.RatioSpread is { } spread ? Format.Number(spread, "0.00") : string.Empty,
                Target(row),
                row.Reached switch { true => "yes", false => "**no**", null => string.Empty },
                row.AllocatedBytes == 0 ? "0" : $"**{Format.Number(row.AllocatedBytes, "0.###")}**",
            ];
            text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        }

        text.Append("\nRTNeural's times are those of its best backend on one core of a Zen 5 server, measured in another run.\n");
        return text.ToString();
    }

    private static string Target(SpeedResult row)
    {
        List<string> targets = [];
        if (row.MinRatio is { } ratio)
        {
            targets.Add($">= {Format.Ratio(ratio)}");
        }

        if (row.MinPeakFraction is { } peak)
        {
            targets.Add($">= {Format.Percent(peak)} of peak");
        }

        if (row.MaxNs is { } time)
        {
            targets.Add($"<= {Format.Time(time)}");
        }

        return string.Join(", ", targets);
    }
}
