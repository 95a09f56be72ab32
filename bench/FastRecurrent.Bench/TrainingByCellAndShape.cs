using BenchmarkDotNet.Attributes;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>How fast are a forward and all gradients, by cell and by what bounds them: arithmetic (N64), small products (H20), one row?</summary>
public class TrainingByCellAndShape : WorkloadBenchmark
{
    private static readonly (int Time, int Batch, int Size)[] Shapes = [(50, 64, 128), (50, 32, 20), (10, 1, 100)];

    public static IEnumerable<WorkloadCost> Works =>
        from cell in Enum.GetValues<CellKind>()
        from shape in Shapes
        select new WorkloadCost(new StackWorkload
        {
            Cell = cell,
            Mode = WorkloadMode.Train,
            Time = shape.Time,
            Batch = shape.Batch,
            Input = shape.Size,
            Hidden = shape.Size,
            Kernels = KernelSets.Default,
        });

    [Benchmark(Baseline = true)]
    public void OneDnn() => Peer.Run(1);

    [Benchmark]
    public void FastRecurrent() => Ours.Run(1);
}
