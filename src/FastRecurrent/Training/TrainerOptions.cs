namespace FastRecurrent;

/// <summary>How a <see cref="Trainer"/> trains.</summary>
public sealed record TrainerOptions
{
    /// <summary>Passes over the training data, those before a resume included. Default 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Training ends after so many steps in all, be it within an epoch (which then has no record). Default: no limit.</summary>
    public long MaxIterations { get; init; } = long.MaxValue;

    /// <summary>Samples of a step; the last step of an epoch takes what is left. Null, the default: the model's largest batch.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Whether every epoch takes the samples in a new order, which depends on the seed and the epoch alone. Default: yes.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Seeds the order of the samples.</summary>
    public ulong Seed { get; init; }

    /// <summary>The limit of gradients; default none.</summary>
    public GradientClipping Clipping { get; init; } = GradientClipping.None;

    /// <summary>What happens when a loss or a gradient is not finite, before anything changes; default Throw.</summary>
    public NonFiniteGradients NonFinite { get; init; }

    /// <summary>The factor of the optimizer's learning rate; default 1 always.</summary>
    public LearningRateSchedule Schedule { get; init; } = new ConstantSchedule();

    /// <summary>Epochs between two looks at the validation data. Default 1.</summary>
    public int ValidationInterval { get; init; } = 1;

    /// <summary>Ends training when the loss no longer falls, and puts the best weights back; null, the default, for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>
    /// Truncated backpropagation through time: sequences are cut into windows of so many steps; each window is a training step of
    /// its own that starts from the state in which the one before ended; a refused one hands no state on. The model's longest T is then that of a window. 0, the
    /// default: whole sequences.
    /// </summary>
    public int TruncatedSteps { get; init; }

    /// <summary>Where checkpoints go, each replacing the one before; null, the default, for none.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Steps between two checkpoints; 0, the default, writes one at the end of every epoch. One more is written when the training ends.</summary>
    public int CheckpointInterval { get; init; }

    /// <summary>Steps between two progress reports; 0, the default, reports at the end of every epoch alone.</summary>
    public int ReportInterval { get; init; }

    /// <summary>Called behind every step; it may look at the trainer, and stop it.</summary>
    public Action<Trainer, TrainingProgress>? StepEnded { get; init; }

    /// <summary>Called behind every epoch, before its checkpoint.</summary>
    public Action<Trainer, TrainingProgress>? EpochEnded { get; init; }

    /// <summary>Which run it is, for checkpoints: a text that only who gives it reads. Null for none.</summary>
    internal string? RunIdentity { get; init; }

    internal void Validate(TrainableModel model)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIterations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ValidationInterval, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(CheckpointInterval);
        ArgumentOutOfRangeException.ThrowIfNegative(ReportInterval);
        ArgumentOutOfRangeException.ThrowIfNegative(TruncatedSteps);
        ArgumentNullException.ThrowIfNull(Clipping);
        ArgumentNullException.ThrowIfNull(Schedule);
        Schedule.Validate();
        EarlyStopping?.Validate();
        Require.Range(BatchSize ?? model.Options.MaxBatch, model.Options.MaxBatch, nameof(BatchSize), "model");
        if (TruncatedSteps > 0)
        {
            Require.Range(TruncatedSteps, model.Options.MaxTime, nameof(TruncatedSteps), "model");
            if (!model.Definition.CanStream || model.Definition.OutputIsVector)
            {
                throw new ArgumentException(
                    "TruncatedSteps needs a network that can go on from a state and gives an output at every step; this one has a reverse direction, a RepeatVector layer, or a vector as input or output.");
            }
        }

        if (CheckpointPath is { Length: 0 })
        {
            throw new ArgumentException("CheckpointPath is empty; give a path, or null for no checkpoints.");
        }
    }
}
