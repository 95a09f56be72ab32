using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Forecasts;

/// <summary><c>train</c> from a table to a model file and a report: read, train, forecast the validation rows beside the baselines, write, print.</summary>
internal sealed class TrainJob(TrainOptions options, bool isJson, CancellationToken stop)
{
    public int Run()
    {
        Screen.Progress("reading the data");
        LoadedSeries loaded = Planning.Read(options);
        ForecastPlan plan = Planning.Of(options, loaded);
        ForecastData data = ForecastData.Of(plan, loaded);
        TimeSeries values = data.Values.Slice(..data.Rows);
        using ForecastTraining training = new(plan, values, loaded.Name, options.Threads, options.CheckpointPath);
        using NewFolders made = OutputFolder.Create(options.Folder);
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
        ImmutableArray<ForecastScore> scores = Scoring.Of([Methods.Network(scored, model), .. Methods.Of(scored, options.Threads)], known, held, scored, stop);
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

        Console.Error.WriteLine($"Stopped after {training.Trainer.Iteration} steps. What was learned is in {options.ModelPath}; the same command with --resume goes on.");
        return ExitCode.Interrupted;
    }

    private void Save(ForecastPlan plan, RecurrentModel model) =>
        OutputFolder.Write(options.ModelPath, path => ModelFile.Save(path, model, new ModelSaveOptions { Metadata = PlanFile.Metadata(plan) }));

    private static void Begin(ForecastPlan plan, ForecastData data, ForecastTraining training)
    {
        Console.Out.WriteLine($"Data: {data.Loaded.Name}, {Format.Number(data.Rows, "#,0")} rows{(data.Step is { } step ? $", one every {step}" : "")}");
        foreach (string note in data.Loaded.Notes)
        {
            Console.Out.WriteLine($"  {note}");
        }

        Console.Out.WriteLine($"Forecast: {string.Join(", ", plan.Targets)}, {plan.Horizon} {(plan.Horizon == 1 ? "step" : "steps")} ahead, from {PlanText.Inputs(plan)}");
        Console.Out.WriteLine($"Network: {PlanText.Network(plan)}; windows of {plan.Window} rows; {Format.Number(training.Split.Training.End.Value, "#,0")} rows for training, the rest for validation");
    }

    private void End(ForecastPlan plan, ForecastTraining training, ImmutableArray<ForecastScore> scores, Calibration? calibration)
    {
        Console.Out.WriteLine(PlanText.Trained(training.Trainer));
        ScoreText.Print(scores, plan, $"{scores[0].Table.Count} forecasts of the validation rows");
        if (calibration is { Found: { } found })
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Intervals for {plan.Coverage:0.#%} of the truth, from the later half of the validation rows, hold {found:0.#%} of the earlier half."));
        }

        Console.Out.WriteLine($"Model:  {options.ModelPath}");
        Console.Out.WriteLine($"Report: {options.ReportPath}");
        Console.Out.WriteLine($"Next:   dotnet run -c Release --project src/FastRecurrent.Cli -- forecast {OutputPath.Quoted(options.ModelPath)} {OutputPath.Quoted(options.Data)}");
    }

    private string Json(ForecastPlan plan, ForecastData data, ForecastTraining training, ImmutableArray<ForecastScore> scores, Calibration? calibration, bool isCancelled) =>
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
