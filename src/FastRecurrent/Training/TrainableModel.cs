using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Threading;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// A network whose weights change: a forward pass that keeps what backward needs, backpropagation through time, and the
/// gradients. All memory is allocated when it is made; a pass allocates nothing. For one caller at a time. Gradients are
/// the same bits for any number of threads.
/// </summary>
public sealed unsafe class TrainableModel : IDisposable
{
    private readonly TrainingBatch _batch;
    private readonly BatchRun _run;
    private readonly TrainableValues[] _values;
    private readonly ParameterBlock[] _blocks;
    private readonly StateLayout _states;
    private SequenceLayout _layout;
    private bool _canGoBack;
    private bool _disposed;
    private int _busy;

    /// <summary>A model with a copy of the given weights.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The parameters belong to another definition, a size is out of its range, or the sizes ask for more memory than one buffer can hold.</exception>
    /// <exception cref="NotSupportedException">The network has an activation whose derivative does not follow from its value (a negative slope below 0), or takes a vector and is to recompute.</exception>
    public TrainableModel(ModelDefinition definition, ParameterSet parameters, TrainableModelOptions options)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        if (parameters.Definition != definition)
        {
            throw new ArgumentException("These parameters were made for another definition; make them with new ParameterSet(definition).", nameof(parameters));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxTime, 1, nameof(options.MaxTime));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBatch, 1, nameof(options.MaxBatch));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RecomputeSteps, TrainableModelOptions.SquareRootSteps, nameof(options.RecomputeSteps));
        Require.Threads(options.Threads);
        Definition = definition;
        Options = options;
        Kernels = options.Kernels ?? KernelSets.Default;
        TrainingLimits limits = new(definition.InputIsVector ? 1 : options.MaxTime, options.MaxBatch, options.Lengths);
        try
        {
            _batch = new TrainingBatch(limits, MaxFeatures(definition));
            _run = BatchRun.Create(definition, parameters, _batch, KernelFactory.For(Kernels), options);
        }
        catch (OverflowException error)
        {
            throw new ArgumentException(
                $"MaxTime {options.MaxTime} x MaxBatch {options.MaxBatch} asks for more memory than can be addressed; make the sizes smaller, or recompute (RecomputeSteps).", nameof(options), error);
        }

        _values = [.. _run.Layers.SelectMany(layer => layer.Values)];
        _blocks = [.. _values.Select(values => values.Block)];
        _states = new StateLayout(definition);
    }

    /// <summary>The network's description.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>What the model was made for.</summary>
    public TrainableModelOptions Options { get; }

    /// <summary>The instruction set that the weights are packed for.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Whether forward passes are those of training: dropout and batch statistics act. False: as at inference. Default true.</summary>
    public bool IsTraining { get; set; } = true;

    /// <summary>Bytes kept from forward to backward and for the way: everything but weights, their transposes, gradients and an optimizer's moments.</summary>
    public long WorkspaceBytes => _run.WorkspaceBytes;

    /// <summary>Counts the forward passes in training mode: with the seed it decides the masks of dropout. Saved in checkpoints.</summary>
    internal ulong ForwardCount { get; set; }

    /// <summary>What optimizers walk over.</summary>
    internal ReadOnlySpan<ParameterBlock> Blocks => _blocks;

    /// <summary>The threads, null for one.</summary>
    internal WorkerPool? Pool => _run.Pool;

    /// <summary>y of x, keeping what <see cref="Backward"/> needs.</summary>
    /// <param name="x">[T, N, I], or [N, T, I] batch-major; [N, I] for a network whose input is a vector (T = 1).</param>
    /// <param name="time">T, 1..MaxTime.</param>
    /// <param name="batch">N, 1..MaxBatch.</param>
    /// <param name="y">[T, N, O], or [N, T, O] batch-major; [N, O] for a network that ends in a vector.</param>
    /// <param name="options">Lengths, states and layout.</param>
    /// <exception cref="ArgumentOutOfRangeException">T or N is below 1 or above the model's size, or a length is outside 0..T.</exception>
    /// <exception cref="ArgumentException">A span has the wrong size or the spans overlap, a state has too few rows or other sizes, or lengths were not announced in the options.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in this model.</exception>
    public void Forward(ReadOnlySpan<float> x, int time, int batch, Span<float> y, SequenceOptions options = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Require.Range(time, _batch.Limits.Time, nameof(time), "model");
        Require.Range(batch, _batch.Limits.Batch, nameof(batch), "model");
        int outputTime = Definition.OutputTime(time);
        Require.Length(x.Length, time, batch, Definition.InputSize, "T x N x I", nameof(x));
        Require.Length(y.Length, outputTime, batch, Definition.OutputSize, "T x N x O", nameof(y));
        Require.NoOverlap(x, y, nameof(y));
        Require.Options(options, time, batch, _states);
        if (!options.Lengths.IsEmpty && !Options.Lengths)
        {
            throw new ArgumentException("This model was made without room for lengths; set TrainableModelOptions.Lengths.", nameof(options));
        }

        Enter();
        try
        {
            _canGoBack = false;
            _layout = options.Layout;
            _batch.Set(time, batch, options.Lengths);
            StateCopy.Load(_run.States, _batch.Order, options.InitialState);
            if (IsTraining)
            {
                ForwardCount++;
            }

            fixed (float* input = x, output = y)
            {
                _run.Forward(input, output, _layout, IsTraining, ForwardCount);
            }

            if (options.FinalState is { } final)
            {
                StateCopy.StoreFinal(_run.States, _batch.Order, final);
            }

            _canGoBack = true;
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>
    /// All gradients of the last forward pass's batch for dL/dy, of weights, biases and all other parameters; they replace the
    /// ones before. A forward pass may go back once.
    /// </summary>
    /// <param name="dy">dL/dy in the shape and layout of y; what stands behind a row's end is not read.</param>
    /// <param name="options">Gradients of input and states.</param>
    /// <exception cref="ArgumentException">A span has the wrong size, a state has too few rows or other sizes, or the report is another model's.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    /// <exception cref="InvalidOperationException">There was no forward pass, or it has gone back already, or another thread is in this model.</exception>
    public void Backward(ReadOnlySpan<float> dy, BackwardOptions options = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Enter();
        try
        {
            if (!_canGoBack)
            {
                throw new InvalidOperationException("There is no forward pass to go back through; every Backward needs a Forward before it.");
            }

            StepRows steps = _batch.Steps;
            Require.Length(dy.Length, Definition.OutputTime(steps.Time), steps.Rows, Definition.OutputSize, "T x N x O", nameof(dy));
            if (!options.InputGradient.IsEmpty)
            {
                Require.Length(options.InputGradient.Length, steps.Time, steps.Rows, Definition.InputSize, "T x N x I", nameof(options));
                Require.NoOverlap(dy, options.InputGradient, nameof(options));
            }

            Require.State(options.FinalStateGradient, steps.Rows, "final gradient's", _states);
            Require.State(options.InitialStateGradient, steps.Rows, "initial gradient's", _states);
            if (options.HiddenGradients is { } other && other.Model != this)
            {
                throw new ArgumentException("The report of hidden gradients was made by another model; make it with CreateHiddenGradientReport of this one.", nameof(options));
            }

            _canGoBack = false;
            StateCopy.LoadGradients(_run.States, _batch.Order, options.FinalStateGradient);
            options.HiddenGradients?.Begin(_run.States, steps.Time, steps.Rows);
            try
            {
                fixed (float* gradient = dy, inputGradient = options.InputGradient)
                {
                    _run.Backward(gradient, inputGradient, _layout);
                }
            }
            finally
            {
                options.HiddenGradients?.End(_run.States);
            }

            if (options.InitialStateGradient is { } initial)
            {
                StateCopy.StoreGradients(_run.States, _batch.Order, initial);
            }
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>A copy of the weights (and running statistics) in logical order.</summary>
    /// <exception cref="InvalidOperationException">Another thread is in this model.</exception>
    public ParameterSet ExportParameters()
    {
        ParameterSet set = new(Definition);
        Enter();
        try
        {
            foreach (TrainableValues values in _values)
            {
                values.Export(values.Block.Weights, set);
            }

            foreach (TrainingLayer layer in _run.Layers)
            {
                layer.ExportOther(set);
            }
        }
        finally
        {
            // The blocks are addresses; this call is the model's last use that keeps their memory alive.
            Exit();
        }

        return set;
    }

    /// <summary>A copy of the gradients in logical order; zeros for what has none.</summary>
    /// <exception cref="InvalidOperationException">Another thread is in this model.</exception>
    public ParameterSet ExportGradients()
    {
        ParameterSet set = new(Definition);
        foreach (string name in set.Names)
        {
            set[name].Clear();
        }

        Enter();
        try
        {
            foreach (TrainableValues values in _values)
            {
                values.Export(values.Block.Gradients, set);
            }
        }
        finally
        {
            Exit();
        }

        return set;
    }

    /// <summary>Replaces all weights.</summary>
    /// <exception cref="ArgumentException">The parameters belong to another definition.</exception>
    /// <exception cref="InvalidOperationException">Another thread is in this model.</exception>
    public void Load(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Definition != Definition)
        {
            throw new ArgumentException("These parameters were made for another definition; make them with new ParameterSet(definition).", nameof(parameters));
        }

        Enter();
        try
        {
            foreach (TrainableValues values in _values)
            {
                values.Import(parameters, values.Block.Weights);
            }

            foreach (TrainingLayer layer in _run.Layers)
            {
                layer.ImportOther(parameters);
            }

            WeightsChanged();
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>The weights as they are now, as an immutable model for inference.</summary>
    /// <exception cref="InvalidOperationException">Another thread is in this model.</exception>
    public RecurrentModel ToModel() => new(Definition, ExportParameters(), Kernels);

    /// <summary>A zero state, to hand the end of one piece of a sequence to the next.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is below 1.</exception>
    public RecurrentState CreateState(int batch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        return new RecurrentState(_states, batch);
    }

    /// <summary>A report for <see cref="BackwardOptions.HiddenGradients"/>, with room for the model's longest sequence and largest batch.</summary>
    public HiddenGradientReport CreateHiddenGradientReport() => new(this, _states);

    /// <summary>Ends the model's threads.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _run.Dispose();
        }
    }

    /// <summary>To be called between <see cref="Enter"/> and <see cref="Exit"/>, after an optimizer changed the blocks' weights and filled the copies of their pieces.</summary>
    internal void Updated()
    {
        // What the last forward pass kept belongs to the weights before.
        _canGoBack = false;
        foreach (TrainingLayer layer in _run.Layers)
        {
            layer.Updated();
        }
    }

    /// <summary>To be called between <see cref="Enter"/> and <see cref="Exit"/>, after the weights in the blocks were changed: repacks what depends on them.</summary>
    internal void WeightsChanged()
    {
        _canGoBack = false;
        foreach (TrainingLayer layer in _run.Layers)
        {
            layer.WeightsChanged();
        }
    }

    /// <summary>To be called between <see cref="Enter"/> and <see cref="Exit"/>, where the batch of the last forward pass in training mode was refused: running statistics are again what they were before it.</summary>
    internal void UndoForward()
    {
        foreach (TrainingLayer layer in _run.Layers)
        {
            layer.UndoForward();
        }
    }

    /// <summary>
    /// The sum of squares of each block's gradients, in double, the same bits for every instruction set and thread count. Not
    /// finite where a gradient is not.
    /// </summary>
    internal void SquaredGradientNorms(Span<double> blocks)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            blocks[i] = _values[i].SquaredNorm();
        }
    }

    /// <summary>Copies values that lie like the blocks' weights (moments, say; one buffer a block) to logical order.</summary>
    internal void ExportLike(ReadOnlySpan<AlignedBuffer> blocks, ParameterSet destination)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i].Export(blocks[i].Pointer, destination);
        }
    }

    /// <summary>The reverse of <see cref="ExportLike"/>.</summary>
    internal void ImportLike(ParameterSet source, ReadOnlySpan<AlignedBuffer> blocks)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i].Import(source, blocks[i].Pointer);
        }
    }

    private static int MaxFeatures(ModelDefinition definition)
    {
        int size = definition.InputSize;
        int widest = size;
        foreach (LayerDefinition layer in definition.Layers)
        {
            size = layer.OutputSize(size);
            widest = Math.Max(widest, size);
        }

        return widest;
    }

    /// <summary>Keeps other callers out until <see cref="Exit"/>.</summary>
    internal void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
        {
            throw new InvalidOperationException("Another thread is using this model; a trainable model is for one caller at a time.");
        }
    }

    internal void Exit() => Volatile.Write(ref _busy, 0);
}
