using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Results;

/// <summary>What a row measures beside this engine.</summary>
internal enum Opponent
{
    /// <summary>Nothing; the target is a time or a share of the peak.</summary>
    None,

    /// <summary>oneDNN on one thread.</summary>
    OneDnn,

    /// <summary>This engine on one thread.</summary>
    OneThread,

    /// <summary>The same again: how far the ratio of equal things strays from 1 is the error of every other row.</summary>
    Itself,
}

/// <summary>One row of the table of speeds to reach.</summary>
/// <param name="Work">What is timed.</param>
/// <param name="Opponent">What it is timed against, in the same run.</param>
internal sealed record SpeedRow(Workload Work, Opponent Opponent)
{
    /// <summary>The ratio opponent / ours to reach.</summary>
    public double? MinRatio { get; init; }

    /// <summary>The share of the FMA peak to reach.</summary>
    public double? MinPeak { get; init; }

    /// <summary>The time to reach, in nanoseconds.</summary>
    public double? MaxNanoseconds { get; init; }

    /// <summary>RTNeural's time with its best backend, measured on one core of a Zen 5 server and not in this run.</summary>
    public double? RtNeuralNanoseconds { get; init; }

    /// <summary>The rows, as issue 2 states them.</summary>
    public static IReadOnlyList<SpeedRow> All { get; } =
    [
        new(Infer(CellKind.Lstm, 64, 128), Opponent.Itself),
        new(Step(CellKind.Lstm, 128, 128), Opponent.Itself),
        .. Cells(CellKind.Lstm, CellKind.Gru, CellKind.Rnn).Select(cell => new SpeedRow(Infer(cell, 64, 128), Opponent.OneDnn) { MinRatio = 1.10 }),
        .. Cells(CellKind.Lstm, CellKind.Gru, CellKind.Rnn).Select(cell => new SpeedRow(Infer(cell, 64, 512), Opponent.OneDnn) { MinRatio = 1.05, MinPeak = 0.90 }),
        .. Cells(CellKind.Lstm, CellKind.Gru).Select(cell => new SpeedRow(Infer(cell, 8, 256), Opponent.OneDnn) { MinRatio = 1.05 }),
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
    ];

    private static SpeedRow AudioStep(int hidden, double maxNanoseconds, double rtNeuralNanoseconds) =>
        new(Step(CellKind.Lstm, 1, hidden) with { Dense = 1 }, Opponent.None)
        {
            MaxNanoseconds = maxNanoseconds,
            RtNeuralNanoseconds = rtNeuralNanoseconds,
        };

    private static CellKind[] Cells(params CellKind[] cells) => cells;

    private static Workload Infer(CellKind cell, int batch, int size) => new()
    {
        Cell = cell,
        Mode = WorkloadMode.Infer,
        Time = 50,
        Batch = batch,
        Input = size,
        Hidden = size,
        Kernels = KernelSets.Default,
    };

    private static Workload Step(CellKind cell, int input, int hidden) => new()
    {
        Cell = cell,
        Mode = WorkloadMode.Step,
        Input = input,
        Hidden = hidden,
        Kernels = KernelSets.Default,
    };
}
