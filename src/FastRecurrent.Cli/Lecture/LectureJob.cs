using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>The job from series to report: train everything, write models and report, print.</summary>
internal sealed class LectureJob(LectureOptions options, string folder, bool isJson, CancellationToken stop)
{
    private string Report => Path.Combine(folder, "report.html");

    public int Run()
    {
        OutputFolder.Create(folder);
        LectureOutcome outcome = new LectureRun(options, Screen.Progress, stop).Run();
        Screen.EndProgress();
        Dictionary<LectureTask, string> models = Save(outcome);
        LectureReport.Of(outcome).Write(Report);
        if (isJson)
        {
            Console.Out.WriteLine(LectureJson.Text(outcome, Report, models));
        }
        else
        {
            Print(outcome, models);
        }

        return outcome.IsCancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    private void Print(LectureOutcome outcome, Dictionary<LectureTask, string> models)
    {
        LectureTable.Print(outcome);
        Console.Out.WriteLine($"Noise alone: {Format.Number(LecturePublished.NoiseFloor, "0.00000")}. {Format.Time(outcome.Time.TotalNanoseconds)} in all, {options.Threads} models at a time.");
        Console.Out.WriteLine($"Naive errors as the lecture computes them, in 32-bit floats: {string.Join(" and ", outcome.Results.Where(result => result.Label == LectureBaselines.Naive).Select(result => Format.Number(result.ValidationMseAsNumPy, "0.00000000#")))}.");
        foreach ((LectureTask task, string file) in models)
        {
            Console.Out.WriteLine($"{LectureTable.Title(task, options)}, best model: {outcome.Best(task)!.Name}, in {file}");
        }

        Console.Out.WriteLine($"Report: {Report}");
        if (outcome.IsCancelled)
        {
            Console.Error.WriteLine("Stopped before the end; what was learned until then is in the tables, the models and the report.");
        }
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
