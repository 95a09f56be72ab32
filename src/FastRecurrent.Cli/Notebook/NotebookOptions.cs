using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Notebook;

/// <summary>How values come to the size that a network learns best.</summary>
internal enum NotebookScaling
{
    /// <summary>None for the built-in data, as in the course; standard for the user's, whose size nobody knows.</summary>
    Auto,
    None,
    Standard,
    MinMax,
    Robust,
}

/// <summary>
/// The settings of the course's notebook on a rotating machine (2,500 iterations of one window each, two LSTM layers, two dense ones);
/// the defaults are the course's.
/// </summary>
internal sealed record NotebookOptions
{
    /// <summary>A data file, or null for the built-in series.</summary>
    public string? Data { get; init; }

    /// <summary>The column of the data file; null where there is but one.</summary>
    public string? Column { get; init; }

    /// <summary>What happens to missing values of the data file.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>Training steps, of one window each.</summary>
    public int Iterations { get; init; } = 2500;

    /// <summary>T: frames a window.</summary>
    public int Steps { get; init; } = 10;

    /// <summary>I = O: values a frame.</summary>
    public int Frame { get; init; } = 100;

    /// <summary>Rows from one window to the next.</summary>
    public int Stride { get; init; } = 5;

    /// <summary>Whether windows come in a random order, another one in every pass, instead of that of time.</summary>
    public bool Shuffle { get; init; }

    public CellKind Cell { get; init; } = CellKind.Lstm;

    /// <summary>H of every recurrent layer.</summary>
    public int Hidden { get; init; } = 100;

    /// <summary>Recurrent layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Units of the dense layer with relu.</summary>
    public int Dense { get; init; } = 100;

    public double LearningRate { get; init; } = 2e-4;

    /// <summary>Iterations between two printed costs.</summary>
    public int PrintEvery { get; init; } = 250;

    /// <summary>The row at which the forecasts begin to read; no row from here on is trained on. Null: the course's, or less on shorter series.</summary>
    public int? Start { get; init; }

    /// <summary>Frames that are generated, each from the ones before.</summary>
    public int Generate { get; init; } = 10;

    public ulong Seed { get; init; } = 1;

    public int Threads { get; init; } = 1;

    public NotebookScaling Scaling { get; init; }

    /// <summary>Go on from the checkpoint in the folder.</summary>
    public bool Resume { get; init; }

    /// <summary>The folder for the results.</summary>
    public string Folder { get; init; } = DefaultFolder;

    /// <summary>Where the report goes; null for the folder.</summary>
    public string? Report { get; init; }

    public static string DefaultFolder => Path.Combine("fastrecurrent-out", "notebook");

    /// <summary>Values a window shows the network.</summary>
    public int Window => checked(Steps * Frame);

    /// <summary>Values that are generated.</summary>
    public int Generated => checked(Generate * Frame);

    public string ModelPath => Path.Combine(Folder, "model.safetensors");

    public string CheckpointPath => Path.Combine(Folder, "training.checkpoint");

    public string ReportPath => Report ?? Path.Combine(Folder, "report.html");

    /// <summary>All that is written.</summary>
    public string[] Files => [ModelPath, CheckpointPath, ReportPath];
}
