namespace FastRecurrent;

/// <summary>What a gradient check runs a network on. The default: 3 rows of 4 steps, random data, every gradient within 1e-6.</summary>
public sealed record GradientCheckOptions
{
    /// <summary>T, steps of the random sequences, at least 1. Default 4. A network whose input is a vector has one step.</summary>
    public int Time { get; init; } = 4;

    /// <summary>N, rows of the batch, at least 1. Default 3.</summary>
    public int Batch { get; init; } = 3;

    /// <summary>Whether the rows have lengths of their own, 0..T. Default false.</summary>
    public bool VaryLengths { get; init; }

    /// <summary>
    /// Whether the pass is one of training: batch normalization on the batch's own statistics, dropout and zoneout with random choices
    /// (as a trainable model of the same seed makes them in its first pass). Default false.
    /// </summary>
    public bool IsTraining { get; init; }

    /// <summary>Where the random data come from: the same seed gives the same data on every machine. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The largest relative error that passes, above 0. Default 1e-6.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>
    /// Of a larger parameter so many elements are checked, one drawn from each of so many equal parts, at least 1. Default
    /// 200. The work is two forward passes in double precision for each element.
    /// </summary>
    public int MaxElements { get; init; } = 200;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Time, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxElements, 1);
        if (!double.IsFinite(Tolerance) || Tolerance <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "The tolerance must be a finite value above 0.");
        }
    }
}
