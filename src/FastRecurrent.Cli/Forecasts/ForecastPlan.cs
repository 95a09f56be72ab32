using System.Collections.Immutable;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>How intervals around forecasts come about.</summary>
internal enum IntervalKind
{
    None,

    /// <summary>The network gives quantiles.</summary>
    Quantile,

    /// <summary>The network gives mean and log variance.</summary>
    Gaussian,

    /// <summary>From the errors on validation rows.</summary>
    Conformal,
}

/// <summary>
/// What a forecaster goes from and to: everything that is needed beside the network to use it, as the model file holds it. T is
/// <see cref="Window"/>, H is <see cref="Horizon"/>, C the number of targets.
/// </summary>
internal sealed record ForecastPlan
{
    /// <summary>The most that T and H may be.</summary>
    public const int LongestWindow = 1 << 20, LongestHorizon = 100_000;

    /// <summary>The columns whose past goes in.</summary>
    public required ImmutableArray<string> Inputs { get; init; }

    /// <summary>The columns to forecast.</summary>
    public required ImmutableArray<string> Targets { get; init; }

    /// <summary>The columns whose future is known.</summary>
    public ImmutableArray<string> Known { get; init; } = [];

    /// <summary>The cycles of the calendar that go in; 0 for none.</summary>
    public CalendarCycles Calendar { get; init; }

    public required int Window { get; init; }

    public required int Horizon { get; init; }

    /// <summary>One step at a time, each forecast an input of the next; else all H at once.</summary>
    public bool IsRecursive { get; init; }

    /// <summary>Whether the network gives how far a (scaled) target will be from its last known value, instead of the value.</summary>
    public bool IsChange { get; init; }

    public IntervalKind Intervals { get; init; }

    /// <summary>The share of the truth that intervals shall hold.</summary>
    public double Coverage { get; init; } = 0.9;

    /// <summary>Of the columns, in the order of <see cref="Columns"/>.</summary>
    public Scaler? Scaler { get; init; }

    /// <summary>Conformal half widths in the targets' units, [H, C]; empty for none.</summary>
    public ImmutableArray<float> HalfWidths { get; init; } = [];

    /// <summary>Steps a season, for the seasonal baseline and the scaled error; 1 for none.</summary>
    public int Season { get; init; } = 1;

    /// <summary>For each target, the mean absolute error of "same as one season ago" over the training rows; 0 where it repeats exactly.</summary>
    public ImmutableArray<double> NaiveErrors { get; init; } = [];

    public MissingValues Missing { get; init; }

    /// <summary>The data's name, column of times, and step of time; null where there are none.</summary>
    public string Data { get; init; } = "";

    public string? TimeColumn { get; init; }

    public TimeStep? Step { get; init; }

    /// <summary>The rows that the network and the scaler were fitted on, from the first one.</summary>
    public int TrainedRows { get; init; }

    /// <summary>The time of the last of them.</summary>
    public DateTime? TrainedUntil { get; init; }

    /// <summary>How the network was trained, to train it anew.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>The file's columns that are needed, each once.</summary>
    public ImmutableArray<string> Columns => [.. Inputs.Concat(Targets).Concat(Known).Distinct()];

    /// <summary>Steps that the network gives at once.</summary>
    public int NetworkHorizon => IsRecursive ? 1 : Horizon;

    /// <summary>The two outer levels and the median; what intervals of the coverage need.</summary>
    public double[] Levels => [(1 - Coverage) / 2, 0.5, (1 + Coverage) / 2];

    /// <summary>
    /// The channels of each input step whose past goes in: a recursive forecast needs the calendar of the step that it gives, any other that
    /// of the step itself.
    /// </summary>
    public ImmutableArray<string> PastChannels => IsRecursive ? Inputs : [.. Inputs, .. CalendarChannels];

    /// <summary>The channels whose values at the target steps go in.</summary>
    public ImmutableArray<string> FutureChannels => IsRecursive ? [.. Known, .. CalendarChannels] : Known;

    /// <summary>The names of the calendar's channels.</summary>
    public ImmutableArray<string> CalendarChannels => Calendar == 0 ? [] : CalendarFeatures.Of(default, TimeSpan.FromDays(1), 0, Calendar).Names;

    /// <summary>What a forecast sees and gives.</summary>
    public WindowOptions Windows => new() { InputLength = Window, Horizon = Horizon, Inputs = PastChannels, Targets = Targets, KnownFuture = FutureChannels };

    /// <summary>What the network sees and gives.</summary>
    public WindowOptions NetworkWindows => Windows with { Horizon = NetworkHorizon };

    /// <summary>Outputs of the network for each target and step.</summary>
    public int OutputsPerValue => Intervals switch
    {
        IntervalKind.Quantile => Levels.Length,
        IntervalKind.Gaussian => 2,
        _ => 1,
    };

    /// <summary>The loss that its outputs are trained with.</summary>
    public Loss Loss => Intervals switch
    {
        IntervalKind.Quantile => Loss.Quantile(Levels),
        IntervalKind.Gaussian => Loss.GaussianNegativeLogLikelihood,
        _ => Loss.MeanSquaredError,
    };
}

/// <summary>How a network is trained.</summary>
internal sealed record TrainingSettings
{
    public CellKind Cell { get; init; } = CellKind.Lstm;

    public int Hidden { get; init; } = 32;

    public int Layers { get; init; } = 1;

    public int Epochs { get; init; } = 30;

    /// <summary>How columns are brought to a common size.</summary>
    public ScalerKind Scaler { get; init; } = ScalerKind.Standard;

    /// <summary>Windows an epoch, drawn anew where there are more.</summary>
    public int PerEpoch { get; init; } = 4096;

    /// <summary>Windows of a training step.</summary>
    public int Batch { get; init; } = 32;

    public double Rate { get; init; } = 3e-3;

    /// <summary>Epochs without a better validation that end the training.</summary>
    public int Patience { get; init; } = 6;

    /// <summary>The share of the rows, at the end, for validation.</summary>
    public double Validation { get; init; } = 0.2;

    public int Seed { get; init; } = 1;
}
