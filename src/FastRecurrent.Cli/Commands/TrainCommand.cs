using System.CommandLine;
using FastRecurrent.Cli.Classification;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Commands;

/// <summary>What is learned.</summary>
internal enum TrainTask
{
    Forecast,
    Classification,
}

/// <summary>How several steps are forecast.</summary>
internal enum ForecastOutput
{
    Direct,
    Recursive,
}

/// <summary>What the network gives.</summary>
internal enum ForecastTarget
{
    Change,
    Value,
}

/// <summary><c>train</c>: a forecaster or classifier of any table's columns.</summary>
internal sealed class TrainCommand
{
    private const int QuickEpochs = 3, QuickHidden = 16;
    private const double LeastShare = 0.01, MostShare = 0.9;

    private static readonly TrainingSettings Defaults = new();

    private readonly JobOptions _job = new(Path.Combine("fastrecurrent-out", "train"), $"{QuickEpochs} epochs, {QuickHidden} units");
    private readonly Argument<string> _data = DataArguments.Data();
    private readonly Option<TrainTask> _task = NumberOptions.Choice(
        "--task", "What is learned (default forecast)", ("forecast", TrainTask.Forecast), ("classification", TrainTask.Classification));

    private readonly Option<string?> _targets = DataArguments.Names(
        "--targets", "The columns to forecast, with commas between (default: the only column of numbers)");

    private readonly Option<string?> _inputs = DataArguments.Names(
        "--inputs", "The columns that go in (default: every column of numbers; with --output recursive the targets)");

    private readonly Option<string?> _known = DataArguments.Names(
        "--known-future", "Columns whose future is known, such as plans or prices: their values at the forecast steps go in too");

    private readonly Option<string?> _label = new("--label") { Description = "The column of classes, for --task classification", HelpName = "name" };
    private readonly Option<string?> _time = DataArguments.Time();
    private readonly Option<MissingValues?> _missing = DataArguments.Missing("refuse");
    private readonly Option<int?> _window = NumberOptions.WholeOrNothing(
        "--window",
        "T, the rows that the network reads (default: two seasons, 12 to 96, less on a short series; 32 for classification)",
        ForecastPlan.LongestWindow);

    private readonly Option<int> _horizon = NumberOptions.Whole("--horizon", "H, the steps to forecast", 12, max: ForecastPlan.LongestHorizon);
    private readonly Option<int?> _season = NumberOptions.WholeOrNothing(
        "--season", "Steps a season, for the seasonal baseline (default: found in the training rows)");

    private readonly Option<int?> _stride = NumberOptions.WholeOrNothing(
        "--stride", "Rows between two windows, for classification (default: half a window)");

    private readonly Option<CalendarCycles?> _calendar = NumberOptions.Choice<CalendarCycles?>(
        "--calendar", "Cycles of the calendar that go in (default: those that the data are fine and long enough for)",
        ("none", 0), ("day", CalendarCycles.Day), ("week", CalendarCycles.Week), ("year", CalendarCycles.Year), ("all", CalendarCycles.All));

    private readonly Option<ForecastOutput> _output = NumberOptions.Choice(
        "--output", "All steps at once, or one at a time, each fed back as the next one's input (default direct)",
        ("direct", ForecastOutput.Direct), ("recursive", ForecastOutput.Recursive));

    private readonly Option<ForecastTarget?> _predict = NumberOptions.Choice<ForecastTarget?>(
        "--predict", "What the network gives: how far from the last known value, or the value (default change, where the targets are inputs)",
        ("change", ForecastTarget.Change), ("value", ForecastTarget.Value));

    private readonly Option<IntervalKind> _intervals = NumberOptions.Choice(
        "--intervals", "Intervals around forecasts (default none)", ForecastNames.Intervals);

    private readonly Option<double> _coverage = NumberOptions.Number(
        "--coverage", "The share of the truth that intervals shall hold", 0.9, min: 0.01, max: 0.999);

    private readonly Option<ScalerKind> _scaler = NumberOptions.Choice(
        "--scaler", "How columns are brought to one size: mean and deviation, least and greatest, or median and quartiles (default standard)",
        ForecastNames.Scalers);

    private readonly Option<CellKind> _cell = NumberOptions.Choice("--cell", "The recurrent cell (default lstm)", WorkloadNames.Cells);
    private readonly Option<int> _hidden = NumberOptions.Whole("--hidden", "Units of a recurrent layer", Defaults.Hidden, max: 16_384);
    private readonly Option<int> _layers = NumberOptions.Whole("--layers", "Recurrent layers", Defaults.Layers, max: 64);
    private readonly Option<int> _epochs = NumberOptions.Whole("--epochs", "Epochs at most", Defaults.Epochs, max: 1_000_000);
    private readonly Option<int> _perEpoch = NumberOptions.Whole(
        "--per-epoch", "Windows an epoch; where there are more, they are drawn anew in each", Defaults.PerEpoch, max: 100_000_000);

    private readonly Option<int> _batch = NumberOptions.Whole("--batch", "N, windows of a training step", Defaults.Batch, max: 100_000);
    private readonly Option<double> _rate = NumberOptions.Number("--rate", "Adam's learning rate", Defaults.Rate, min: 0, max: 1e30);
    private readonly Option<int> _patience = NumberOptions.Whole(
        "--patience", "Epochs without a better validation that end the training, fewer than --epochs; 0 to train them all", Defaults.Patience, min: 0);

    private readonly Option<double> _validation = NumberOptions.Number(
        "--validation", "The share of the rows, at the end, for validation", Defaults.Validation, LeastShare, MostShare);

    public Command Create(CancellationToken stop)
    {
        Command command = new(
            "train", "Trains a forecaster, or with --task classification a classifier, of the columns of any table; with baselines, a model file and a report.")
        {
            _data, _task, _targets, _inputs, _known, _label, _time, _missing, _window, _horizon, _season, _stride, _calendar, _output, _predict, _intervals,
            _coverage, _scaler, _cell, _hidden, _layers, _epochs, _perEpoch, _batch, _rate, _patience, _validation,
        };
        _job.AddTo(command);
        command.SetAction(parsed =>
        {
            TrainOptions options = Read(parsed);
            bool isJson = parsed.GetValue(_job.Json);
            return parsed.GetValue(_task) == TrainTask.Classification
                ? new ClassificationJob(options, isJson, stop).Run()
                : new TrainJob(options, isJson, stop).Run();
        });
        return command;
    }

    private TrainOptions Read(ParseResult parsed)
    {
        RequireTask(parsed);
        RequireEffect(parsed);
        int epochs = _job.Value(parsed, _epochs, QuickEpochs);
        return new()
        {
            Data = parsed.GetValue(_data)!,
            Targets = DataArguments.List(parsed, _targets),
            Inputs = DataArguments.List(parsed, _inputs),
            Known = DataArguments.List(parsed, _known),
            Label = parsed.GetValue(_label),
            TimeColumn = parsed.GetValue(_time),
            Missing = parsed.GetValue(_missing) ?? MissingValues.Refuse,
            Window = DataArguments.AtLeastOne(parsed, _window),
            Horizon = parsed.GetValue(_horizon),
            Season = DataArguments.AtLeastOne(parsed, _season),
            Stride = DataArguments.AtLeastOne(parsed, _stride),
            Calendar = parsed.GetValue(_calendar),
            IsRecursive = parsed.GetValue(_output) == ForecastOutput.Recursive,
            IsChange = parsed.GetValue(_predict) is { } predict ? predict == ForecastTarget.Change : null,
            Intervals = parsed.GetValue(_intervals),
            Coverage = parsed.GetValue(_coverage),
            Training = new TrainingSettings
            {
                Cell = parsed.GetValue(_cell),
                Hidden = _job.Value(parsed, _hidden, QuickHidden),
                Layers = parsed.GetValue(_layers),
                Scaler = parsed.GetValue(_scaler),
                Epochs = epochs,
                PerEpoch = parsed.GetValue(_perEpoch),
                Batch = parsed.GetValue(_batch),
                Rate = parsed.GetValue(_rate),
                Patience = JobOptions.Patience(parsed, _patience, epochs),
                Validation = parsed.GetValue(_validation),
                Seed = parsed.GetValue(_job.Seed),
            },
            Threads = parsed.GetValue(_job.Threads),
            Resume = parsed.GetValue(_job.Resume),
            Folder = parsed.GetValue(_job.Output)!,
        };
    }

    private void RequireTask(ParseResult parsed)
    {
        bool isClassifier = parsed.GetValue(_task) == TrainTask.Classification;
        if (isClassifier && parsed.GetValue(_label) is null)
        {
            throw new UsageException("--task classification needs --label, the column of classes.");
        }

        Option[] others = isClassifier
            ? [_targets, _known, _horizon, _season, _calendar, _output, _predict, _intervals, _coverage, _perEpoch]
            : [_label, _stride];
        if (DataArguments.FirstGiven(parsed, others) is { } other)
        {
            throw new UsageException($"{other.Name} does not go with --task {(isClassifier ? "classification" : "forecast")}.");
        }
    }

    /// <summary>An option that another one leaves without effect is a mistake that nobody would see.</summary>
    private void RequireEffect(ParseResult parsed)
    {
        if (DataArguments.IsGiven(parsed, _coverage) && parsed.GetValue(_intervals) == IntervalKind.None)
        {
            throw new UsageException(
                "--coverage does not go with --intervals none: there is no interval to hold that share; take quantile, gaussian or conformal.");
        }

        if (parsed.GetValue(_job.Quick) && DataArguments.IsGiven(parsed, _epochs) && DataArguments.IsGiven(parsed, _hidden))
        {
            throw new UsageException("--quick does not go with --epochs and --hidden together, which are all that it would set; leave it out.");
        }

        DataArguments.RequireColumns(parsed, _time, parsed.GetValue(_data)!);
    }
}
