namespace FastRecurrent;

/// <summary>How a <see cref="TrainedForecaster"/> comes about.</summary>
public sealed record TrainedForecasterOptions
{
    /// <summary>What the forecaster sees and gives.</summary>
    public required WindowOptions Windows { get; init; }

    /// <summary>
    /// Makes the network for I inputs a step (T x I where it takes a vector: see <see cref="ModelBuilder.FromVector"/>) and H x C outputs; the
    /// first argument is I.
    /// </summary>
    public required Func<int, int, ModelDefinition> Network { get; init; }

    /// <summary>How channels are scaled, fitted on the training rows alone; null for not at all. Default Standard.</summary>
    public ScalerKind? Scaling { get; init; } = ScalerKind.Standard;

    /// <summary>What happens to channels that never change.</summary>
    public ConstantChannels Constants { get; init; }

    /// <summary>What training makes small; a loss of point forecasts. Default: the mean squared error.</summary>
    public Loss Loss { get; init; } = Loss.MeanSquaredError;

    /// <summary>Default Adam.</summary>
    public Optimizer Optimizer { get; init; } = new Adam();

    /// <summary>The first weights. Default Keras's.</summary>
    public ParameterInitialization Initialization { get; init; } = ParameterInitialization.Keras;

    /// <summary>Epochs, order, clipping, early stopping and the rest. Default: 10 epochs in random order.</summary>
    public TrainerOptions Training { get; init; } = new() { Epochs = 10 };

    /// <summary>N: windows of a training step. Default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>First steps of a window whose targets do not count; see <see cref="WindowTrainingOptions.WarmUp"/>.</summary>
    public int WarmUp { get; init; }

    /// <summary>Windows drawn anew in every epoch; null for every window once. See <see cref="WindowTrainingOptions.Draws"/>.</summary>
    public int? Draws { get; init; }

    /// <summary>Decides first weights, draws and dropout; the order of windows has a seed of its own in <see cref="Training"/>.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads that may work at once; the result does not depend on it. Default: the processors.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Windows);
        ArgumentNullException.ThrowIfNull(Network);
        ArgumentNullException.ThrowIfNull(Loss);
        ArgumentNullException.ThrowIfNull(Optimizer);
        ArgumentNullException.ThrowIfNull(Initialization);
        ArgumentNullException.ThrowIfNull(Training);
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
    }
}
