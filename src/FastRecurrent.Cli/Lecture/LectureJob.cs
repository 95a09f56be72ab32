using System.Diagnostics;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>The job from series to report: train everything, write models and report, print.</summary>
internal sealed class LectureJob(LectureOptions options, string folder, bool isJson, CancellationToken stop)
{
    private string Report => Path.Combine(folder, "report.html");

    public int Run()
    {
        PrepareFolders();
        LectureOutcome outcome = new LectureRun(options, Screen.Progress, stop).Run();
        Screen.EndProgress();
        if (outcome.IsCancelled && outcome.Results.All(result => result.Trained is null))
        {
            Console.Error.WriteLine($"Stopped before the first step: nothing was trained, and models and report that were in {folder} are unchanged. The same command with --resume goes on.");
            return ExitCode.Interrupted;
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
            Console.Error.WriteLine("Stopped before the end; what was learned until then is in the models and the report. The same command with --resume goes on.");
        }

        return outcome.IsCancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <summary>Makes the folders; a new training begins without the checkpoints of another one.</summary>
    private void PrepareFolders()
    {
        string checkpoints = options.Checkpoints!;
        // An empty folder is what a training leaves that was interrupted before its first step.
        if (options.Resume && !Directory.Exists(checkpoints))
        {
            throw new CheckpointException($"There is no folder {checkpoints} with checkpoints to go on from; run it without --resume first.");
        }

        OutputFolder.Create(folder);
        OutputFolder.Create(checkpoints);
        if (!options.Resume)
        {
            Array.ForEach(Directory.GetFiles(checkpoints, "*.checkpoint"), File.Delete);
        }
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

        Console.Out.WriteLine($"Noise alone: {Format.Number(LecturePublished.NoiseFloor, "0.00000")}. {Format.Time(outcome.Time.TotalNanoseconds)} in all, {options.Threads} models at a time.");
        Console.Out.WriteLine($"Naive errors as the lecture computes them, in 32-bit floats: {string.Join(" and ", outcome.Results.Where(result => result.Label == LectureBaselines.Naive).Select(result => Format.Number(result.ValidationMseAsNumPy, "0.00000000#")))}.");
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
