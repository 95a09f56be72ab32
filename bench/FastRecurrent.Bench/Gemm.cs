using BenchmarkDotNet.Attributes;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>How close is the microkernel alone to the FMA peak, by depth K and kernel set? From K = 256 on, B leaves a 48 KB L1.</summary>
public class Gemm
{
    private const int Calls = 16;

    [ParamsSource(nameof(Tiles))]
    public TileCost? Tile { get; set; }

    public static IEnumerable<TileCost> Tiles =>
        from kernels in Enum.GetValues<KernelSet>()
        where KernelSets.IsNative(kernels)
        from depth in (int[])[16, 64, 128, 256, 1024]
        select new TileCost(kernels, depth);

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Multiply() => Tile!.Work.Run(Calls);
}

/// <summary>One tile, C = Init + A * B, of 6 rows.</summary>
public sealed class TileCost(KernelSet kernels, int depth) : Cost
{
    public override double Flops => Work.Flops;

    public override KernelSet Kernels => kernels;

    internal TilePeak Work { get; } = TilePeak.Create(kernels, depth);

    public override string ToString() => $"{KernelSets.Name(kernels)} K{depth}";
}
