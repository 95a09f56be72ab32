using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The job as a page: what was forecast, how good that is, how it was learned, from what.</summary>
internal static class NotebookReport
{
    private const int Smoothing = 50; // iterations
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static HtmlReport Create(NotebookOptions options, NotebookData data, NotebookTraining training, RecurrentModel model, NotebookScores scores)
    {
        ForecastTable table = scores.Model.OneShot;
        double error = table.Score(ForecastMetric.Mse), baseline = scores.BestBaseline.OneShot.Score(ForecastMetric.Mse);
        int losses = Math.Min(NotebookTraining.LastLosses, training.Trainer.History.Losses.Count);
        return new HtmlReport(
            options.Data is null ? "A rotating machine's vibration, forecast" : $"{data.Name}, forecast",
            $"{NotebookText.Network(options)}, trained for {Format.Counted(training.Trainer.Iteration, "iteration")} on {data.Name}.")
        {
            Cards =
            [
                new(
                    "Network, MSE in one shot", Wording.Error(error),
                    $"{Format.Counted(options.Frame, "value")} ahead, {Format.Counted(table.Count, "forecast")} of rows that it was not trained on"),
                new(
                    "Best baseline, MSE in one shot", Wording.Error(baseline),
                    $"{scores.BestBaseline.Name}; {(error < baseline ? "the network is better" : "better than the network")}"),
                new(
                    "Cost at the end of training", Wording.Error(training.LastLoss),
                    $"mean {NotebookText.CostUnit(data)} of the last {Format.Counted(losses, "iteration")}"),
                new(
                    "Training", Wording.Seconds(training.Elapsed),
                    $"{Format.Counted(options.Threads, "thread")}, {Format.Counted(model.Definition.ParameterCount, "parameter")}"),
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
        return new ReportSection(
            "How it was learned",
            Loss(data, training.Trainer.History.Losses),
            LearningFigures.GradientNorms(training.Trainer, training.Norms, Smoothing, "iteration"),
            new ReportTable("The costs that the course prints", "iteration", "cost")
            {
                Note = "The loss of the iteration's own window behind its step.",
                Rows = [.. training.Costs.Select(cost => ImmutableArray.Create(cost.Iteration.ToString("#,0", Culture), cost.Cost.ToString("0.000000", Culture)))],
            });
    }

    private static LineChart Loss(NotebookData data, IReadOnlyList<double> losses)
    {
        ChartLine line = new("each iteration", losses.Select(value => (float)value).ToArray(), Start: 1) { Colour = 6, Faint = true };
        return new LineChart("Loss")
        {
            Note = $"Each iteration's mean {NotebookText.CostUnit(data)}, before its step; the windows move through the series, so that hard and easy "
                + "ones take turns.",
            XLabel = "iteration",
            YLabel = "MSE",
            YKind = AxisKind.Log,
            Lines = [line, line.Smoothed($"mean of the last {Smoothing}", Smoothing) with { Colour = 1 }],
        };
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
            new LineChart($"The first {Format.Counted(values.Length, "value")}")
            {
                XLabel = "row",
                YLabel = data.Series.Names[0],
                Lines = [new ChartLine(data.Series.Names[0], values)],
            },
            new ReportTable("Data and settings", "what", "value") { Rows = facts });
    }
}
