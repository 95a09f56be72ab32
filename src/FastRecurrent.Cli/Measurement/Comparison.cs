using FastRecurrent.Cli.Peers;

namespace FastRecurrent.Cli.Measurement;

/// <summary>A workload measured in one run beside what bounds it and, where it is present, its native peer.</summary>
internal sealed record Comparison
{
    private const double GigaPerNano = 1; // flops per nanosecond are GFLOPS

    public required Workload Workload { get; init; }

    public required Samples Ours { get; init; }

    /// <summary>Bytes allocated per call of ours.</summary>
    public required double AllocatedBytes { get; init; }

    /// <summary>The FMA peak of one core times the threads that can run at once, in GFLOPS.</summary>
    public required double PeakGflops { get; init; }

    /// <summary>Read bandwidth at the size of the weights, in bytes per nanosecond (GB/s); null where reading does not bound the work.</summary>
    public double? BytesPerNanosecond { get; init; }

    /// <summary>The peer's times; null where it is absent.</summary>
    public Samples? Peer { get; init; }

    public string? PeerName { get; init; }

    /// <summary>The largest difference between our outputs and the peer's; null where they compute different things.</summary>
    public double? LargestDifference { get; init; }

    public double Gflops => Workload.Flops / Ours.Median * GigaPerNano;

    public double PeakFraction => Gflops / PeakGflops;

    /// <summary>The time that reading the weights alone takes, in nanoseconds.</summary>
    public double? FloorNanoseconds => Workload.WeightBytesRead / BytesPerNanosecond;

    /// <summary>The peer's time over ours: above 1 where ours is faster.</summary>
    public double? Ratio => Peer?.Median / Ours.Median;

    public static Comparison Measure(Workload workload, TimeSpan perContestant, CancellationToken stop)
    {
        using EngineWork ours = EngineWork.Create(workload);
        using OneDnnWork? peer = OneDnn.Instance is { } library ? new OneDnnWork(library, workload) : null;
        TilePeak peak = TilePeak.Create(workload.Kernels);
        IReadOnlyList<ReadBandwidth> readers =
            workload.IsBoundByBandwidth ? ReadBandwidth.ForWeights(workload.Kernels, workload.ResidentBytes) : [];
        ITimed[] contestants = peer is null ? [ours, peak, .. readers] : [ours, peak, .. readers, peer];
        Sampler sampler = new(perContestant, stop) { PausesBetweenSamples = workload.Threads > 1 && peer is not null };
        Samples[] samples = sampler.Collect(contestants);
        int cores = Math.Min(workload.Threads, Environment.ProcessorCount);
        return new Comparison
        {
            Workload = workload,
            Ours = samples[0],
            AllocatedBytes = sampler.AllocatedBytes(ours),
            PeakGflops = cores * peak.Flops / samples[1].Min,
            BytesPerNanosecond = readers.Count == 0 ? null : readers.Zip(samples.Skip(2), (reader, times) => reader.Bytes / times.Min).Max(),
            Peer = peer is null ? null : samples[^1],
            PeerName = OneDnn.Instance?.Name,
            LargestDifference = peer is null || workload.Mode == WorkloadMode.Step || workload.Dense > 0 ? null : Difference(ours.Output, peer.Output),
        };
    }

    private static double Difference(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        double largest = 0;
        for (int i = 0; i < left.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(left[i] - right[i]));
        }

        return largest;
    }
}
