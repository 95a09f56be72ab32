using System.Collections.Immutable;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>What <c>train</c> runs.</summary>
internal sealed record TrainOptions
{
    public required string Data { get; init; }

    /// <summary>The columns to forecast; empty for the only column of numbers.</summary>
    public ImmutableArray<string> Targets { get; init; } = [];

    /// <summary>The columns that go in; empty for all, or for the targets where forecasts are fed back.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    public ImmutableArray<string> Known { get; init; } = [];

    /// <summary>The column of classes; for classification.</summary>
    public string? Label { get; init; }

    public string? TimeColumn { get; init; }

    public MissingValues Missing { get; init; }

    /// <summary>T; null for a length that fits season and rows.</summary>
    public int? Window { get; init; }

    public int Horizon { get; init; } = 12;

    /// <summary>Steps a season; null to find out.</summary>
    public int? Season { get; init; }

    /// <summary>The calendar's cycles; null for those that step and length of the data allow.</summary>
    public CalendarCycles? Calendar { get; init; }

    public bool IsRecursive { get; init; }

    /// <summary>Whether the network gives changes; null where it can.</summary>
    public bool? IsChange { get; init; }

    public IntervalKind Intervals { get; init; }

    public double Coverage { get; init; } = 0.9;

    /// <summary>Rows between two windows of one class; null for half a window.</summary>
    public int? Stride { get; init; }

    public TrainingSettings Training { get; init; } = new();

    public int Threads { get; init; } = 1;

    public bool Resume { get; init; }

    public string Folder { get; init; } = "";

    public string ModelPath => Path.Combine(Folder, "model.safetensors");

    public string CheckpointPath => Path.Combine(Folder, "training.checkpoint");

    public string ReportPath => Path.Combine(Folder, "report.html");

    /// <summary>All that is written.</summary>
    public string[] Files => [ModelPath, CheckpointPath, ReportPath];
}
