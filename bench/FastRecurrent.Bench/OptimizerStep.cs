using BenchmarkDotNet.Attributes;

namespace FastRecurrent.Bench;

/// <summary>What does an optimizer's step cost, with norms, clipping and the repacking of the weights, by rule and by where the weights lie?</summary>
public class OptimizerStep : IDisposable
{
    private const double LargestNorm = 1;
    private const double LearningRate = 1e-6; // the same gradients are applied again and again
    private TrainableModel? _model;
    private ParameterUpdater? _updater;

    /// <summary>H of an LSTM with as many inputs: 8 H^2 weights, 27 thousand to 2.1 million.</summary>
    [Params(58, 128, 512)]
    public int Hidden { get; set; }

    [ParamsSource(nameof(Optimizers))]
    public NamedOptimizer? Optimizer { get; set; }

    public static IEnumerable<NamedOptimizer> Optimizers =>
    [
        new("SGD", new Sgd()),
        new("SGD, momentum", new Sgd { Momentum = 0.9 }),
        new("RMSProp", new RmsProp()),
        new("Adagrad", new Adagrad()),
        new("Adam", new Adam()),
        new("AdamW", new AdamW()),
    ];

    [GlobalSetup]
    public void SetUp()
    {
        ModelDefinition definition = new ModelBuilder(Hidden).Lstm(Hidden).Build();
        _model = new TrainableModel(definition, ParameterSet.Uniform(definition, seed: 1), new() { MaxTime = 1, MaxBatch = 1, Threads = 1 });
        _updater = new ParameterUpdater(_model, Optimizer!.Value, new() { Clipping = GradientClipping.ByGlobalNorm(LargestNorm) });
        float[] ones = new float[Hidden];
        Array.Fill(ones, 1);
        _model.Forward(ones, time: 1, batch: 1, new float[Hidden]);
        _model.Backward(ones);
    }

    [Benchmark]
    public void Step() => _updater!.Step(LearningRate);

    [GlobalCleanup]
    public void Dispose()
    {
        _model?.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>An optimizer as a benchmark's parameter.</summary>
public sealed record NamedOptimizer(string Name, Optimizer Value)
{
    public override string ToString() => Name;
}
