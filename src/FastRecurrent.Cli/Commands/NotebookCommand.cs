using System.CommandLine;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Notebook;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>notebook</c>: the course's forecast of a rotating machine's vibration.</summary>
internal sealed class NotebookCommand
{
    private static readonly NotebookOptions Defaults = new();

    private readonly Option<string?> _data = new("--data") { Description = "A series: .csv, .npy, .wav or .f32 (default: the built-in rotor vibration)", HelpName = "file" };
    private readonly Option<string?> _column = new("--column") { Description = "The column of the series, where the file has several", HelpName = "name" };

    private readonly Option<MissingValues> _missing = NumberOptions.Choice(
        "--missing", "What happens to missing values (default refuse)",
        ("refuse", MissingValues.Refuse), ("interpolate", MissingValues.Interpolate), ("previous", MissingValues.Previous));

    private readonly Option<NotebookScaling> _scale = NumberOptions.Choice(
        "--scale", "How values are scaled, fitted on the training rows (default: none for the built-in series, standard for --data)",
        ("none", NotebookScaling.None), ("standard", NotebookScaling.Standard), ("minmax", NotebookScaling.MinMax), ("robust", NotebookScaling.Robust));

    private readonly Option<int> _iterations = NumberOptions.Whole("--iterations", "Training steps, of one window each", Defaults.Iterations);
    private readonly Option<int> _steps = NumberOptions.Whole("--steps", "Frames a window", Defaults.Steps, max: 100_000);
    private readonly Option<int> _frame = NumberOptions.Whole("--frame", "Values a frame", Defaults.Frame, max: 10_000);
    private readonly Option<int> _stride = NumberOptions.Whole("--stride", "Rows from one window to the next", Defaults.Stride);
    private readonly Option<bool> _shuffle = new("--shuffle") { Description = "Take the windows in a random order, another one in every pass, instead of that of time" };
    private readonly Option<CellKind> _cell = NumberOptions.Choice("--cell", "The recurrent cell (default lstm)", WorkloadNames.Cells);
    private readonly Option<int> _hidden = NumberOptions.Whole("--hidden", "Units of a recurrent layer", Defaults.Hidden, max: 16_384);
    private readonly Option<int> _layers = NumberOptions.Whole("--layers", "Recurrent layers", Defaults.Layers, max: 64);
    private readonly Option<int> _dense = NumberOptions.Whole("--dense", "Units of the dense layer with relu", Defaults.Dense, max: 65_536);
    private readonly Option<double> _rate = NumberOptions.Number("--rate", "Adam's learning rate", Defaults.LearningRate, min: 0, max: 1e30);
    private readonly Option<int> _every = NumberOptions.Whole("--every", "Iterations between two printed costs", Defaults.PrintEvery);
    private readonly Option<int?> _start = NumberOptions.WholeOrNothing("--start", "The row at which the forecasts begin to read; no row from there on is trained on (default 15000, less on a short series)");
    private readonly Option<int> _generate = NumberOptions.Whole("--generate", "Frames to generate, each from the ones before", Defaults.Generate, max: 100_000);
    private readonly Option<int> _seed = NumberOptions.Whole("--seed", "The seed of the first weights", (int)Defaults.Seed, min: 0);
    private readonly Option<int> _threads = NumberOptions.Whole("--threads", "Threads that may work at once; the numbers do not depend on it", Defaults.Threads, max: Require.MaxThreads);
    private readonly Option<bool> _resume = new("--resume") { Description = "Go on from the checkpoint in the folder, bit for bit" };
    private readonly Option<string> _folder = new("--out") { Description = "The folder for model, checkpoint and report", HelpName = "folder", DefaultValueFactory = _ => NotebookOptions.DefaultFolder };
    private readonly Option<string?> _report = new("--report") { Description = "The report's file (default: report.html in the folder)", HelpName = "file" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object" };

    public Command Create(CancellationToken stop)
    {
        Command command = new("notebook", "Forecasts a rotating machine's vibration as the course's notebook does, with baselines, a model file and a report.")
        {
            _data, _column, _missing, _scale, _iterations, _steps, _frame, _stride, _shuffle, _cell, _hidden, _layers, _dense, _rate, _every, _start, _generate,
            _seed, _threads, _resume, _folder, _report, _json,
        };
        command.SetAction(parsed => new NotebookJob(Read(parsed), parsed.GetValue(_json), stop).Run());
        return command;
    }

    private NotebookOptions Read(ParseResult parsed) => new()
    {
        Data = parsed.GetValue(_data),
        Column = parsed.GetValue(_column),
        Missing = parsed.GetValue(_missing),
        Scaling = parsed.GetValue(_scale),
        Iterations = parsed.GetValue(_iterations),
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
        Seed = (ulong)parsed.GetValue(_seed),
        Threads = parsed.GetValue(_threads),
        Resume = parsed.GetValue(_resume),
        Folder = parsed.GetValue(_folder)!,
        Report = parsed.GetValue(_report),
    };
}
