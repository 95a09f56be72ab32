using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The errors over all test rows, beside the baselines'.</summary>
internal static class NotebookErrorFigures
{
    public static ReportSection Section(NotebookOptions options, NotebookData data, NotebookScores scores) =>
        new("How good is that", Table(data, scores), ByStep(options, scores), ByFrame(options, scores));

    private static ReportTable Table(NotebookData data, NotebookScores scores)
    {
        NotebookScore[] rows = [.. scores.Rows];
        double[] errors = [.. rows.Select(score => score.OneShot.Score(ForecastMetric.Mse))];
        return new ReportTable("Errors", "forecaster", "one shot: MSE", "MAE", "generated: MSE", "MAE")
        {
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"Over rows {data.Start:#,0} to {data.Series.Length - 1:#,0}: {scores.Model.OneShot.Count} forecasts in one shot, {scores.Model.Generated.Count} generated. MSE is the mean squared, MAE the mean absolute error."),
            Rows =
            [
                .. rows.Select(score => ImmutableArray.Create(
                    score.Name,
                    Number(score.OneShot, ForecastMetric.Mse),
                    Number(score.OneShot, ForecastMetric.Mae),
                    Number(score.Generated, ForecastMetric.Mse),
                    Number(score.Generated, ForecastMetric.Mae))),
            ],
            Best = Array.IndexOf(errors, errors.Min()),
        };
    }

    private static LineChart ByStep(NotebookOptions options, NotebookScores scores) => new("Error by step ahead")
    {
        Note = $"Mean squared error of each of the {options.Frame} values that are forecast in one shot.",
        XLabel = "values ahead",
        YLabel = "MSE",
        YKind = AxisKind.Log,
        Lines = [.. scores.All.Select((score, i) => new ChartLine(score.Name, Floats(score.OneShot.ByStep(ForecastMetric.Mse)), Start: 1) { Colour = Colour(i) })],
    };

    /// <summary>The mean over a frame's steps and all forecasts.</summary>
    private static BarChart ByFrame(NotebookOptions options, NotebookScores scores) => new("Error by generated frame")
    {
        Note = $"Mean squared error of each generated frame of {options.Frame} values.",
        XLabel = "generated frame",
        YLabel = "MSE",
        Places = [.. Enumerable.Range(1, options.Generate).Select(frame => frame.ToString(CultureInfo.InvariantCulture))],
        Series =
        [
            .. scores.All.Select(score => new BarSeries(
                score.Name, [.. score.Generated.ByStep(ForecastMetric.Mse).Chunk(options.Frame).Select(frame => frame.Average())])),
        ],
    };

    private static int Colour(int forecaster) => forecaster + 1;

    private static string Number(ForecastTable table, ForecastMetric metric) => Markup.Number(table.Score(metric));

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);
}
