namespace FastRecurrent;

/// <summary>Sizes and options that a <see cref="TrainableModel"/> is made for.</summary>
public sealed record TrainableModelOptions
{
    /// <summary>For <see cref="RecomputeSteps"/>: the square root of <see cref="MaxTime"/>, rounded up.</summary>
    public const int SquareRootSteps = -1;

    /// <summary>The longest T, at least 1.</summary>
    public required int MaxTime { get; init; }

    /// <summary>The largest N, at least 1.</summary>
    public required int MaxBatch { get; init; }

    /// <summary>How many threads may work at once, the caller included. Default: the processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Whether <see cref="TrainableModel.Forward"/> takes lengths; in reverse directions some steps then run forward twice.</summary>
    public bool Lengths { get; init; }

    /// <summary>
    /// 0, C, or <see cref="SquareRootSteps"/>: keep what backward needs of C steps only, and the state at every C-th step; backward computes the rest again, C
    /// steps at a time (Chen et al. 2016). With C about the square root of T the memory falls to about its square root, the time
    /// grows by a forward pass, and the results keep their bits. With reverse directions or batch normalization the outputs of the layers are kept as well. Default
    /// 0: everything is kept, as far as a layer has room: (G + 2) H floats a direction, row and step.
    /// </summary>
    public int RecomputeSteps { get; init; }

    /// <summary>Decides the masks of dropout.</summary>
    public ulong Seed { get; init; }

    /// <summary>The instruction set; null, the default, for <see cref="KernelSets.Default"/>.</summary>
    public KernelSet? Kernels { get; init; }
}
