namespace FastRecurrent.Cli.Measurement;

/// <summary>A workload measured in one run beside what bounds it and, if there is one, another engine's work.</summary>
internal sealed record Comparison
{
    public required Workload Workload { get; init; }

    public required Samples Ours { get; init; }

    /// <summary>Bytes allocated per call of ours.</summary>
    public required double AllocatedBytes { get; init; }

    /// <summary>The FMA peak of one core times the threads that can run at once, in GFLOPS.</summary>
    public required double PeakGflops { get; init; }

    /// <summary>Read bandwidth at the size of the weights, in bytes per nanosecond (GB/s); null where reading does not bound the work.</summary>
    public double? BytesPerNanosecond { get; init; }

    /// <summary>The other work's times; null where there is none.</summary>
    public Samples? Other { get; init; }

    /// <summary>The largest difference between the results, relative to those above 1; null where they are of different things.</summary>
    public double? LargestDifference { get; init; }

    public double Gflops => Workload.Flops / Ours.Median;

    public double PeakFraction => Gflops / PeakGflops;

    /// <summary>The time that reading the weights alone takes, in nanoseconds.</summary>
    public double? FloorNanoseconds => Workload.Reading?.Bytes / BytesPerNanosecond;

    /// <summary>The other's time over ours: above 1 where ours is faster.</summary>
    public double? Ratio => Other?.Median / Ours.Median;

    /// <summary>The median absolute deviation of the ratios of neighbouring samples.</summary>
    public double? RatioSpread => Other?.Over(Ours).Spread;

    public static Comparison Measure(Workload workload, INetworkWork? other, TimeSpan perContestant, CancellationToken stop)
    {
        using EngineWork ours = EngineWork.Create(workload);
        TilePeak peak = TilePeak.Create(workload.Kernels);
        IReadOnlyList<ReadBandwidth> readers =
            workload.Reading is { } reading ? ReadBandwidth.ForWeights(workload.Kernels, reading.ResidentBytes) : [];
        ITimed[] contestants = other is null ? [ours, peak, .. readers] : [ours, peak, .. readers, other];
        Sampler sampler = new(perContestant, stop) { PausesBetweenSamples = other is { LeavesThreadsSpinning: true } };
        Samples[] samples = sampler.Collect(contestants);
        int cores = Math.Min(workload.Threads, Environment.ProcessorCount);
        return new Comparison
        {
            Workload = workload,
            Ours = samples[0],
            AllocatedBytes = sampler.AllocatedBytes(ours),
            PeakGflops = cores * peak.Flops / samples[1].Median,
            BytesPerNanosecond = readers.Count == 0 ? null : readers.Zip(samples.Skip(2), (reader, times) => reader.Bytes / times.Median).Max(),
            Other = other is null ? null : samples[^1],
            LargestDifference = other is null || workload.Mode == WorkloadMode.Step ? null : Difference(ours.Results(), other.Results()),
        };
    }

    private static double? Difference(float[] left, float[] right)
    {
        if (left.Length != right.Length)
        {
            return null;
        }

        double largest = 0;
        for (int i = 0; i < left.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(left[i] - right[i]) / Math.Max(1, Math.Abs(right[i])));
        }

        return largest;
    }
}
