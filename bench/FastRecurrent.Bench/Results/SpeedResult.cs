using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Peers;

namespace FastRecurrent.Bench.Results;

/// <summary>A measured row; null is not measured or not asked for.</summary>
internal sealed record SpeedResult
{
    public required string Work { get; init; }

    public required string Kernels { get; init; }

    public required double MedianNs { get; init; }

    public required double MinNs { get; init; }

    public required double SpreadNs { get; init; }

    public required double Gflops { get; init; }

    public required double PeakGflops { get; init; }

    public required double PeakFraction { get; init; }

    public double? FloorNs { get; init; }

    public required double AllocatedBytes { get; init; }

    public string? Opponent { get; init; }

    public double? OpponentNs { get; init; }

    /// <summary>Opponent's median over ours.</summary>
    public double? Ratio { get; init; }

    public double? RatioSpread { get; init; }

    public double? MinRatio { get; init; }

    public double? MinPeakFraction { get; init; }

    public double? MaxNs { get; init; }

    /// <summary>Whose time, measured elsewhere, is <see cref="ElsewhereNs"/>.</summary>
    public string? Elsewhere { get; init; }

    public double? ElsewhereNs { get; init; }

    /// <summary>Whether every target of the row was reached; null where it has none or its opponent is absent.</summary>
    public bool? Reached { get; init; }

    public static SpeedResult Measure(SpeedRow row, TimeSpan perContestant, CancellationToken stop)
    {
        using INetworkWork? opponent = CreateOpponent(row);
        Comparison comparison = Comparison.Measure(row.Work, opponent, perContestant, stop);
        return new SpeedResult
        {
            Work = row.Work.ToString(),
            Kernels = KernelSets.Name(row.Work.Kernels),
            MedianNs = comparison.Ours.Median,
            MinNs = comparison.Ours.Min,
            SpreadNs = comparison.Ours.Spread,
            Gflops = comparison.Gflops,
            PeakGflops = comparison.PeakGflops,
            PeakFraction = comparison.PeakFraction,
            FloorNs = comparison.FloorNanoseconds,
            AllocatedBytes = comparison.AllocatedBytes,
            Opponent = Describe(row.Opponent),
            OpponentNs = comparison.Other?.Median,
            Ratio = comparison.Ratio,
            RatioSpread = comparison.RatioSpread,
            MinRatio = row.MinRatio,
            MinPeakFraction = row.MinPeak,
            MaxNs = row.MaxNanoseconds,
            Elsewhere = row.Elsewhere?.Engine,
            ElsewhereNs = row.Elsewhere?.Nanoseconds,
            Reached = Judge(row, comparison),
        };
    }

    private static INetworkWork? CreateOpponent(SpeedRow row) => row.Opponent switch
    {
        Results.Opponent.OneDnn => OneDnnWork.Create((StackWorkload)row.Work with { Threads = 1 }),
        Results.Opponent.OneThread => EngineWork.Create(row.Work with { Threads = 1 }),
        Results.Opponent.Itself => EngineWork.Create(row.Work),
        _ => null,
    };

    private static string? Describe(Opponent opponent) => opponent switch
    {
        Results.Opponent.OneDnn => OneDnn.Instance?.Name ?? "oneDNN, absent",
        Results.Opponent.OneThread => "ours, 1 thread",
        Results.Opponent.Itself => "ours again (A/A)",
        _ => null,
    };

    private static bool? Judge(SpeedRow row, Comparison comparison)
    {
        if ((row.MinRatio ?? row.MinPeak ?? row.MaxNanoseconds) is null || (row.MinRatio is not null && comparison.Ratio is null))
        {
            return null;
        }

        return !(comparison.Ratio < row.MinRatio)
            && !(comparison.PeakFraction < row.MinPeak)
            && !(comparison.Ours.Median > row.MaxNanoseconds);
    }
}
