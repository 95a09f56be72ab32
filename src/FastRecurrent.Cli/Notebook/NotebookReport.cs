using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The job as a page: what was forecast, how good that is, how it was learned, from what.</summary>
internal static class NotebookReport
{
    private const int LastCosts = 250;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static HtmlReport Create(NotebookOptions options, NotebookData data, NotebookTraining training, RecurrentModel model, NotebookScores scores)
    {
        ForecastTable table = scores.Model.OneShot;
        double error = table.Score(ForecastMetric.Rmse), baseline = scores.BestBaseline.OneShot.Score(ForecastMetric.Rmse);
        IReadOnlyList<double> losses = training.Trainer.History.Losses;
        double last = losses.TakeLast(LastCosts).Average();
        return new HtmlReport(
            options.Data is null ? "A rotating machine's vibration, forecast" : $"{data.Name}, forecast",
            $"{NotebookText.Network(options)}, trained on {training.Trainer.Iteration.ToString("#,0", Culture)} windows of {data.Name}.")
        {
            Cards =
            [
                new("Error in one shot (RMSE)", Markup.Number(error), $"{options.Frame} values ahead, {table.Count} forecasts"),
                new("Best baseline", Markup.Number(baseline), scores.BestBaseline.Name),
                new("Cost at the end", Markup.Number(last), $"mean of the last {Math.Min(LastCosts, losses.Count)} iterations"),
                new("Training", string.Create(Culture, $"{training.Elapsed.TotalSeconds:0.00} s"), $"{options.Threads} {(options.Threads == 1 ? "thread" : "threads")}, {model.Definition.ParameterCount.ToString("#,0", Culture)} parameters"),
            ],
            Sections =
            [
                NotebookForecastFigures.Section(options, data, scores),
                NotebookErrorFigures.Section(options, data, scores),
                Learning(data, training),
                Data(options, data, model),
            ],
            Footer = $"FastRecurrent notebook; {NotebookText.Training(options)}; errors in the unit of the data, on rows that nothing was fitted on.",
        };
    }

    private static ReportSection Learning(NotebookData data, NotebookTraining training)
    {
        TrainingHistory history = training.Trainer.History;
        return new ReportSection(
            "How it was learned",
            Curve("Loss", $"Each iteration's {NotebookText.CostUnit(data)} before its step; the windows move through the series, so that hard and easy ones take turns.", history.Losses),
            Curve("Gradient norm", "The length of the gradient over all parameters.", history.GradientNorms),
            new ReportTable("The costs that the course prints", "iteration", "cost")
            {
                Note = "The loss of the iteration's own window behind its step.",
                Rows = [.. training.Costs.Select(cost => ImmutableArray.Create(cost.Iteration.ToString("#,0", Culture), cost.Cost.ToString("0.000000", Culture)))],
            });
    }

    private static LineChart Curve(string title, string note, IReadOnlyList<double> values)
    {
        const int Smoothing = 50;
        ChartLine line = new("each iteration", values.Select(value => (float)value).ToArray(), Start: 1) { Colour = 6, Faint = true };
        return new LineChart(title) { Note = note, XLabel = "iteration", YKind = AxisKind.Log, Lines = [line, line.Smoothed($"mean of the last {Smoothing}", Smoothing) with { Colour = 1 }] };
    }

    private static ReportSection Data(NotebookOptions options, NotebookData data, RecurrentModel model)
    {
        const int Shown = 1500;
        float[] values = data.Series.Slice(..Math.Min(Shown, data.Series.Length)).ToArray();
        ImmutableArray<ImmutableArray<string>> facts =
        [
            ["series", data.Name],
            ["rows", data.Series.Length.ToString("#,0", Culture)],
            ["rows to train on", $"0 to {(data.Start - 1).ToString("#,0", Culture)}"],
            ["scaling", data.Scaler is { } scaler ? $"{scaler.Kind.ToString().ToLowerInvariant()}, fitted on the training rows" : "none"],
            ["network", NotebookText.Network(options)],
            ["parameters", model.Definition.ParameterCount.ToString("#,0", Culture)],
            ["training", NotebookText.Training(options)],
            .. data.Notes.Select(note => ImmutableArray.Create("note", note)),
        ];
        return new ReportSection(
            "From what",
            new LineChart($"The first {values.Length.ToString("#,0", Culture)} values") { XLabel = "row", YLabel = data.Series.Names[0], Lines = [new ChartLine(data.Series.Names[0], values)] },
            new ReportTable("Data and settings", "what", "value") { Rows = facts });
    }
}
