using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using FastRecurrent.Cli.Lecture;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>lecture</c>: the course's series and every model of its lecture.</summary>
internal sealed class LectureCommand
{
    private const int QuickEpochs = 3, LeastSeries = 20;

    private readonly JobOptions _job = new(
        Path.Combine("fastrecurrent-out", "lecture"), $"{QuickEpochs} epochs instead of {LectureOptions.CourseEpochs}, so the errors are larger");

    private readonly Option<int> _series = NumberOptions.Whole(
        "--series", "How many series: 70 % for training, 20 % for validation, 10 % for the test",
        LectureOptions.CourseSeries, min: LeastSeries, max: 1_000_000);

    private readonly Option<int> _steps = NumberOptions.Whole("--steps", "T, values that a model sees", LectureOptions.CourseSteps, min: 2, max: 10_000);
    private readonly Option<int> _horizon = NumberOptions.Whole("--horizon", "H, values ahead", LectureOptions.CourseHorizon, min: 2, max: 1000);
    private readonly Option<int> _epochs = NumberOptions.Whole(
        "--epochs", "Passes over the training series", LectureOptions.CourseEpochs, max: 100_000);

    private readonly Option<int> _batch = NumberOptions.Whole("--batch", "N, series of a training step", LectureOptions.CourseBatch, max: 100_000);
    private readonly Option<int> _units = NumberOptions.Whole("--units", "H, units of each hidden layer", LectureOptions.CourseUnits, max: 4096);

    private readonly Option<string> _only = new("--only")
    {
        Description = "Train only models whose names hold this text, such as LSTM",
        DefaultValueFactory = _ => "",
    };

    public Command Create(CancellationToken stop)
    {
        Command command = new(
            "lecture", "The course's lecture on time series: every model from naive to sequence-to-sequence LSTM, beside the published errors.")
        {
            _series, _steps, _horizon, _epochs, _batch, _units, _only,
        };
        command.Validators.Add(RequireModel);
        _job.AddTo(command);
        command.SetAction(parsed => Run(parsed, stop));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        _job.RequireQuick(parsed, _epochs);
        string folder = parsed.GetValue(_job.Output)!;
        LectureOptions options = new()
        {
            Series = parsed.GetValue(_series),
            Steps = parsed.GetValue(_steps),
            Horizon = parsed.GetValue(_horizon),
            Epochs = _job.Value(parsed, _epochs, QuickEpochs),
            Batch = parsed.GetValue(_batch),
            Units = parsed.GetValue(_units),
            Only = parsed.GetValue(_only)!,
            Seed = parsed.GetValue(_job.Seed),
            Threads = parsed.GetValue(_job.Threads),
            Resume = parsed.GetValue(_job.Resume),
            Checkpoints = Path.Combine(folder, "checkpoints"),
        };
        RequireUnits(parsed, options);
        return new LectureJob(options, folder, parsed.GetValue(_job.Json), stop).Run();
    }

    /// <summary>Refuses --units where no model that is trained has such a layer; those that have one say so in their names.</summary>
    /// <exception cref="UsageException">None has.</exception>
    private void RequireUnits(ParseResult parsed, LectureOptions options)
    {
        ImmutableHashSet<string> others = [.. LectureModel.All(options with { Units = options.Units + 1, Only = "" }).Select(model => model.Name)];
        if (DataArguments.IsGiven(parsed, _units) && LectureModel.All(options).All(model => others.Contains(model.Name)))
        {
            throw new UsageException(
                $"{_units.Name} has no effect beside {_only.Name} {OutputPath.Quoted(options.Only)}: these models have no hidden layer whose size it sets; "
                + "leave it out.");
        }
    }

    /// <summary>Some model's name must hold the text of --only.</summary>
    private void RequireModel(CommandResult result)
    {
        if (result.GetResult(_only) is not { Implicit: false } || result.GetValue(_only) is not { } only)
        {
            return;
        }

        LectureOptions sizes = new() { Units = Given(_units, LectureOptions.CourseUnits), Horizon = Given(_horizon, LectureOptions.CourseHorizon) };
        if (LectureModel.All(sizes with { Only = only }).IsEmpty)
        {
            result.AddError($"--only: found '{only}', wanted a part of a model's name, such as Linear, Dense, SimpleRNN, LSTM, GRU, Direct, Sequence "
                + "or 'falling rate'.");
        }

        // Names hold the sizes; a size that is wrong has an error of its own.
        int Given(Option<int> option, int course)
        {
            try
            {
                return result.GetResult(option) is { Implicit: false } given ? given.GetValueOrDefault<int>() : course;
            }
            catch (InvalidOperationException)
            {
                return course;
            }
        }
    }
}
