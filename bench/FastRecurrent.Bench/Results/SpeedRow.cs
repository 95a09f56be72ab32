using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Results;

/// <summary>What a row measures beside this engine.</summary>
internal enum Opponent
{
    /// <summary>Nothing; the target is a time or a share of the peak.</summary>
    None,

    /// <summary>oneDNN on one thread.</summary>
    OneDnn,

    /// <summary>This engine on one thread.</summary>
    OneThread,

    /// <summary>The same again: how far the ratio of equal things strays from 1 is the error of every other row.</summary>
    Itself,
}

/// <summary>One row of the table of speeds to reach.</summary>
/// <param name="Work">What is timed.</param>
/// <param name="Opponent">What it is timed against, in the same run.</param>
internal sealed record SpeedRow(Workload Work, Opponent Opponent)
{
    /// <summary>The ratio opponent / ours to reach.</summary>
    public double? MinRatio { get; init; }

    /// <summary>The share of the FMA peak to reach.</summary>
    public double? MinPeak { get; init; }

    /// <summary>The time to reach, in nanoseconds.</summary>
    public double? MaxNanoseconds { get; init; }

    /// <summary>Another engine's time that was measured elsewhere and not in this run.</summary>
    public TimeElsewhere? Elsewhere { get; init; }
}

/// <summary>A time to look at, not to compare with.</summary>
/// <param name="Engine">Whose it is.</param>
/// <param name="Nanoseconds">A call.</param>
internal sealed record TimeElsewhere(string Engine, double Nanoseconds);
