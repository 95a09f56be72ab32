using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Forecasts;

/// <summary><c>train</c> from a table to a model file and a report: read, train, forecast the validation rows beside the baselines, write, print.</summary>
internal sealed class TrainJob(TrainOptions options, bool isJson, CancellationToken stop)
{
    public int Run()
    {
        OutputPath.RequireApart("--out", options.Folder, options.Files, options.Data);
        Screen.Progress("reading the data");
        LoadedSeries loaded = Planning.Read(options);
        ForecastPlan plan = Planning.Of(options, loaded);
        ForecastData data = ForecastData.Of(plan, loaded);
        TimeSeries values = data.Values.Slice(..data.Rows);
        using ForecastTraining training = new(plan, values, loaded.Name, options.Threads, options.CheckpointPath);
        using NewFolder folder = new(options.Folder);
        if (options.Resume)
        {
            training.Identity.Require(options.CheckpointPath);
            training.Trainer.LoadCheckpoint(options.CheckpointPath);
        }

        Screen.EndProgress();
        if (!isJson)
        {
            Begin(training.Plan, data, training);
        }

        long before = training.Trainer.Iteration;
        RecurrentModel model = training.Run(new EpochProgress(options.Training.Epochs), stop);
        Screen.EndProgress();
        if (stop.IsCancellationRequested && training.Trainer.Iteration == before)
        {
            return Interruption.BeforeFirstStep(options.Folder);
        }

        if (stop.IsCancellationRequested)
        {
            return Stopped(training, model, data);
        }

        ForecastPlan scored = training.Plan;
        TimeSeries known = values.Slice(training.Split.Training), held = values.Slice(training.Split.Validation);
        Calibration? calibration = scored.Intervals == IntervalKind.Conformal ? Calibration.Of(scored, model, held) : null;
        scored = calibration is null ? scored : scored with { HalfWidths = calibration.HalfWidths };
        Save(scored, model); // before the baselines, which may take a while and be interrupted
        Method[] methods = [Methods.Network(scored, model), .. Methods.Of(scored, options.Threads)];
        ImmutableArray<ForecastScore> scores = Scoring.Of(methods, known, held, scored, stop);
        new TrainReport(options, scored, data, training, scores, calibration).Create(model).Write(options.ReportPath);
        if (isJson)
        {
            Console.Out.WriteLine(Json(scored, data, training, scores, calibration, isCancelled: false));
        }
        else
        {
            End(scored, training, scores, calibration);
        }

        return ExitCode.Success;
    }

    private int Stopped(ForecastTraining training, RecurrentModel model, ForecastData data)
    {
        // Intervals from errors come with the end of a training.
        ForecastPlan plan = training.Plan;
        Save(plan, model);
        if (isJson)
        {
            Console.Out.WriteLine(Json(plan, data, training, [], null, isCancelled: true));
        }

        Console.Error.WriteLine(PlanText.Stopped(training.Trainer, options));
        return ExitCode.Interrupted;
    }

    private void Save(ForecastPlan plan, RecurrentModel model) =>
        OutputFolder.Write(options.ModelPath, path => ModelFile.Save(path, model, new ModelSaveOptions { Metadata = PlanFile.Metadata(plan) }));

    private static void Begin(ForecastPlan plan, ForecastData data, ForecastTraining training)
    {
        Console.Out.WriteLine(
            $"Data: {Printable.Of(data.Loaded.Name)}, {Format.Counted(data.Rows, "row")}{(data.Step is { } step ? $", one every {step.InWords()}" : "")}");
        foreach (string note in data.Loaded.Notes)
        {
            Console.Out.WriteLine($"  {Printable.Of(note)}");
        }

        Console.Out.WriteLine(Printable.Of($"Forecast: {string.Join(", ", plan.Targets)}, {Format.Counted(plan.Horizon, "step")} ahead, from {PlanText.Inputs(plan)}"));
        Console.Out.WriteLine(
            $"Network: {PlanText.Network(plan)}; windows of {Format.Counted(plan.Window, "row")}; "
            + $"{Format.Counted(training.Split.Training.End.Value, "row")} for training, the rest for validation");
    }

    private void End(ForecastPlan plan, ForecastTraining training, ImmutableArray<ForecastScore> scores, Calibration? calibration)
    {
        Console.Out.WriteLine(PlanText.Trained(training.Trainer));
        ScoreText.Print(scores, plan, $"{Format.Counted(scores[0].Table.Count, "forecast")} of the validation rows");
        if (calibration is { Found: { } found })
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Intervals for {plan.Coverage:0.#%} of the truth, from the later half of the validation rows, hold {found:0.#%} of the earlier half."));
        }

        Console.Out.WriteLine($"Model:  {options.ModelPath}");
        Console.Out.WriteLine($"Report: {options.ReportPath}");
        string needed = plan.Known.IsEmpty
            ? ""
            : $", once it has {Format.Counted(plan.Horizon, "row")} more, with {Printable.Of(string.Join(", ", plan.Known))} and the targets left empty";
        Console.Out.WriteLine($"Next:   {Invocation.Command("forecast", options.ModelPath, options.Data)}{needed}");
    }

    private string Json(
        ForecastPlan plan, ForecastData data, ForecastTraining training, ImmutableArray<ForecastScore> scores, Calibration? calibration, bool isCancelled) =>
        JsonText.Object(json =>
        {
            json.WriteString("verb", "train");
            json.WriteString("task", "forecast");
            json.WriteBoolean("cancelled", isCancelled);
            json.WriteString("data", data.Loaded.Name);
            json.WriteNumber("rows", data.Rows);
            json.WriteNumber("training_rows", plan.TrainedRows);
            PlanText.Write(json, plan);
            PlanText.Write(json, training.Trainer);
            json.Strings("notes", data.Loaded.Notes);
            ScoreText.Write(json, scores, plan);
            json.Number("coverage_on_earlier_half", calibration?.Found);
            json.WriteString("model", options.ModelPath);
            json.WriteString("checkpoint", options.CheckpointPath);
            json.WriteString("report", isCancelled ? null : options.ReportPath);
        });
}
