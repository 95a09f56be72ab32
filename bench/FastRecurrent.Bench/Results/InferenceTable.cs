using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Results;

/// <summary>The inference rows, as issue 2 states them.</summary>
internal static class InferenceTable
{
    public static SpeedTable Create() => new(
        "inference",
        "Inference",
        [
            new(Infer(CellKind.Lstm, 64, 128), Opponent.Itself),
            new(Step(CellKind.Lstm, 128, 128), Opponent.Itself),
            .. SpeedTable.ForEach([CellKind.Lstm, CellKind.Gru, CellKind.Rnn], cell => new(Infer(cell, 64, 128), Opponent.OneDnn) { MinRatio = 1.10 }),
            .. SpeedTable.ForEach([CellKind.Lstm, CellKind.Gru, CellKind.Rnn], cell => new(Infer(cell, 64, 512), Opponent.OneDnn) { MinRatio = 1.05, MinPeak = 0.90 }),
            .. SpeedTable.ForEach([CellKind.Lstm, CellKind.Gru], cell => new(Infer(cell, 8, 256), Opponent.OneDnn) { MinRatio = 1.05 }),
            new(Infer(CellKind.Lstm, 1, 128), Opponent.OneDnn) { MinRatio = 2 },
            new(Infer(CellKind.Lstm, 1, 512), Opponent.OneDnn) { MinRatio = 1.4 },
            new(Infer(CellKind.Gru, 1, 128), Opponent.OneDnn) { MinRatio = 1.25 },
            new(Step(CellKind.Lstm, 128, 128), Opponent.OneDnn) { MinRatio = 1.8 },
            new(Step(CellKind.Lstm, 256, 256), Opponent.OneDnn) { MinRatio = 1.1 },
            new(Step(CellKind.Lstm, 512, 512), Opponent.OneDnn) { MinRatio = 1.0 },
            new(Step(CellKind.Lstm, 256, 256) with { Threads = 2 }, Opponent.OneDnn) { MinRatio = 1.8 },
            new(Infer(CellKind.Lstm, 32, 20), Opponent.OneDnn) { MinRatio = 2.5 },
            AudioStep(16, 50, 52),
            AudioStep(20, 75, 228),
            AudioStep(40, 135, 296),
            AudioStep(64, 390, 606),
            AudioStep(128, 1500, 2400),
            new(Infer(CellKind.Lstm, 64, 512) with { Threads = 2 }, Opponent.OneThread) { MinRatio = 1.9 },
            new(Infer(CellKind.Lstm, 64, 512) with { Kernels = KernelSet.Avx2 }, Opponent.None) { MinPeak = 0.90 },
        ],
        "RTNeural's times are those of its best backend on one core of a Zen 5 server, measured in another run.");

    private static SpeedRow AudioStep(int hidden, double maxNanoseconds, double rtNeuralNanoseconds) =>
        new(Step(CellKind.Lstm, 1, hidden) with { Dense = 1 }, Opponent.None)
        {
            MaxNanoseconds = maxNanoseconds,
            Elsewhere = new("RTNeural", rtNeuralNanoseconds),
        };

    private static StackWorkload Infer(CellKind cell, int batch, int size) => new()
    {
        Cell = cell,
        Mode = WorkloadMode.Infer,
        Time = 50,
        Batch = batch,
        Input = size,
        Hidden = size,
        Kernels = KernelSets.Default,
    };

    private static StackWorkload Step(CellKind cell, int input, int hidden) => new()
    {
        Cell = cell,
        Mode = WorkloadMode.Step,
        Input = input,
        Hidden = hidden,
        Kernels = KernelSets.Default,
    };
}
