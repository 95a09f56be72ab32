namespace FastRecurrent.Cli.Weather;

/// <summary>The network's training: random windows, first steps out of the loss, validation on the rows behind, the best weights kept.</summary>
internal sealed class WeatherTraining : IDisposable
{
    private const double PlateauDecay = 0.1, LeastFactor = 0.1; // the course's: from 1e-3 to 1e-4
    private const int PlateauPatience = 1;
    private const long FreeBytes = 1L << 30; // that may be used before steps are computed twice
    private const int BuffersOfStep = 6; // of H values, roughly: gates, h and their gradients

    private readonly TrainableModel _model;
    private readonly WindowTrainingData _training;
    private readonly WindowTrainingData _validation;

    public WeatherTraining(WeatherData data, WeatherOptions options)
    {
        ModelDefinition network = new ModelBuilder(data.NetworkInputs.Length)
            .Gru(options.Hidden)
            .Dense(data.Targets.Length, options.Output == WeatherOutput.Sigmoid ? Activation.Sigmoid : Activation.Linear)
            .Build();
        _training = new WindowTrainingData(
            new WindowSet(data.Scaled.Slice(data.Split.Training), data.Windows()),
            new WindowTrainingOptions { WarmUp = Math.Min(options.WarmUp, data.Window - 1), Draws = options.Batch * options.StepsPerEpoch, Seed = (ulong)options.Seed });
        _validation = ValidationOf(data);
        _model = new TrainableModel(network, ParameterInitialization.Keras.Create(network, (ulong)options.Seed), new TrainableModelOptions
        {
            MaxTime = data.Window,
            MaxBatch = options.Batch,
            Threads = options.Threads,
            RecomputeSteps = options.Recompute ?? RecomputeFor(data.Window, options),
        });
        Optimizer optimizer = options.Optimizer == WeatherOptimizer.Adam ? Adam.Keras : RmsProp.Keras;
        Trainer = new Trainer(_model, Loss.MeanSquaredError, optimizer with { LearningRate = options.LearningRate }, new TrainerOptions
        {
            Epochs = options.Epochs,
            Shuffle = false, // the windows are drawn
            Seed = (ulong)options.Seed,
            Schedule = new PlateauSchedule { Decay = PlateauDecay, Patience = PlateauPatience, Minimum = LeastFactor },
            EarlyStopping = new EarlyStopping { Patience = options.Patience },
            CheckpointPath = options.CheckpointPath,
            ReportInterval = 1,
        });
        if (options.Resume)
        {
            Trainer.LoadCheckpoint(options.CheckpointPath);
        }
    }

    public Trainer Trainer { get; }

    public long WorkspaceBytes => _model.WorkspaceBytes;

    public RecurrentModel Run(IProgress<TrainingProgress> progress, CancellationToken stop)
    {
        Trainer.Fit(_training, _validation, progress, stop);
        return _model.ToModel();
    }

    public void Dispose() => _model.Dispose();

    /// <summary>
    /// Windows over the end of the validation rows, one behind the other, each with enough rows before its first target that counts;
    /// every target counts once.
    /// </summary>
    private static WindowTrainingData ValidationOf(WeatherData data)
    {
        int end = data.Split.Validation.End.Value, rows = end - data.Split.Validation.Start.Value;
        int counted = Math.Min(rows, (data.Window + 1) / 2), windows = rows / counted;
        int first = end - data.Ahead - data.Window - ((windows - 1) * counted);
        return new WindowTrainingData(
            new WindowSet(data.Scaled.Slice(first..end), data.Windows(step: counted)), new WindowTrainingOptions { WarmUp = data.Window - counted });
    }

    private static int RecomputeFor(int window, WeatherOptions options)
    {
        long bytes = (long)window * options.Batch * options.Hidden * BuffersOfStep * sizeof(float);
        return bytes > FreeBytes ? (int)Math.Ceiling(Math.Sqrt(window)) : 0;
    }
}
