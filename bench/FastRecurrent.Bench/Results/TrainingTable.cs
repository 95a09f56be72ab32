using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Results;

/// <summary>The training rows, as issue 3 states them.</summary>
internal static class TrainingTable
{
    private const double TwoThreads = 1.85;

    public static SpeedTable Create() => new(
        "training",
        "Training",
        [
            new(Train(CellKind.Lstm, 50, 64, 128), Opponent.Itself),
            new(Train(CellKind.Lstm, 10, 1, 100), Opponent.OneDnn) { MinRatio = 1.7 },
            .. SpeedTable.ForEach([CellKind.Lstm, CellKind.Gru], cell => new(Train(cell, 50, 32, 20), Opponent.OneDnn) { MinRatio = 2.2 }),
            .. SpeedTable.ForEach([CellKind.Lstm, CellKind.Gru], cell => new(Train(cell, 50, 64, 128), Opponent.OneDnn) { MinRatio = 1.2 }),
            .. SpeedTable.ForEach([CellKind.Lstm, CellKind.Gru], cell => new(Train(cell, 50, 64, 512), Opponent.OneDnn) { MinRatio = 1.05, MinPeak = 0.85 }),
            new(LongGru(), Opponent.OneDnn) { MinRatio = 1.1 },
            .. SpeedTable.ForEach(
                [CellKind.Lstm, CellKind.Gru],
                cell => new(Train(cell, 50, 64, 512) with { Threads = 2 }, Opponent.OneThread) { MinRatio = TwoThreads }),
            new(LongGru() with { Threads = 2 }, Opponent.OneThread) { MinRatio = TwoThreads },
            Iteration(
                "notebook: LSTM(100) x 2, last step, Dense(100, relu), Dense(100)",
                () => new ModelBuilder(100).Lstm(100).Lstm(100).LastStep().Dense(100, Activation.Relu).Dense(100).Build(),
                time: 10,
                batch: 1,
                maxMilliseconds: 0.2,
                torchMilliseconds: 2.4),
            Iteration(
                "lecture: SimpleRNN(20, 20, 1), last step",
                () => new ModelBuilder(1).SimpleRnn(20).SimpleRnn(20).SimpleRnn(1).LastStep().Build(),
                time: 50,
                batch: 32,
                maxMilliseconds: 0.25,
                torchMilliseconds: 3.9),
            Iteration(
                "lecture: LSTM(20) x 2, Dense(10)",
                () => new ModelBuilder(1).Lstm(20).Lstm(20).Dense(10).Build(),
                time: 50,
                batch: 32,
                maxMilliseconds: 0.7,
                torchMilliseconds: 10),
        ],
        "A call of `train` is a forward and all gradients (input, weights, biases, initial state), of `train-step` a whole iteration with mean squared error, "
        + "clipping and Adam; GFLOPS count three times a forward's products.\n"
        + "PyTorch's times are the lowest seen of version 1.13 on another occasion; they were not measured in this run.");

    private static SpeedRow Iteration(string name, Func<ModelDefinition> create, int time, int batch, double maxMilliseconds, double torchMilliseconds) =>
        new(new NetworkWorkload(name, create) { Mode = WorkloadMode.TrainStep, Time = time, Batch = batch, Kernels = KernelSets.Default }, Opponent.None)
        {
            MaxNanoseconds = maxMilliseconds * 1e6,
            Elsewhere = new("PyTorch 1.13", torchMilliseconds * 1e6),
        };

    private static StackWorkload LongGru() => Train(CellKind.Gru, 168, 64, 512) with { Input = 20 };

    private static StackWorkload Train(CellKind cell, int time, int batch, int size) => new()
    {
        Cell = cell,
        Mode = WorkloadMode.Train,
        Time = time,
        Batch = batch,
        Input = size,
        Hidden = size,
        Kernels = KernelSets.Default,
    };
}
