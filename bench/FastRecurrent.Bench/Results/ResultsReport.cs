using System.Globalization;
using System.Text;
using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Machine;
using FastRecurrent.Cli.Peers;

namespace FastRecurrent.Bench.Results;

/// <summary>A finished run of a table of speeds to reach: the machine and the rows, as JSON and as Markdown.</summary>
internal sealed class ResultsReport(SpeedTable table, IReadOnlyList<SpeedResult> rows, double secondsPerContestant)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private static readonly (string Title, bool IsNumber, Func<SpeedResult, string> Text)[] Columns =
    [
        ("work", false, row => row.Work),
        ("kernels", false, row => row.Kernels),
        ("ours", true, row => Format.Time(row.MedianNs)),
        ("+-", true, row => Format.Time(row.SpreadNs)),
        ("GFLOPS", true, row => Format.Number(row.Gflops)),
        ("of peak", true, row => Format.Percent(row.PeakFraction)),
        ("floor / ours", true, row => row.FloorNs is { } floor ? Format.Percent(floor / row.MedianNs) : string.Empty),
        ("opponent", false, row => row.Opponent ?? (row.Elsewhere is { } engine ? $"{engine}, elsewhere" : string.Empty)),
        ("its time", true, row => (row.OpponentNs ?? row.ElsewhereNs) is { } time ? Format.Time(time) : string.Empty),
        ("ratio", true, row => row.Ratio is { } ratio ? Format.Ratio(ratio) : string.Empty),
        ("+-", true, row => row.RatioSpread is { } spread ? Format.Number(spread, "0.00") : string.Empty),
        ("target", false, Target),
        ("reached", false, row => row.Reached switch { true => "yes", false => "**no**", null => string.Empty }),
        ("bytes a call", true, row => row.AllocatedBytes == 0 ? "0" : $"**{Format.Number(row.AllocatedBytes, "0.###")}**"),
    ];

    public IReadOnlyList<SpeedResult> Rows => rows;

    public double SecondsPerContestant => secondsPerContestant;

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
            # {table.Title} on {Cpu}

            Written by `dotnet run -c Release --project bench/FastRecurrent.Bench -- --results` on {Date}: .NET {Dotnet}, kernels {Kernels},
            {LogicalCores} cores, peer: {Peer}. Each row is one run, its contestants interleaved sample by sample, {SecondsPerContestant:0.##} s each.
            Times are medians of a call; +- is the median absolute deviation. Ratio = opponent's time / ours, so above 1 ours is faster;
            the A/A rows time ours against itself: what they stray from 1 is the error of the others. Peak is what the engine's own
            tile reaches in L1 in the same run; floor is the time that reading the weights alone takes, from the cache that holds all of
            them: what a nearer one keeps from call to call may lift a row beyond it. Bytes are managed bytes that a call allocates;
            the target is 0 everywhere.


            """);
        // A column that no row fills is left out.
        var columns = Columns.Where(column => rows.Any(row => column.Text(row).Length > 0)).ToArray();
        text.Append("| ").AppendJoin(" | ", columns.Select(column => column.Title)).Append(" |\n|");
        text.AppendJoin('|', columns.Select(column => column.IsNumber ? "---:" : "---")).Append("|\n");
        foreach (SpeedResult row in rows)
        {
            text.Append("| ").AppendJoin(" | ", columns.Select(column => column.Text(row))).Append(" |\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n{table.Note}\n").ToString();
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
