using System.CommandLine;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Jobs.Lecture;

namespace FastRecurrent.Cli.Commands;

/// <summary><c>lecture</c>: the course's series and every model of its lecture.</summary>
internal sealed class LectureCommand
{
    private const int QuickEpochs = 3, LeastSeries = 20;

    private readonly JobOptions _job = new("fastrecurrent-lecture");
    private readonly Option<int> _series = NumberOptions.Whole(
        "--series", "How many series: 70 % for training, 20 % for validation, 10 % for the test", LectureOptions.CourseSeries, min: LeastSeries, max: 1_000_000);

    private readonly Option<int> _steps = NumberOptions.Whole("--steps", "T, values that a model sees", LectureOptions.CourseSteps, min: 2, max: 10_000);
    private readonly Option<int> _horizon = NumberOptions.Whole("--horizon", "H, values ahead", LectureOptions.CourseHorizon, min: 2, max: 1000);
    private readonly Option<int> _epochs = NumberOptions.Whole(
        "--epochs", $"Passes over the training series (--quick: {QuickEpochs})", LectureOptions.CourseEpochs, max: 100_000);

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
            Epochs = parsed.GetValue(_job.Quick) && parsed.GetResult(_epochs) is not { Implicit: false } ? QuickEpochs : parsed.GetValue(_epochs),
            Batch = parsed.GetValue(_batch),
            Units = parsed.GetValue(_units),
            Only = parsed.GetValue(_only)!,
            Seed = parsed.GetValue(_job.Seed),
            Threads = parsed.GetValue(_job.Threads),
        };
        RunFolder folder = _job.Folder(parsed);
        LectureOutcome outcome = new LectureRun(options, text => Screen.Progress($"lecture: {text}"), stop).Run();
        Screen.EndProgress();
        Dictionary<LectureTask, string> models = Save(outcome, folder);
        LectureReport.Of(outcome).Write(folder.Report);
        if (parsed.GetValue(_job.Json))
        {
            Console.Out.WriteLine(LectureJson.Text(outcome, folder, models));
        }
        else
        {
            LectureTable.Print(outcome);
            Console.Out.WriteLine($"Noise floor {Format.Number(LecturePublished.NoiseFloor, "0.00000")}. {Format.Time(outcome.Time.TotalNanoseconds)} in all, {options.Threads} threads.");
            foreach ((LectureTask task, string file) in models)
            {
                Console.Out.WriteLine($"Best model, {LectureTable.Title(task, options).ToLowerInvariant()}: {outcome.Best(task)!.Name}, in {file}");
            }

            Console.Out.WriteLine($"Report: {folder.Report}");
        }

        return outcome.IsCancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    private static Dictionary<LectureTask, string> Save(LectureOutcome outcome, RunFolder folder)
    {
        Dictionary<LectureTask, string> files = [];
        foreach (LectureTask task in Enum.GetValues<LectureTask>())
        {
            if (outcome.Best(task) is { Trained: { } trained } best)
            {
                string file = folder.Model(task == LectureTask.NextValue ? "next-value" : "ten-ahead");
                ModelFile.Save(file, trained.Network, new ModelSaveOptions
                {
                    Metadata = new Dictionary<string, string>
                    {
                        ["job"] = "lecture",
                        ["model"] = best.Name,
                        ["steps"] = Format.Number(outcome.Options.Steps, "0"),
                        ["horizon"] = Format.Number(outcome.Data(task).Horizon, "0"),
                        ["validation_mse"] = Format.Number(best.ValidationMse, "R"),
                    },
                });
                files[task] = file;
            }
        }

        return files;
    }
}
