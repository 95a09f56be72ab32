using BenchmarkDotNet.Attributes;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench;

/// <summary>How long does one step of a stream take, from audio-effect sizes (I = 1, and a Dense(1) that the peers do not compute) to weights beyond L2?</summary>
public class StreamingStep : WorkloadBenchmark
{
    private const int Steps = 32; // a call, so that the call itself costs nothing
    private static readonly (CellKind Cell, int Input, int Hidden, int Dense)[] Shapes =
    [
        (CellKind.Lstm, 1, 16, 1), (CellKind.Lstm, 1, 20, 1), (CellKind.Lstm, 1, 40, 1), (CellKind.Lstm, 1, 64, 1), (CellKind.Lstm, 1, 128, 1),
        (CellKind.Gru, 1, 16, 1), (CellKind.Gru, 1, 40, 1),
        (CellKind.Lstm, 128, 128, 0), (CellKind.Gru, 128, 128, 0), (CellKind.Lstm, 256, 256, 0), (CellKind.Lstm, 512, 512, 0),
    ];

    public static IEnumerable<WorkloadCost> Works => Shapes.Select(shape => new WorkloadCost(new StackWorkload
    {
        Cell = shape.Cell,
        Mode = WorkloadMode.Step,
        Input = shape.Input,
        Hidden = shape.Hidden,
        Dense = shape.Dense,
        Kernels = KernelSets.Default,
    }));

    [Benchmark(Baseline = true, OperationsPerInvoke = Steps)]
    public void OneDnn() => Peer.Run(Steps);

    [Benchmark(OperationsPerInvoke = Steps)]
    public void FastRecurrent() => Ours.Run(Steps);

    [Benchmark]
    public void ScalarC() => Scalar.Run();
}
