using System.CommandLine;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Notebook;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>notebook</c>: the course's forecast of a rotating machine's vibration.</summary>
internal sealed class NotebookCommand
{
    /// <summary>Iterations of a quick run.</summary>
    public const int QuickIterations = 250;

    private static readonly NotebookOptions Defaults = new();

    private readonly JobOptions _job = new(
        NotebookOptions.DefaultFolder, $"{QuickIterations} iterations instead of {Defaults.Iterations}, so the errors are larger", Defaults.Threads);

    private readonly Option<string?> _data = new("--data")
    {
        Description = "A series: .csv, .tsv, .txt, .npy, .wav or .f32 (default: the built-in rotor vibration)",
        HelpName = "file",
    };

    private readonly Option<string?> _column = new("--column") { Description = "The column of the series, where the file has several", HelpName = "name" };
    private readonly Option<MissingValues?> _missing = DataArguments.Missing("refuse");

    private readonly Option<NotebookScaling> _scale = NumberOptions.Choice(
        "--scale", "How values are scaled, fitted on the training rows (default: none for the built-in series, standard for --data)",
        ("none", NotebookScaling.None), ("standard", NotebookScaling.Standard), ("minmax", NotebookScaling.MinMax), ("robust", NotebookScaling.Robust));

    private readonly Option<int> _iterations = NumberOptions.Whole("--iterations", "Training steps, of one window each", Defaults.Iterations);
    private readonly Option<int> _steps = NumberOptions.Whole("--steps", "Frames a window", Defaults.Steps, max: 100_000);
    private readonly Option<int> _frame = NumberOptions.Whole("--frame", "Values a frame", Defaults.Frame, max: 10_000);
    private readonly Option<int> _stride = NumberOptions.Whole("--stride", "Rows from one window to the next", Defaults.Stride);

    private readonly Option<bool> _shuffle = new("--shuffle")
    {
        Description = "Take the windows in a random order, another one in every pass, instead of that of time",
    };

    private readonly Option<CellKind> _cell = NumberOptions.Choice("--cell", "The recurrent cell (default lstm)", WorkloadNames.Cells);
    private readonly Option<int> _hidden = NumberOptions.Whole("--hidden", "Units of a recurrent layer", Defaults.Hidden, max: 16_384);
    private readonly Option<int> _layers = NumberOptions.Whole("--layers", "Recurrent layers", Defaults.Layers, max: 64);
    private readonly Option<int> _dense = NumberOptions.Whole("--dense", "Units of the dense layer with relu", Defaults.Dense, max: 65_536);
    private readonly Option<double> _rate = NumberOptions.Number("--rate", "Adam's learning rate", Defaults.LearningRate, min: 0, max: 1e30);
    private readonly Option<int> _every = NumberOptions.Whole("--every", "Iterations between two printed costs", Defaults.PrintEvery);

    private readonly Option<int?> _start = NumberOptions.WholeOrNothing(
        "--start", "The row at which the forecasts begin to read; no row from there on is trained on (default 15000, less on a short series)");

    private readonly Option<int> _generate = NumberOptions.Whole("--generate", "Frames to generate, each from the ones before", Defaults.Generate, max: 100_000);

    private readonly Option<string?> _report = new("--report") { Description = "The report's file (default: report.html in the folder)", HelpName = "file" };

    public Command Create(CancellationToken stop)
    {
        Command command = new("notebook", "Forecasts a rotating machine's vibration as the course's notebook does, with baselines, a model file and a report.")
        {
            _data, _column, _missing, _scale, _iterations, _steps, _frame, _stride, _shuffle, _cell, _hidden, _layers, _dense, _rate, _every, _start, _generate, _report,
        };
        _job.AddTo(command);
        command.SetAction(parsed => new NotebookJob(Read(parsed), parsed.GetValue(_job.Json), stop).Run());
        return command;
    }

    private NotebookOptions Read(ParseResult parsed)
    {
        JobOptions.RequireBeside(parsed, _data, _column, _missing);
        _job.RequireQuick(parsed, _iterations);
        if (parsed.GetValue(_data) is { } file && parsed.GetValue(_report) is { } report)
        {
            OutputPath.RequireNew(_report.Name, report, file);
        }

        NotebookOptions options = new()
        {
            Data = parsed.GetValue(_data),
            Column = parsed.GetValue(_column),
            Missing = parsed.GetValue(_missing) ?? MissingValues.Refuse,
            Scaling = parsed.GetValue(_scale),
            Iterations = _job.Value(parsed, _iterations, QuickIterations),
            Steps = parsed.GetValue(_steps),
            Frame = parsed.GetValue(_frame),
            Stride = parsed.GetValue(_stride),
            Shuffle = parsed.GetValue(_shuffle),
            Cell = parsed.GetValue(_cell),
            Hidden = parsed.GetValue(_hidden),
            Layers = parsed.GetValue(_layers),
            Dense = parsed.GetValue(_dense),
            LearningRate = parsed.GetValue(_rate),
            PrintEvery = parsed.GetValue(_every),
            Start = parsed.GetValue(_start),
            Generate = parsed.GetValue(_generate),
            Seed = (ulong)parsed.GetValue(_job.Seed),
            Threads = parsed.GetValue(_job.Threads),
            Resume = parsed.GetValue(_job.Resume),
            Folder = parsed.GetValue(_job.Output)!,
            Report = parsed.GetValue(_report),
        };
        OutputPath.RequireApart(_job.Output.Name, options.Folder, options.Files, options.Data);
        return options;
    }
}
