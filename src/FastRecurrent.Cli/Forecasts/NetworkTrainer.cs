using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>
/// Trains a network on samples, looks at the validation samples behind every epoch, ends where they get no better, and puts the best
/// weights back. Forecasters and classifiers are trained by it.
/// </summary>
internal sealed class NetworkTrainer : IDisposable
{
    // Targets are scaled: a loss beyond this many times the first one (or 1) is none that training comes back from.
    private const double DivergedFactor = 1000;

    private const double MostNorm = 1, PlateauDecay = 0.5, LeastFactor = 0.05;
    private const int PlateauPatience = 2, ReportInterval = 20; // epochs, steps

    private readonly TrainableModel _model;

    public NetworkTrainer(
        ModelDefinition network, Loss loss, SampleShape shape, TrainingSettings settings, int threads, string? checkpoint, string? identity = null)
    {
        try
        {
            _model = new TrainableModel(network, ParameterInitialization.Keras.Create(network, (ulong)settings.Seed), new TrainableModelOptions
            {
                MaxTime = shape.Time,
                MaxBatch = settings.Batch,
                Threads = threads,
            });
        }
        catch (ArgumentException error)
        {
            throw UsageException.Sizes(error);
        }

        Trainer = new Trainer(_model, loss, new Adam { LearningRate = settings.Rate }, new TrainerOptions
        {
            Epochs = settings.Epochs,
            Seed = (ulong)settings.Seed,
            Clipping = GradientClipping.ByGlobalNorm(MostNorm),
            Schedule = new PlateauSchedule { Decay = PlateauDecay, Patience = PlateauPatience, Minimum = LeastFactor },
            EarlyStopping = new EarlyStopping { Patience = settings.Patience },
            CheckpointPath = checkpoint,
            RunIdentity = identity,
            ReportInterval = ReportInterval,
            EpochEnded = RequireProgress,
        });
    }

    public Trainer Trainer { get; }

    public TrainingHistory History => Trainer.History;

    /// <summary>Trains, or goes on, until the end or the caller cancels.</summary>
    /// <exception cref="NotFiniteNumberException">A loss or gradient is not finite.</exception>
    /// <exception cref="DataFormatException">The checkpoint cannot be written.</exception>
    /// <exception cref="DivergenceException">The loss has grown beyond all measure.</exception>
    public RecurrentModel Run(ITrainingData training, ITrainingData validation, IProgress<TrainingProgress>? progress, CancellationToken stop)
    {
        try
        {
            KeptCheckpoint.Run(Trainer.Options.CheckpointPath, () => Trainer.Fit(training, validation, progress, stop));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(
                Trainer.Options.CheckpointPath!, 0, null,
                $"the checkpoint cannot be written ({error.Message.TrimEnd('.')}); the one before is unchanged", error);
        }

        return _model.ToModel();
    }

    public void Dispose() => _model.Dispose();

    private static void RequireProgress(Trainer trainer, TrainingProgress progress)
    {
        double first = trainer.History.Losses.Count > 0 ? trainer.History.Losses[0] : progress.Loss;
        if (!(progress.Loss < DivergedFactor * Math.Max(1, first)))
        {
            throw new DivergenceException(string.Create(
                CultureInfo.InvariantCulture,
                $"The loss of epoch {progress.Epoch + 1} is {progress.Loss:0.###e0}, that of the first step was {first:0.###}"));
        }
    }
}

/// <summary>What is going on, on stderr, for whoever watches.</summary>
internal sealed class EpochProgress(int epochs) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        string validation = value.ValidationLoss is { } loss ? string.Create(CultureInfo.InvariantCulture, $", validation {loss:0.00000}") : "";
        Screen.Progress(string.Create(
            CultureInfo.InvariantCulture, $"epoch {value.Epoch + 1} of {epochs}, step {value.Iteration}, loss {value.Loss:0.00000}{validation}"));
    }
}
