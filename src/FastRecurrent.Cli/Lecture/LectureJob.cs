using System.Diagnostics;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>The job from series to report: train everything, write models and report, print.</summary>
internal sealed class LectureJob(LectureOptions options, string folder, bool isJson, CancellationToken stop)
{
    private string Report => Path.Combine(folder, "report.html");

    public int Run()
    {
        using NewFolder results = new(folder), checkpoints = new(options.Checkpoints!);
        LectureOutcome outcome = new LectureRun(options, Screen.Progress, stop).Run();
        Screen.EndProgress();
        if (outcome.IsCancelled && outcome.Results.All(result => result.Trained is null))
        {
            return Interruption.BeforeFirstStep(folder);
        }

        Dictionary<LectureTask, string> models = Save(outcome);
        long start = Stopwatch.GetTimestamp();
        LectureReport.Of(outcome).Write(Report);
        TimeSpan reportTime = Stopwatch.GetElapsedTime(start);
        if (isJson)
        {
            Console.Out.WriteLine(LectureJson.Text(outcome, Report, reportTime, models));
        }
        else
        {
            Print(outcome, models);
        }

        if (outcome.IsCancelled)
        {
            Console.Error.WriteLine(
                "Stopped before the end; what was learned until then is in the models and the report. The same command with --resume goes on.");
        }

        return outcome.IsCancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    private void Print(LectureOutcome outcome, Dictionary<LectureTask, string> models)
    {
        LectureTable.Print(outcome);
        if (!options.HasCourseTraining)
        {
            Console.Out.WriteLine(LectureTable.OtherTraining(options));
        }
        else if (options.HasCourseData)
        {
            Console.Out.WriteLine(LectureTable.Standing(outcome));
        }

        string naive = string.Join(
            " and ",
            outcome.Results.Where(result => result.Label == LectureBaselines.Naive).Select(result => Format.Number(result.ValidationMseAsNumPy, "0.00000000#")));
        Console.Out.WriteLine(
            $"Noise alone: {Format.Number(LecturePublished.NoiseFloor, "0.00000")}. {Wording.Seconds(outcome.Time)} in all, "
                + $"{Format.Counted(options.Threads, "model")} at a time.");
        Console.Out.WriteLine($"Naive errors as the lecture computes them, in 32-bit floats: {naive}.");
        foreach ((LectureTask task, string file) in models)
        {
            Console.Out.WriteLine($"{LectureTable.Title(task, options)}, best model: {outcome.Best(task)!.Name}, in {file}");
        }

        Console.Out.WriteLine($"Report: {Report}");
    }

    private Dictionary<LectureTask, string> Save(LectureOutcome outcome)
    {
        Dictionary<LectureTask, string> files = [];
        foreach (LectureTask task in Enum.GetValues<LectureTask>())
        {
            if (outcome.Best(task) is { Trained: { } trained } best)
            {
                files[task] = Path.Combine(folder, task == LectureTask.NextValue ? "next-value.safetensors" : "ahead.safetensors");
                OutputFolder.Write(files[task], path => ModelFile.Save(path, trained.Network, new ModelSaveOptions { Metadata = Metadata(outcome, best) }));
            }
        }

        return files;
    }

    private static Dictionary<string, string> Metadata(LectureOutcome outcome, LectureResult best) => new(StringComparer.Ordinal)
    {
        ["forecast.data"] = $"lecture, {outcome.Options.Series} series, NumPy seed {LectureData.NumPySeed}",
        ["forecast.model"] = best.Name,
        ["forecast.steps"] = Format.Number(outcome.Options.Steps, "0"),
        ["forecast.horizon"] = Format.Number(outcome.Data(best.Task).Horizon, "0"),
        ["forecast.validation_mse"] = Format.Number(best.ValidationMse, "R"),
    };
}
