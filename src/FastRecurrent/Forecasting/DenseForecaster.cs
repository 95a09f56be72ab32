using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>How a <see cref="DenseForecaster"/> is trained.</summary>
public sealed record DenseForecasterOptions
{
    /// <summary>Units of the hidden layer, with relu; default 32.</summary>
    public int HiddenSize { get; init; } = 32;

    /// <summary>Training steps; default 1,000.</summary>
    public int Steps { get; init; } = 1000;

    /// <summary>N: windows of a training step, drawn at random; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Adam's rate at the beginning; it falls to 0 along a cosine. Default 3e-3.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>Decides first weights and draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads that may work at once; the result does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(HiddenSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
    }
}

/// <summary>
/// A baseline without recurrence: the T steps of a window side by side, a dense layer with relu, and a linear one to all H target steps
/// (direct forecast). It scales inputs and targets itself, by what it finds in the training windows, and so works in any unit.
/// </summary>
public sealed class DenseForecaster : IForecaster, IDisposable
{
    private readonly ModelForecaster _network;
    private readonly ChannelScale _inputs;
    private readonly ChannelScale _targets;
    private readonly float[] _history;

    private DenseForecaster(ModelForecaster network, ChannelScale inputs, ChannelScale targets)
    {
        (_network, _inputs, _targets) = (network, inputs, targets);
        _history = new float[network.MinHistory * network.InputSize];
    }

    /// <inheritdoc/>
    public int InputSize => _network.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _network.OutputSize;

    /// <inheritdoc/>
    public int Horizon => _network.Horizon;

    /// <inheritdoc/>
    public int MinHistory => _network.MinHistory;

    /// <summary>Trains on windows of the training data.</summary>
    /// <param name="training">Windows with targets for the last input step.</param>
    /// <param name="options">Size and training; left out, the defaults.</param>
    /// <param name="cancellation">Ends the training between two steps; the forecaster is then what was learned so far.</param>
    /// <exception cref="ArgumentException">Every step has targets, or an option is out of its range.</exception>
    /// <exception cref="NotFiniteNumberException">A value, the loss or a gradient is not finite.</exception>
    public static DenseForecaster Fit(WindowSet training, DenseForecasterOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        options ??= new();
        options.Validate();
        if (training.Options.EveryStep)
        {
            throw new ArgumentException(
                "A dense forecast is trained on windows with targets for the last step only; set EveryStep to false.", nameof(training));
        }

        (ChannelScale inputs, ChannelScale targets) = ChannelScale.Of(training);
        ModelDefinition network = ModelBuilder.FromVector(training.InputLength * training.InputSize)
            .Dense(options.HiddenSize, Activation.Relu)
            .Dense(training.TargetSize)
            .Build();
        using TrainableModel model = new(network, ParameterInitialization.Keras.Create(network, options.Seed), new TrainableModelOptions
        {
            MaxTime = 1,
            MaxBatch = options.BatchSize,
            Threads = options.Threads,
        });
        Trainer trainer = new(model, Loss.MeanSquaredError, new Adam { LearningRate = options.LearningRate }, new TrainerOptions
        {
            Shuffle = false, // the windows are drawn
            Schedule = new CosineSchedule(options.Steps) { Unit = ScheduleUnit.Step },
        });
        WindowTrainingOptions draws = new() { AsVector = true, Draws = checked(options.Steps * options.BatchSize), Seed = options.Seed };
        trainer.Fit(new ScaledWindows(new WindowTrainingData(training, draws), inputs, targets), cancellation: cancellation);
        return new DenseForecaster(new ModelForecaster(model.ToModel(), training.InputLength, training.Horizon, options.Threads), inputs, targets);
    }

    /// <inheritdoc/>
    /// <remarks>Of a longer history, the last T steps are taken.</remarks>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ForecasterCheck.Steps(this, history, forecast);
        history[^_history.Length..].CopyTo(_history);
        _inputs.Apply(_history);
        _network.Forecast(_history, forecast);
        _targets.Invert(forecast);
    }

    /// <summary>Ends the network's runner.</summary>
    public void Dispose() => _network.Dispose();

    /// <summary>Windows with inputs and targets scaled.</summary>
    private sealed class ScaledWindows(WindowTrainingData windows, ChannelScale inputs, ChannelScale targets) : ITrainingData
    {
        public int Count => windows.Count;

        public SampleShape Shape => windows.Shape;

        public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
        {
            windows.Fill(samples, epoch, batch);
            inputs.Apply(batch.Inputs);
            targets.Apply(batch.Targets);
        }
    }
}
