using System.CommandLine;
using FastRecurrent.Cli.Weather;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>weather</c>: hourly or daily series of some cities to tomorrow's weather of one of them.</summary>
internal sealed class WeatherCommand
{
    private const int QuickEpochs = 2, QuickWindow = 60;
    private const double MostHeldOut = 0.9, LeastHeldOut = 0.01;

    private static readonly WeatherOptions Defaults = new();

    private readonly JobOptions _job = new(Path.Combine("fastrecurrent-out", "weather"), $"{QuickEpochs} epochs, windows of {QuickWindow} rows");
    private readonly Option<string?> _data = new("--data")
    {
        Description = "A table with one row an hour or day (default: the built-in daily weather of Seattle and New York, 2012-2015, as observed)",
        HelpName = "file",
    };

    private readonly Option<bool> _hourly = new("--hourly")
    {
        Description = "Take the built-in hourly climate normals of Seattle and San Francisco: the course's shape, but smoother than weather",
    };

    private readonly Option<string?> _inputs = DataArguments.Names(
        "--inputs", "The columns that go in, with commas between (default: every column of numbers)");

    private readonly Option<string?> _targets = DataArguments.Names("--targets", "The columns to forecast (default: the first three)");
    private readonly Option<string?> _time = DataArguments.Time();
    private readonly Option<MissingValues?> _missing = DataArguments.Missing("refuse");

    private readonly Option<int?> _window = NumberOptions.WholeOrNothing(
        "--window",
        $"T, rows of a training window (default eight weeks, as in the course: {WeatherOptions.CourseWindow} hours or {WeatherOptions.CourseDays} "
            + "days, less on a short series)");

    private readonly Option<int?> _ahead = NumberOptions.WholeOrNothing("--ahead", "Rows from the last one known to the forecast one (default: a day)");

    private readonly Option<int?> _leads = NumberOptions.WholeOrNothing(
        "--leads",
        "How many distances are forecast, up to --ahead, or to a week of days: 1 for --ahead alone, the course's network (default: every row, "
            + $"{WeatherLeads.Most} at most)");

    private readonly Option<int?> _warmUp = NumberOptions.WholeOrNothing(
        "--warm-up", $"First steps of a window that do not count in the loss (default {WeatherOptions.CourseWarmUp}, a quarter of a short window)");

    private readonly Option<int> _hidden = NumberOptions.Whole("--hidden", "Units of the GRU; the course has 512", Defaults.Hidden, max: 16_384);

    private readonly Option<WeatherOutput> _output = NumberOptions.Choice(
        "--output", "What the network gives: how much the value will have changed, or the value through a sigmoid (the course's) or a linear output "
            + "(default change)",
        ("change", WeatherOutput.Change), ("sigmoid", WeatherOutput.Sigmoid), ("linear", WeatherOutput.Linear));

    private readonly Option<WeatherOptimizer> _optimizer = NumberOptions.Choice(
        "--optimizer", "Keras's defaults (default rmsprop)", ("rmsprop", WeatherOptimizer.RmsProp), ("adam", WeatherOptimizer.Adam));

    private readonly Option<double> _rate = NumberOptions.Number("--rate", "The learning rate", Defaults.LearningRate, min: 0, max: 1e30);
    private readonly Option<int> _batch = NumberOptions.Whole("--batch", "N, windows of a training step; the course has 256", Defaults.Batch, max: 100_000);
    private readonly Option<int> _steps = NumberOptions.Whole("--steps", "Training steps of an epoch; the course has 100", Defaults.StepsPerEpoch, max: 1_000_000);
    private readonly Option<int> _epochs = NumberOptions.Whole("--epochs", "Epochs", Defaults.Epochs, max: 100_000);
    private readonly Option<int> _patience = NumberOptions.Whole(
        "--patience", "Epochs without a better validation that end the training, fewer than --epochs; 0 to train them all", Defaults.Patience, min: 0);


    private readonly Option<int?> _recompute = NumberOptions.WholeOrNothing(
        "--recompute", "Keep the states of every C-th step and compute the rest again, 0 for none (default: where it would take over 1 GiB)");

    private readonly Option<double> _heldOut = NumberOptions.Number(
        "--held-out", "The share of the rows, at the end, for validation and test", Defaults.HeldOut, LeastHeldOut, MostHeldOut);

    public Command Create(CancellationToken stop)
    {
        Command command = new(
            "weather",
            "Forecasts tomorrow's weather with a GRU from the series of some cities, beside \"same as now\" and other baselines. "
            + "The course's size is --hidden 512 --batch 256 --steps 100 --output sigmoid --leads 1: with 20 inputs it takes 0.4 GiB, "
            + "and some ten seconds a step on two cores.")
        {
            _data, _hourly, _inputs, _targets, _time, _missing, _window, _ahead, _leads, _warmUp, _hidden, _output, _optimizer, _rate, _batch, _steps,
            _epochs, _patience, _recompute, _heldOut,
        };
        _job.AddTo(command);
        command.SetAction(parsed => new WeatherJob(Read(parsed), parsed.GetValue(_job.Json), stop).Run());
        return command;
    }

    private WeatherOptions Read(ParseResult parsed)
    {
        RequireCombination(parsed);
        int epochs = _job.Value(parsed, _epochs, QuickEpochs);
        WeatherOptions options = new()
        {
            Data = parsed.GetValue(_data),
            Hourly = parsed.GetValue(_hourly),
            Inputs = DataArguments.List(parsed, _inputs),
            Targets = DataArguments.List(parsed, _targets),
            TimeColumn = parsed.GetValue(_time),
            Missing = parsed.GetValue(_missing) ?? MissingValues.Refuse,
            Window = DataArguments.AtLeastOne(parsed, _window) ?? (parsed.GetValue(_job.Quick) ? QuickWindow : null),
            Ahead = DataArguments.AtLeastOne(parsed, _ahead),
            Leads = DataArguments.AtLeastOne(parsed, _leads),
            WarmUp = parsed.GetValue(_warmUp),
            Hidden = parsed.GetValue(_hidden),
            Output = parsed.GetValue(_output),
            Optimizer = parsed.GetValue(_optimizer),
            LearningRate = parsed.GetValue(_rate),
            Batch = parsed.GetValue(_batch),
            StepsPerEpoch = parsed.GetValue(_steps),
            Epochs = epochs,
            Patience = JobOptions.Patience(parsed, _patience, epochs),
            Recompute = parsed.GetValue(_recompute),
            HeldOut = parsed.GetValue(_heldOut),
            Resume = parsed.GetValue(_job.Resume),
            Seed = parsed.GetValue(_job.Seed),
            Threads = parsed.GetValue(_job.Threads),
            Folder = parsed.GetValue(_job.Output)!,
        };
        OutputPath.RequireApart(_job.Output.Name, options.Folder, options.Files, options.Data);
        return options;
    }

    /// <summary>Refuses options that would have no effect.</summary>
    private void RequireCombination(ParseResult parsed)
    {
        JobOptions.RequireBeside(parsed, _data, _time, _missing);
        _job.RequireQuick(parsed, _epochs, _window);
        if (parsed.GetValue(_hourly) && parsed.GetValue(_data) is { } both)
        {
            throw new UsageException($"--hourly chooses built-in data, and --data names '{both}'; give one of the two.");
        }

        if (parsed.GetValue(_data) is { } file)
        {
            DataArguments.RequireColumns(parsed, _time, file);
        }
    }
}
