using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

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
    private readonly WeatherOptions _options;
    private readonly double _zeroLoss;

    public WeatherTraining(WeatherData data, WeatherOptions options)
    {
        _options = options;
        ModelDefinition network = new ModelBuilder(data.NetworkInputs.Length)
            .Gru(options.Hidden)
            .Dense(data.Leads.Count * data.Targets.Length, options.Output == WeatherOutput.Sigmoid ? Activation.Sigmoid : Activation.Linear)
            .Build();
        _training = new WindowTrainingData(
            new WindowSet(data.Scaled.Slice(data.Split.Training), data.Windows()),
            new WindowTrainingOptions { WarmUp = data.WarmUp, Draws = options.Batch * options.StepsPerEpoch, Seed = (ulong)options.Seed });
        _validation = ValidationOf(data);
        Norms = new LayerNorms(network);
        _zeroLoss = ZeroLoss(data);
        _model = new TrainableModel(network, ParameterInitialization.Keras.Create(network, (ulong)options.Seed), new TrainableModelOptions
        {
            MaxTime = data.Window,
            MaxBatch = options.Batch,
            Threads = options.Threads,
            RecomputeSteps = options.Recompute ?? RecomputeFor(data.Window, options),
        });
        Optimizer optimizer = options.Optimizer == WeatherOptimizer.Adam ? Adam.Keras : RmsProp.Keras;
        RunIdentity identity = IdentityOf(data, options);
        Trainer = new Trainer(_model, Loss.MeanSquaredError, optimizer with { LearningRate = options.LearningRate }, new TrainerOptions
        {
            Epochs = options.Epochs,
            Shuffle = false, // the windows are drawn
            Seed = (ulong)options.Seed,
            Schedule = new PlateauSchedule { Decay = PlateauDecay, Patience = PlateauPatience, Minimum = LeastFactor },
            EarlyStopping = new EarlyStopping { Patience = options.Patience },
            CheckpointPath = options.CheckpointPath,
            RunIdentity = identity.ToJson(),
            ReportInterval = 1,
            StepEnded = Norms.Record,
        });
        if (options.Resume)
        {
            identity.Require(options.CheckpointPath);
            Trainer.LoadCheckpoint(options.CheckpointPath);
            ResumedFrom = Trainer.Iteration;
        }
    }

    public Trainer Trainer { get; }

    /// <summary>Steps before this process: 0, or those of the checkpoint.</summary>
    public long ResumedFrom { get; }

    /// <summary>The gradients' lengths, layer by layer, at the steps of this process.</summary>
    public LayerNorms Norms { get; }

    public long WorkspaceBytes => _model.WorkspaceBytes;

    /// <summary>The time of the whole epochs, in whatever process.</summary>
    public TimeSpan Time => TimeSpan.FromTicks(Trainer.History.Epochs.Sum(epoch => epoch.Time.Ticks));

    /// <summary>Trains to the end, or until the caller cancels, with a checkpoint behind every epoch.</summary>
    /// <exception cref="DataFormatException">A checkpoint cannot be written.</exception>
    /// <exception cref="NotFiniteNumberException">The training diverged.</exception>
    public RecurrentModel Run(IProgress<TrainingProgress> progress, CancellationToken stop)
    {
        KeptCheckpoint.Run(_options.CheckpointPath, () =>
        {
            Divergence.Watch(Trainer, () => OutputFolder.Write(_options.CheckpointPath, _ => Trainer.Fit(_training, _validation, progress, stop)));
            if (Trainer.History.Epochs.Count > 0)
            {
                Divergence.Require(Trainer, Trainer.History.Epochs.Min(epoch => epoch.ValidationLoss ?? double.PositiveInfinity), _zeroLoss);
            }
        });
        return _model.ToModel();
    }

    public void Dispose() => _model.Dispose();

    /// <summary>What must be as before to go on; more epochs or another patience may follow.</summary>
    private static RunIdentity IdentityOf(WeatherData data, WeatherOptions options) => new(
        [
            ("--inputs", string.Join(',', data.Inputs)),
            ("--targets", string.Join(',', data.Targets)),
            ("--window", RunIdentity.Text(data.Window)),
            ("--ahead", RunIdentity.Text(data.Ahead)),
            ("--leads", RunIdentity.Text(data.Leads.Count)),
            ("--warm-up", RunIdentity.Text(data.WarmUp)),
            ("--hidden", RunIdentity.Text(options.Hidden)),
            ("--output", options.Output.ToString().ToLowerInvariant()),
            ("--optimizer", options.Optimizer.ToString().ToLowerInvariant()),
            ("--rate", RunIdentity.Text(options.LearningRate)),
            ("--batch", RunIdentity.Text(options.Batch)),
            ("--steps", RunIdentity.Text(options.StepsPerEpoch)),
            ("--held-out", RunIdentity.Text(options.HeldOut)),
            ("--seed", RunIdentity.Text(options.Seed)),
        ],
        RunIdentity.HashOf(data.Values));

    /// <summary>
    /// Windows over the end of the validation rows, one behind the other, each with enough rows before its first target that counts;
    /// every step that counts does so once. Of the farthest targets all are validation rows; the first of nearer ones lie before them.
    /// </summary>
    private static WindowTrainingData ValidationOf(WeatherData data)
    {
        int end = data.Split.Validation.End.Value, rows = end - data.Split.Validation.Start.Value;
        int counted = Math.Min(rows, (data.Window + 1) / 2), windows = rows / counted;
        int first = end - data.Leads.Farthest - data.Window - ((windows - 1) * counted);
        return new WindowTrainingData(
            new WindowSet(data.Scaled.Slice(first..end), data.Windows(step: counted)), new WindowTrainingOptions { WarmUp = data.Window - counted });
    }

    /// <summary>The mean square of what the network has to give for the validation rows.</summary>
    private static double ZeroLoss(WeatherData data)
    {
        float[] values = data.Scaled.Slice(data.Split.Validation).Select([.. data.Windows().Targets]).ToArray();
        return values.Average(value => (double)value * value);
    }

    private static int RecomputeFor(int window, WeatherOptions options)
    {
        long bytes = (long)window * options.Batch * options.Hidden * BuffersOfStep * sizeof(float);
        return bytes > FreeBytes ? (int)Math.Ceiling(Math.Sqrt(window)) : 0;
    }
}
