using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Classification;

/// <summary><c>train --task classification</c>: windows of rows of one class to the class.</summary>
internal sealed class ClassificationJob(TrainOptions options, bool isJson, CancellationToken stop)
{
    private const int DefaultWindow = 32;

    public int Run()
    {
        OutputPath.RequireApart("--out", options.Folder, options.Files, options.Data);
        Screen.Progress("reading the data");
        string label = options.Label!;
        LoadedSeries loaded = DataSource.Read(options.Data, new DataOptions
        {
            Columns = options.Inputs,
            TimeColumn = options.TimeColumn,
            Missing = options.Missing,
            LabelColumn = label,
        });
        if (loaded.Labels.IsEmpty)
        {
            throw new DataFormatException(options.Data, 0, null, "classes are read from a CSV; this file has no columns with names");
        }

        ImmutableArray<string> classes = LabelledRuns.Classes(loaded, label);
        (ImmutableArray<LabelledRun> training, ImmutableArray<LabelledRun> validation) =
            LabelledRuns.Split(LabelledRuns.Of(loaded, classes, label), options.Training.Validation);
        int window = options.Window ?? DefaultWindow, stride = options.Stride ?? Math.Max(1, window / 2);
        Scaler scaler = ScalerOf(loaded, training);
        TimeSeries scaled = scaler.Transform(loaded.Series);
        ClassSamples known = Samples(scaled, training, window, stride, classes, "training", loaded.Name);
        ClassSamples held = Samples(scaled, validation, window, stride, classes, "validation", loaded.Name);
        ClassPlan plan = new()
        {
            Inputs = [.. loaded.Series.Names],
            Label = label,
            Classes = [.. classes],
            Window = window,
            Stride = stride,
            Missing = ForecastNames.Of(options.Missing),
            TimeColumn = loaded.TimeColumn,
            Scaler = scaler.ToJson(),
            Data = loaded.Name,
            Training = options.Training,
        };
        ModelDefinition network = ForecastNetwork.Define(options.Training, loaded.Series.Channels, classes.Length);
        RunIdentity identity = TrainIdentity.Of(plan, loaded);
        using NetworkTrainer trainer = new(
            network, Loss.SoftmaxCrossEntropy, known.Shape, options.Training, options.Threads, options.CheckpointPath, identity.ToJson());
        using NewFolder folder = new(options.Folder);
        if (options.Resume)
        {
            identity.Require(options.CheckpointPath);
            trainer.Trainer.LoadCheckpoint(options.CheckpointPath);
        }

        Screen.EndProgress();
        if (!isJson)
        {
            Console.Out.WriteLine(
                $"Data: {Printable.Of(loaded.Name)}, {Format.Counted(loaded.Series.Length, "row")}, {classes.Length} classes ({Printable.Of(string.Join(", ", classes))})");
            foreach (string note in loaded.Notes)
            {
                Console.Out.WriteLine($"  {Printable.Of(note)}");
            }

            Console.Out.WriteLine(
                $"Network: {ForecastNames.Network(options.Training)}; windows of {Format.Counted(window, "row")}, {known.Count} for training, "
                + $"{held.Count} for validation, from {Printable.Of(string.Join(", ", plan.Inputs))}");
        }

        long before = trainer.Trainer.Iteration;
        RecurrentModel model = trainer.Run(known, held, new EpochProgress(options.Training.Epochs), stop);
        bool isCancelled = stop.IsCancellationRequested;
        if (isCancelled && trainer.Trainer.Iteration == before)
        {
            return Interruption.BeforeFirstStep(options.Folder);
        }

        Screen.EndProgress();
        OutputFolder.Write(options.ModelPath, path => ModelFile.Save(path, model, new ModelSaveOptions { Metadata = plan.Metadata() }));
        ConfusionMatrix matrix = ClassScores.Of(model, held, classes, options.Threads);
        Report(plan, trainer.Trainer, model, matrix, loaded).Write(options.ReportPath);
        if (isJson)
        {
            Console.Out.WriteLine(Json(plan, trainer.Trainer, known.Count, matrix, loaded, isCancelled));
        }
        else
        {
            Console.Out.WriteLine(PlanText.Trained(trainer.Trainer));
            ClassScores.Print(matrix, " of the validation rows");
            Console.Out.WriteLine($"Model:  {options.ModelPath}");
            Console.Out.WriteLine($"Report: {options.ReportPath}");
            Console.Out.WriteLine($"Next:   {Invocation.Command("evaluate", options.ModelPath, options.Data)}");
        }

        if (isCancelled)
        {
            Console.Error.WriteLine(PlanText.Stopped(trainer.Trainer, options));
        }

        return isCancelled ? ExitCode.Interrupted : ExitCode.Success;
    }

    /// <summary>Fitted on the training rows of all classes.</summary>
    private Scaler ScalerOf(LoadedSeries loaded, ImmutableArray<LabelledRun> training)
    {
        int channels = loaded.Series.Channels;
        float[] rows = new float[training.Sum(run => run.Length) * channels];
        int at = 0;
        foreach (LabelledRun run in training)
        {
            loaded.Series.CopyRows(run.First, rows.AsSpan(at, run.Length * channels));
            at += run.Length * channels;
        }

        return ForecastTraining.ScalerOf(options.Training.Scaler, new TimeSeries(rows, loaded.Series.Names.AsSpan()), loaded.Name);
    }

    private static ClassSamples Samples(
        TimeSeries scaled, ImmutableArray<LabelledRun> runs, int window, int stride, ImmutableArray<string> classes, string what, string name)
    {
        ClassSamples? samples = ClassSamples.Of(scaled, runs, window, stride);
        int empty = samples is null ? 0 : Array.IndexOf(samples.Counts(classes.Length), 0);
        return samples is not null && empty < 0
            ? samples
            : throw new DataFormatException(
                name, 0, null,
                $"class '{classes[empty]}' has no {Format.Counted(window, "row")} behind one another among the {what} rows; "
                + "give more rows of it, or a smaller --window or another --validation");
    }

    private HtmlReport Report(ClassPlan plan, Trainer trainer, RecurrentModel model, ConfusionMatrix matrix, LoadedSeries loaded) => new(
        $"{plan.Label}, recognized",
        $"Windows of {Format.Counted(plan.Window, "row")} of {loaded.Name}, by {ForecastNames.Network(options.Training)}: {string.Join(", ", plan.Classes)}.")
    {
        Cards =
        [
            new("Accuracy", Format.Percent(matrix.Accuracy), $"always the most frequent class: {Format.Percent(ClassScores.Majority(matrix))}"),
            new("F1", Format.Number(matrix.MacroF1, "0.000"), "mean of the classes"),
            LearningCharts.Card(trainer, model),
        ],
        Sections =
        [
            new ReportSection(
                "How well",
                HeatMap.Of("Confusion matrix", matrix) with
                {
                    Note = $"{Format.Counted(matrix.Total, "window")} of the validation rows; the colour is the share of the row.",
                },
                ClassScores.ClassTable(matrix)),
            LearningCharts.Section(trainer),
        ],
        Footer = string.Create(
            CultureInfo.InvariantCulture,
            $"FastRecurrent train; seed {options.Training.Seed}, batches of {options.Training.Batch}, Adam {options.Training.Rate:0.######}; ")
            + $"inputs {string.Join(", ", plan.Inputs)}. {string.Join(' ', loaded.Notes)}",
    };

    private string Json(
        ClassPlan plan, Trainer trainer, int windows, ConfusionMatrix matrix, LoadedSeries loaded, bool isCancelled) => JsonText.Object(json =>
    {
        json.WriteString("verb", "train");
        json.WriteString("task", "classification");
        json.WriteBoolean("cancelled", isCancelled);
        json.WriteString("data", loaded.Name);
        json.WriteNumber("rows", loaded.Series.Length);
        json.Strings("inputs", plan.Inputs);
        json.WriteString("label", plan.Label);
        json.WriteNumber("window", plan.Window);
        json.WriteNumber("stride", plan.Stride);
        json.WriteNumber("training_windows", windows);
        json.WriteString("scaler", ForecastNames.Of(options.Training.Scaler));
        json.WriteString("cell", WorkloadNames.Of(options.Training.Cell));
        json.WriteNumber("hidden", options.Training.Hidden);
        json.WriteNumber("layers", options.Training.Layers);
        json.WriteNumber("seed", options.Training.Seed);
        PlanText.Write(json, trainer);
        json.Strings("notes", loaded.Notes);
        ClassScores.Write(json, matrix);
        json.WriteString("model", options.ModelPath);
        json.WriteString("checkpoint", options.CheckpointPath);
        json.WriteString("report", options.ReportPath);
    });
}
