using FastRecurrent.Memory;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// Trains a model: <see cref="Fit"/> runs epochs over training data, <see cref="Step"/> is one step of a loop of one's own. The same data,
/// options and seeds give the same weights, bit for bit, for any number of threads, and through any number of checkpoints. A trainer
/// goes on where it stands: training anew takes a new trainer. One caller at a time.
/// </summary>
public sealed class Trainer
{
    private readonly AlignedBuffer _output;
    private readonly AlignedBuffer _outputGradient;
    private readonly bool _lengthsReachOutput;
    private BatchBuffers? _evaluated;

    /// <summary>A trainer that stands at the beginning. The optimizer's moments and all buffers are allocated here.</summary>
    /// <exception cref="ArgumentNullException">The model, the loss or the optimizer is null.</exception>
    /// <exception cref="ArgumentException">An option is out of its range, or does not fit the model; the loss does not fit the model's output.</exception>
    public Trainer(TrainableModel model, Loss loss, Optimizer optimizer, TrainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(optimizer);
        Options = options ?? new();
        Options.Validate(model);
        Model = model;
        Loss = loss;
        TargetSize = loss.TargetSize(model.Definition.OutputSize);
        Updater = new ParameterUpdater(model, optimizer, new() { Clipping = Options.Clipping, NonFinite = Options.NonFinite });
        long outputs = (long)model.Definition.OutputTime(model.Options.MaxTime) * model.Options.MaxBatch * model.Definition.OutputSize;
        _output = new AlignedBuffer(outputs);
        _outputGradient = new AlignedBuffer(outputs);
        _lengthsReachOutput = !model.Definition.OutputIsVector && !model.Definition.Layers.Any(layer => layer is RepeatVectorLayer);
        State = new();
    }

    /// <summary>The model that is trained.</summary>
    public TrainableModel Model { get; }

    /// <summary>What is made small.</summary>
    public Loss Loss { get; }

    /// <summary>The optimizer at work, with the gradient norms of the last step.</summary>
    public ParameterUpdater Updater { get; }

    /// <summary>The options.</summary>
    public TrainerOptions Options { get; }

    /// <summary>Training steps so far, those before a checkpoint included.</summary>
    public long Iteration => State.Iteration;

    /// <summary>What <see cref="Fit"/> has seen so far.</summary>
    public TrainingHistory History => State.History;

    internal TrainerState State { get; set; }

    /// <summary>Values of a target step.</summary>
    internal int TargetSize { get; }

    internal int BatchSize => Options.BatchSize ?? Model.Options.MaxBatch;

    /// <summary>Set by <see cref="Stop"/>, taken by <see cref="Fit"/>.</summary>
    internal bool StopRequested { get; set; }

    /// <summary>
    /// One training step: forward, loss, backward, clipping, optimizer. Nothing is allocated. Where a loss or gradient is not finite,
    /// or no step of the target counts, weights, running statistics and moments stay as they are.
    /// </summary>
    /// <param name="x">[T, N, I], time-major; [N, I] for a network whose input is a vector.</param>
    /// <param name="target">[T', N, target], T' and target as the network's output and the loss want them.</param>
    /// <param name="time">T, 1 to the model's longest.</param>
    /// <param name="batch">N, 1 to the model's largest.</param>
    /// <param name="options">Lengths, weights, states.</param>
    /// <exception cref="ArgumentException">A span or an option does not fit; weights, running statistics and moments have not changed.</exception>
    /// <exception cref="NotFiniteNumberException">A loss or gradient is not finite, and the options say to throw; weights, running statistics and moments have not changed.</exception>
    public TrainingStep Step(ReadOnlySpan<float> x, ReadOnlySpan<float> target, int time, int batch, TrainingStepOptions options = default)
    {
        double rate = Updater.Optimizer.LearningRate * Options.Schedule.Factor(State.Epoch, Updater.StepCount, State.Schedule);
        UpdateResult result = UpdateResult.Skipped;
        Span<float> y = Forward(x, time, batch, options.Lengths, options.InitialState, options.FinalState);
        try
        {
            Span<float> dy = _outputGradient.Span[..y.Length];
            LossValue loss = Measure(y, target, time, batch, options.Lengths, options.Weights, dy);
            if (loss.Weight == 0)
            {
                return new TrainingStep(loss, 0, rate, result);
            }

            double gradientNorm = double.NaN;
            if (double.IsFinite(loss.Mean))
            {
                Model.Backward(dy);
                result = Updater.Step(rate);
                gradientNorm = Updater.GradientNorm;
            }
            else
            {
                result = RefuseLoss(loss.Mean);
            }

            State.Iteration++;
            State.LearningRate = rate;
            return new TrainingStep(loss, gradientNorm, rate, result);
        }
        finally
        {
            if (result != UpdateResult.Applied)
            {
                UndoForward();
            }
        }
    }

    /// <summary>The loss over data, as at inference: without dropout, and with the running statistics of batch normalization.</summary>
    /// <exception cref="ArgumentException">The data do not fit the model or the loss.</exception>
    public LossValue Evaluate(ITrainingData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        RequireFit(data, nameof(data));
        if (_evaluated is null || _evaluated.Shape != data.Shape)
        {
            _evaluated = new BatchBuffers(data.Shape, BatchSize);
        }

        EpochOrder order = new(data.Count, shuffle: false, seed: 0);
        RecurrentState? state = Options.TruncatedSteps > 0 ? Model.CreateState(BatchSize) : null;
        int[] lengths = new int[BatchSize];
        LossValue total = default;
        bool wasTraining = Model.IsTraining;
        Model.IsTraining = false;
        try
        {
            for (int first = 0; first < data.Count; first += BatchSize)
            {
                ReadOnlySpan<int> samples = order.Samples(0, first, Math.Min(BatchSize, data.Count - first));
                TimeWindows windows = new(_evaluated.Fill(data, samples, epoch: 0), Options.TruncatedSteps, lengths);
                state?.Clear();
                for (int w = 0; w < windows.Count; w++)
                {
                    int time = windows.Time(w);
                    Span<float> y = Forward(windows.Inputs(w), time, samples.Length, windows.Lengths(w), state, state);
                    total += Measure(y, windows.Targets(w), time, samples.Length, windows.Lengths(w), windows.Weights(w), default);
                }
            }
        }
        finally
        {
            Model.IsTraining = wasTraining;
        }

        return total;
    }

    /// <summary>
    /// Trains until the epochs are done, the loss no longer falls, or the caller cancels; a trainer that has nothing left to do returns at
    /// once. Cancelling ends the training between two steps: nothing is lost, a checkpoint is written where one is asked for, and another
    /// call, or <see cref="LoadCheckpoint"/> in another process, goes on bit for bit.
    /// </summary>
    /// <remarks>
    /// With early stopping the best weights are put back in the end, unless the caller cancelled; the last checkpoint holds the last
    /// weights and the best ones.
    /// </remarks>
    /// <param name="data">The training data.</param>
    /// <param name="validation">Data whose loss is looked at behind epochs; null for none.</param>
    /// <param name="progress">Told at the intervals of the options; null for nobody.</param>
    /// <param name="cancellation">Ends the training between two steps; no exception is thrown.</param>
    /// <returns>What the training came to; <see cref="TrainingHistory.End"/> says why it ended.</returns>
    /// <exception cref="ArgumentException">The data do not fit the model, the loss, or the checkpoint that training goes on from.</exception>
    /// <exception cref="NotFiniteNumberException">A loss or gradient is not finite, and the options say to throw; the weights are those of the step before.</exception>
    /// <exception cref="IOException">A checkpoint cannot be written; the one before is still there.</exception>
    public TrainingHistory Fit(
        ITrainingData data, ITrainingData? validation = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        RequireFit(data, nameof(data));
        if (validation is not null)
        {
            RequireFit(validation, nameof(validation));
        }

        if (State.DataCount != 0 && (State.DataCount != data.Count || State.DataTime != data.Shape.Time))
        {
            throw new ArgumentException(
                $"The training began with {State.DataCount} samples of {State.DataTime} steps an epoch and cannot go on with {data.Count} of {data.Shape.Time}; "
                + "make a new trainer for other data.", nameof(data));
        }

        State.DataCount = data.Count;
        State.DataTime = data.Shape.Time;
        StopRequested = false;
        return new TrainingRun(this, data, validation, progress, cancellation).Run();
    }

    /// <summary>Makes <see cref="Fit"/> end behind the current step, as cancelling does; for callbacks.</summary>
    public void Stop() => StopRequested = true;

    /// <summary>Writes everything that going on bit for bit takes; whoever reads the path finds the old checkpoint or the new one.</summary>
    /// <exception cref="IOException">The file cannot be written; the one before is still there.</exception>
    public void SaveCheckpoint(string path) => TrainerCheckpoint.Save(this, path);

    /// <summary>
    /// Goes on from a checkpoint: of the same network, optimizer, seeds and batch size, made with any instruction set and any number of
    /// threads. Learning rate, number of epochs and other options are those of this trainer.
    /// </summary>
    /// <exception cref="CheckpointException">The file is missing, torn, damaged, or of another training. Nothing has changed.</exception>
    public void LoadCheckpoint(string path) => TrainerCheckpoint.Load(this, path);

    internal Span<float> Forward(
        ReadOnlySpan<float> x, int time, int batch, ReadOnlySpan<int> lengths, RecurrentState? initial, RecurrentState? final)
    {
        Require.Range(time, Model.Options.MaxTime, nameof(time), "model");
        Require.Range(batch, Model.Options.MaxBatch, nameof(batch), "model");
        Span<float> y = _output.Span[..(Model.Definition.OutputTime(time) * batch * Model.Definition.OutputSize)];
        Model.Forward(x, time, batch, y, new SequenceOptions { Lengths = lengths, InitialState = initial, FinalState = final });
        return y;
    }

    private void UndoForward()
    {
        Model.Enter();
        try
        {
            Model.UndoForward();
        }
        finally
        {
            Model.Exit();
        }
    }

    private LossValue Measure(
        Span<float> y, ReadOnlySpan<float> target, int time, int batch, ReadOnlySpan<int> lengths, ReadOnlySpan<float> weights, Span<float> dy) =>
        Loss.Evaluate(
            y, target, Model.Definition.OutputTime(time), batch, Model.Definition.OutputSize, dy,
            new LossOptions { Weights = weights, Lengths = _lengthsReachOutput ? lengths : default });

    private UpdateResult RefuseLoss(double loss) => Options.NonFinite switch
    {
        NonFiniteGradients.Skip => UpdateResult.Skipped,
        NonFiniteGradients.Stop => UpdateResult.Stopped,
        _ => throw new NotFiniteNumberException(
            $"The loss of step {State.Iteration + 1} is {loss}; the weights were not changed. Look for values in the data that are not finite, or choose NonFiniteGradients.Skip.", loss),
    };

    private void RequireFit(ITrainingData data, string name)
    {
        ModelDefinition definition = Model.Definition;
        SampleShape shape = data.Shape;
        shape.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(data.Count, 1, name);
        int outputTime = definition.OutputTime(shape.Time);
        if (shape.InputSize != definition.InputSize || shape.TargetTime != outputTime || shape.TargetSize != TargetSize)
        {
            throw new ArgumentException(
                $"The data have {shape.InputSize} input features and targets of {shape.TargetTime} x {shape.TargetSize} values; the network and the loss want "
                + $"{definition.InputSize}, and {outputTime} x {TargetSize} for {shape.Time} steps.", name);
        }

        if (shape.HasLengths && !Model.Options.Lengths)
        {
            throw new ArgumentException("The data have lengths, and this model was made without room for them; set TrainableModelOptions.Lengths.", name);
        }

        int longest = definition.InputIsVector ? 1 : Options.TruncatedSteps > 0 ? int.MaxValue : Model.Options.MaxTime;
        if (shape.Time > longest)
        {
            throw new ArgumentException($"The data have {shape.Time} steps; this model takes {longest}. Make it for a longer T, or set TruncatedSteps.", name);
        }
    }
}
