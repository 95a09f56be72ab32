namespace FastRecurrent;

/// <summary>
/// A network that was trained on windows of a series, as a forecaster in the series' own units: what <see cref="Backtest"/> and
/// <see cref="ForecastTable"/> take. The model and the scaler are what a model file needs to hold.
/// </summary>
public sealed class TrainedForecaster : IForecaster, IDisposable
{
    private readonly IForecaster _forecaster;

    private TrainedForecaster(IForecaster forecaster, RecurrentModel model, Scaler? scaler, TrainingHistory history)
    {
        _forecaster = forecaster;
        Model = model;
        Scaler = scaler;
        History = history;
    }

    /// <summary>The network, of scaled values.</summary>
    public RecurrentModel Model { get; }

    /// <summary>The scaler of the series' channels; null where nothing was scaled.</summary>
    public Scaler? Scaler { get; }

    /// <summary>How the training went.</summary>
    public TrainingHistory History { get; }

    /// <inheritdoc/>
    public int InputSize => _forecaster.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _forecaster.OutputSize;

    /// <inheritdoc/>
    public int Horizon => _forecaster.Horizon;

    /// <inheritdoc/>
    public int MinHistory => _forecaster.MinHistory;

    /// <summary>Fits the scaler, trains the network, and puts the two together.</summary>
    /// <param name="training">The training rows, and no others.</param>
    /// <param name="options">Windows, network and training.</param>
    /// <param name="validation">Rows to look at behind epochs, for early stopping for example; null for none. Scaled as the training rows are.</param>
    /// <param name="progress">Told at the intervals of the options; null for nobody.</param>
    /// <param name="cancellation">Ends the training between two steps; the forecaster is then what was learned so far.</param>
    /// <exception cref="ArgumentException">
    /// A series is too short for a window, a channel cannot be scaled, the network does not fit the windows, or an option is out of its range.
    /// </exception>
    /// <exception cref="NotFiniteNumberException">A loss or gradient is not finite, and the options say to throw.</exception>
    public static TrainedForecaster Fit(
        TimeSeries training,
        TrainedForecasterOptions options,
        TimeSeries? validation = null,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Scaler? scaler = options.Scaling is { } kind ? Scaler.Fit(kind, training, options.Constants) : null;
        WindowSet windows = new(Scaled(training), options.Windows);
        ModelDefinition network = options.Network(windows.InputSize, windows.TargetSize);
        RequireFit(network, windows);
        WindowTrainingOptions sampling = new() { AsVector = network.InputIsVector, WarmUp = options.WarmUp, Seed = options.Seed };
        WindowTrainingData data = new(windows, sampling with { Draws = options.Draws });
        WindowTrainingData? looked = validation is null ? null : new(new WindowSet(Scaled(validation), options.Windows), sampling);
        using TrainableModel model = new(network, options.Initialization.Create(network, options.Seed), new TrainableModelOptions
        {
            MaxTime = data.Shape.Time,
            MaxBatch = Math.Min(options.BatchSize, data.Count),
            Threads = options.Threads,
            Seed = options.Seed,
        });
        Trainer trainer = new(model, options.Loss, options.Optimizer, options.Training);
        TrainingHistory history = trainer.Fit(data, looked, progress, cancellation);
        RecurrentModel trained = model.ToModel();
        IForecaster forecaster = new ModelForecaster(trained, windows.InputLength, windows.Horizon);
        return new TrainedForecaster(scaler is null ? forecaster : InUnits(forecaster, scaler, training, options.Windows), trained, scaler, history);

        TimeSeries Scaled(TimeSeries series) => scaler is null ? series : scaler.Transform(series);
    }

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast) => _forecaster.Forecast(history, forecast);

    /// <summary>Ends the forecaster's runner.</summary>
    public void Dispose() => (_forecaster as IDisposable)?.Dispose();

    /// <summary>An input step holds its own channels and, H times, those whose future is known; each is scaled as its channel is.</summary>
    private static ScaledForecaster InUnits(IForecaster forecaster, Scaler scaler, TimeSeries series, WindowOptions windows)
    {
        string[] inputs = [.. windows.Inputs.IsDefaultOrEmpty ? series.Names : windows.Inputs];
        string[] known = windows.KnownFuture.IsDefaultOrEmpty ? [] : [.. windows.KnownFuture];
        string[] future = [.. Enumerable.Repeat(known, windows.Horizon).SelectMany(names => names)];
        string[] targets = [.. windows.Targets.IsDefaultOrEmpty ? series.Names : windows.Targets];
        return new ScaledForecaster(forecaster, scaler.Select([.. inputs, .. future]), scaler.Select(targets));
    }

    private static void RequireFit(ModelDefinition network, WindowSet windows)
    {
        int inputs = network.InputIsVector ? windows.InputLength * windows.InputSize : windows.InputSize;
        if (network.InputSize != inputs || network.OutputSize != windows.TargetSize)
        {
            throw new ArgumentException(
                $"The network goes from {network.InputSize} to {network.OutputSize} values; the windows want {inputs} inputs and H x C = {windows.TargetSize} outputs.",
                nameof(network));
        }
    }
}
