using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Classification;

/// <summary><c>evaluate</c> of a classifier: accuracy, F1 and confusion matrix over all windows of a table.</summary>
internal sealed class ClassEvaluation(EvaluateOptions options, ClassPlan plan, RecurrentModel model, bool isJson)
{
    public int Run()
    {
        if (options.From is not null)
        {
            throw new UsageException("--from goes with forecasters; a classifier is evaluated on all rows.");
        }

        LoadedSeries loaded = DataSource.Read(options.Data, new DataOptions
        {
            Columns = [.. plan.Inputs],
            TimeColumn = plan.TimeColumn,
            Missing = options.Missing ?? ForecastNames.Missing.First(pair => pair.Name == plan.Missing).Value,
            LabelColumn = plan.Label,
        });
        ImmutableArray<string> classes = [.. plan.Classes];
        TimeSeries scaled = Scaler.FromJson(plan.Scaler).Transform(loaded.Series);
        ClassSamples samples = ClassSamples.Of(scaled, LabelledRuns.Of(loaded, classes, plan.Label), plan.Window, plan.Stride)
            ?? throw new DataFormatException(
                loaded.Name, 0, plan.Label,
                $"no class has {Format.Counted(plan.Window, "row")} behind one another, which the model reads; give a longer table");
        List<string> notes = [.. loaded.Notes];
        if (Path.GetFileName(plan.Data) == Path.GetFileName(loaded.Name))
        {
            notes.Add("The model was trained on part of this table's rows, so that its figures are better than they would be on others.");
        }

        ConfusionMatrix matrix = ClassScores.Of(model, samples, classes, options.Threads);
        if (isJson)
        {
            Console.Out.WriteLine(JsonText.Object(json =>
            {
                json.WriteString("verb", "evaluate");
                json.WriteString("task", "classification");
                json.WriteString("model", options.Model);
                json.WriteString("data", loaded.Name);
                json.WriteNumber("rows", loaded.Series.Length);
                json.Strings("notes", notes);
                ClassScores.Write(json, matrix);
            }));
        }
        else
        {
            Console.Out.WriteLine($"Model: {options.Model}, {ForecastNames.Network(plan.Training)}, windows of {Format.Counted(plan.Window, "row")}");
            Console.Out.WriteLine($"Data: {Printable.Of(loaded.Name)}, {Format.Counted(loaded.Series.Length, "row")}");
            foreach (string note in notes)
            {
                Console.Out.WriteLine($"  {Printable.Of(note)}");
            }

            ClassScores.Print(matrix, "");
        }

        return ExitCode.Success;
    }
}
