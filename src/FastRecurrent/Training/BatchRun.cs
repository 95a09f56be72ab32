using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Threading;

namespace FastRecurrent.Training;

/// <summary>Runs a batch forward and backward, from and to the caller's memory.</summary>
internal abstract unsafe class BatchRun(TrainingLayer[] layers, WorkerPool? pool) : IDisposable
{
    public TrainingLayer[] Layers { get; } = layers;

    /// <summary>
    /// The run for a model: at once, or a few steps at a time. Where a layer needs the whole sequence of the one below it, as reverse directions and
    /// batch normalization do, layer after layer runs at once, and its recurrent directions go a few of their own steps at a time.
    /// </summary>
    /// <exception cref="NotSupportedException">The network takes a vector and is to run a few steps at a time.</exception>
    public static BatchRun Create(ModelDefinition definition, ParameterSet parameters, TrainingBatch batch, KernelFactory factory, TrainableModelOptions options)
    {
        int steps = options.RecomputeSteps switch
        {
            0 => int.MaxValue,
            TrainableModelOptions.SquareRootSteps => (int)Math.Ceiling(Math.Sqrt(batch.Limits.Time)),
            _ => options.RecomputeSteps,
        };
        if (options.RecomputeSteps != 0 && definition.InputIsVector)
        {
            throw new NotSupportedException("RecomputeSteps cuts sequences into pieces, but this network takes a vector; set it to 0.");
        }

        return options.RecomputeSteps != 0 && PiecewiseRun.Runs(definition)
            ? PiecewiseRun.Create(definition, parameters, batch, factory, options, steps)
            : new WholeRun(TrainingLayers.Create(definition, parameters, batch, batch, factory, options.Seed, steps), batch, options.Threads);
    }

    /// <summary>The state of every direction, in the order of <see cref="StateLayout"/>.</summary>
    public TrainingState[] States { get; } = StatesOf(layers);

    /// <summary>The threads, null for one.</summary>
    public WorkerPool? Pool { get; } = pool;

    /// <summary>Bytes beside weights and gradients.</summary>
    public abstract long WorkspaceBytes { get; }

    /// <summary>y of x; the layers' states go from the initial to the final ones.</summary>
    public abstract void Forward(float* x, float* y, SequenceLayout layout, bool isTraining, ulong passNumber);

    /// <summary>All gradients of the last forward pass; dL/dx, which may be null, too.</summary>
    public abstract void Backward(float* outputGradient, float* inputGradient, SequenceLayout layout);

    public void Dispose() => Pool?.Dispose();

    protected static TrainingState[] StatesOf(TrainingLayer[] layers) =>
        [.. layers.SelectMany(layer => Enumerable.Range(0, layer.StateCount).Select(layer.StateOf))];

    protected static WorkerPool? PoolOf(int threads) => threads > 1 ? new WorkerPool(threads) : null;

    protected static AlignedBuffer InputOf(TrainingBatch batch, TrainingLayer[] layers) =>
        new((batch.Limits.Rows * layers[0].InputSize) + AlignedBuffer.AlignmentFloats);

    protected static long BytesOf(AlignedBuffer buffer) => (long)buffer.Length * sizeof(float);
}

/// <summary>All steps at once.</summary>
internal sealed unsafe class WholeRun : BatchRun
{
    private readonly TrainingBatch _batch;
    private readonly TrainingNetwork _network;
    private readonly AlignedBuffer _input;

    public WholeRun(TrainingLayer[] layers, TrainingBatch batch, int threads)
        : base(layers, PoolOf(threads))
    {
        _batch = batch;
        _input = InputOf(batch, layers);
        _network = new TrainingNetwork(layers, batch, Pool, threads) { Input = _input.Pointer };
    }

    public override long WorkspaceBytes => _network.WorkspaceBytes + BytesOf(_input);

    public override void Forward(float* x, float* y, SequenceLayout layout, bool isTraining, ulong passNumber)
    {
        BatchLayout.Gather(x, layout, _batch, _batch.Steps, _input.Pointer, Layers[0].InputSize, 0, _batch.Steps.Time);
        _network.Forward(isTraining, passNumber);
        BatchLayout.Scatter(_network.Output, layout, _batch, _network.OutputSteps, y, Layers[^1].OutputSize, 0, _network.OutputSteps.Time);
    }

    public override void Backward(float* outputGradient, float* inputGradient, SequenceLayout layout)
    {
        StepRows outputSteps = _network.OutputSteps;
        bool isOutputCompact = BatchLayout.IsSame(_batch, outputSteps, layout, outputSteps.Time);
        bool isInputCompact = BatchLayout.IsSame(_batch, _batch.Steps, layout, _batch.Steps.Time);
        float* dy = isOutputCompact ? outputGradient : _network.OutputGradient;
        float* dx = inputGradient == null || isInputCompact ? inputGradient : _network.InputGradient;
        if (!isOutputCompact)
        {
            BatchLayout.Gather(outputGradient, layout, _batch, outputSteps, dy, Layers[^1].OutputSize, 0, outputSteps.Time);
        }

        _network.Backward(dy, dx, starts: true);
        _network.FinishGradients();
        if (inputGradient != null && !isInputCompact)
        {
            BatchLayout.Scatter(dx, layout, _batch, _batch.Steps, inputGradient, Layers[0].InputSize, 0, _batch.Steps.Time);
        }
    }
}
