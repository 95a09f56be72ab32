namespace FastRecurrent.Cli.Measurement;

/// <summary>What was measured of one contestant: nanoseconds per call, a value a sample, in the order of measurement.</summary>
internal sealed class Samples(IReadOnlyList<double> nanoseconds)
{
    public IReadOnlyList<double> Nanoseconds { get; } = nanoseconds;

    public double Median { get; } = MedianOf(nanoseconds);

    public double Min { get; } = nanoseconds.Min();

    /// <summary>The median absolute deviation from the median: half of all samples lie closer.</summary>
    public double Spread { get; } = SpreadOf(nanoseconds);

    /// <summary>This contestant's time over another's, sample by sample of the same run.</summary>
    public Samples Over(Samples other) => new([.. Nanoseconds.Zip(other.Nanoseconds, (mine, others) => mine / others)]);

    private static double SpreadOf(IReadOnlyList<double> values)
    {
        double median = MedianOf(values);
        return MedianOf([.. values.Select(value => Math.Abs(value - median))]);
    }

    private static double MedianOf(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        int half = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
