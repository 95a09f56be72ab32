using BenchmarkDotNet.Attributes;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>How fast is a whole sequence, by cell and by what bounds it: arithmetic (N64), small products (H20), bandwidth (N1)?</summary>
public class ForwardByCellAndShape : WorkloadBenchmark
{
    private static readonly (int Batch, int Size)[] Shapes = [(64, 128), (8, 256), (32, 20), (1, 128)];

    public static IEnumerable<WorkloadCost> Works =>
        from cell in Enum.GetValues<CellKind>()
        from shape in Shapes
        select new WorkloadCost(new StackWorkload
        {
            Cell = cell,
            Mode = WorkloadMode.Infer,
            Time = 50,
            Batch = shape.Batch,
            Input = shape.Size,
            Hidden = shape.Size,
            Kernels = KernelSets.Default,
        });

    [Benchmark(Baseline = true)]
    public void OneDnn() => Peer.Run(1);

    [Benchmark]
    public void FastRecurrent() => Ours.Run(1);

    [Benchmark]
    public void ScalarC() => Scalar.Run();
}
