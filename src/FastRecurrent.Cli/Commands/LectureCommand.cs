using System.CommandLine;
using FastRecurrent.Cli.Lecture;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>lecture</c>: the course's series and every model of its lecture.</summary>
internal sealed class LectureCommand
{
    private const int QuickEpochs = 3, LeastSeries = 20;

    private readonly JobOptions _job = new("fastrecurrent-out/lecture", $"{QuickEpochs} epochs");
    private readonly Option<int> _series = NumberOptions.Whole(
        "--series", "How many series: 70 % for training, 20 % for validation, 10 % for the test", LectureOptions.CourseSeries, min: LeastSeries, max: 1_000_000);

    private readonly Option<int> _steps = NumberOptions.Whole("--steps", "T, values that a model sees", LectureOptions.CourseSteps, min: 2, max: 10_000);
    private readonly Option<int> _horizon = NumberOptions.Whole("--horizon", "H, values ahead", LectureOptions.CourseHorizon, min: 2, max: 1000);
    private readonly Option<int> _epochs = NumberOptions.Whole(
        "--epochs", "Passes over the training series", LectureOptions.CourseEpochs, max: 100_000);

    private readonly Option<int> _batch = NumberOptions.Whole("--batch", "N, series of a training step", LectureOptions.CourseBatch, max: 100_000);
    private readonly Option<int> _units = NumberOptions.Whole("--units", "H, units of each hidden layer", LectureOptions.CourseUnits, max: 4096);

    private readonly Option<string> _only = new("--only") { Description = "Train only models whose names hold this text, such as LSTM", DefaultValueFactory = _ => "" };

    public Command Create(CancellationToken stop)
    {
        Command command = new("lecture", "The course's lecture on time series: every model from naive to sequence-to-sequence LSTM, beside the published errors.")
        {
            _series, _steps, _horizon, _epochs, _batch, _units, _only,
        };
        _job.AddTo(command);
        command.SetAction(parsed => Run(parsed, stop));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
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
        };
        return new LectureJob(options, parsed.GetValue(_job.Output)!, parsed.GetValue(_job.Json), stop).Run();
    }
}
