using System.Collections.Immutable;

namespace FastRecurrent.Cli.Weather;

/// <summary>What comes out of the network.</summary>
internal enum WeatherOutput
{
    /// <summary>How much a value will have changed, through a linear output: a forecast that begins at "same as now".</summary>
    Change,

    /// <summary>The value between the least and greatest of the training rows, through a sigmoid: the course's.</summary>
    Sigmoid,

    /// <summary>The value, through a linear output.</summary>
    Linear,
}

/// <summary>The optimizers to choose from, with Keras's defaults.</summary>
internal enum WeatherOptimizer
{
    RmsProp,
    Adam,
}

/// <summary>What <c>weather</c> runs.</summary>
internal sealed record WeatherOptions
{
    public const int CourseWindow = 1344, CourseDays = 56, CourseWarmUp = 50;

    /// <summary>The user's file; null for the built-in weather.</summary>
    public string? Data { get; init; }

    /// <summary>Whether the built-in data are the hourly climate normals instead of the daily weather of two cities.</summary>
    public bool Hourly { get; init; }

    /// <summary>The channels that go in; empty for all.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>The channels to forecast; empty for the first three.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>The file's column of times; null to look for it.</summary>
    public string? TimeColumn { get; init; }

    public MissingValues Missing { get; init; }

    /// <summary>T: rows of a window; null for the course's eight weeks, 1,344 hours or 56 days, or less on a short series.</summary>
    public int? Window { get; init; }

    /// <summary>Rows from the last one known to the forecast one; null for a day.</summary>
    public int? Ahead { get; init; }

    /// <summary>
    /// How many distances ahead are forecast; null for every row up to <see cref="Ahead"/>, or to a week of days; 1 for the course's network.
    /// </summary>
    public int? Leads { get; init; }

    /// <summary>
    /// First steps of a window that do not count in the loss: the network has seen too little by then. Null: the course's, a quarter of a shorter window.
    /// </summary>
    public int? WarmUp { get; init; }

    /// <summary>H: units of the GRU.</summary>
    public int Hidden { get; init; } = 32;

    public WeatherOutput Output { get; init; }

    public WeatherOptimizer Optimizer { get; init; }

    public double LearningRate { get; init; } = 1e-3;

    /// <summary>N: windows of a training step.</summary>
    public int Batch { get; init; } = 16;

    /// <summary>Training steps between two looks at the validation rows.</summary>
    public int StepsPerEpoch { get; init; } = 50;

    public int Epochs { get; init; } = 20;

    /// <summary>Epochs without a better validation error that end the training.</summary>
    public int Patience { get; init; } = 5;

    /// <summary>C of recomputation, 0 for none; null to recompute where the memory would otherwise pass a gigabyte.</summary>
    public int? Recompute { get; init; }

    /// <summary>The share of the rows at the end that is not trained on; one half is for validation, the last one for the test.</summary>
    public double HeldOut { get; init; } = 0.2;

    /// <summary>The share of the truth that the intervals shall hold.</summary>
    public double Coverage { get; init; } = 0.9;

    public int Seed { get; init; } = 1;

    public int Threads { get; init; } = 1;

    public bool Resume { get; init; }

    public string Folder { get; init; } = "";

    public string ReportPath => Path.Combine(Folder, "report.html");

    public string ModelPath => Path.Combine(Folder, "model.safetensors");

    public string CheckpointPath => Path.Combine(Folder, "training.checkpoint");

    /// <summary>All that is written.</summary>
    public string[] Files => [ModelPath, CheckpointPath, ReportPath];
}
