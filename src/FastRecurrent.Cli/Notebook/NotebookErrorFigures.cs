using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The errors over all test rows, beside the baselines'.</summary>
internal static class NotebookErrorFigures
{
    private const double Dwarfing = 10; // times the model's error

    public static ReportSection Section(NotebookOptions options, NotebookData data, NotebookScores scores) =>
        new("How good is that", Table(data, scores), ByStep(options, scores), ByFrame(options, scores));

    private static ReportTable Table(NotebookData data, NotebookScores scores)
    {
        NotebookScore[] rows = [.. scores.Rows];
        Func<NotebookScore, double>[] columns =
        [
            score => score.OneShot.Score(ForecastMetric.Mse), score => score.OneShot.Score(ForecastMetric.Mae),
            score => score.Generated.Score(ForecastMetric.Mse), score => score.Generated.Score(ForecastMetric.Mae),
        ];
        return new ReportTable("Errors", "forecaster", "one shot: MSE", "MAE", "generated: MSE", "MAE")
        {
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"Over rows {data.Start:#,0} to {data.Series.Length - 1:#,0}: {Format.Counted(scores.Model.OneShot.Count, "forecast")} in one shot, "
                + $"{scores.Model.Generated.Count} generated. MSE is the mean squared, MAE the mean absolute error, in the unit of the data. The least error of each column is marked."),
            Rows =
            [
                .. rows.Select(score => (ImmutableArray<string>)[score.Name, .. columns.Select(column => Wording.Error(column(score)))]),
            ],
            BestOfColumns = [-1, .. columns.Select(column => Array.IndexOf(rows, rows.MinBy(column)))],
        };
    }

    private static LineChart ByStep(NotebookOptions options, NotebookScores scores) => new("Error by step ahead")
    {
        Note = $"Mean squared error of each of the {options.Frame} values that are forecast in one shot.",
        XLabel = "values ahead",
        YLabel = "MSE",
        YKind = AxisKind.Log,
        Lines =
        [
            .. scores.All.Select((score, i) => new ChartLine(score.Name, Floats(score.OneShot.ByStep(ForecastMetric.Mse)), Start: 1) { Colour = Colour(i) }),
        ],
    };

    /// <summary>The mean over a frame's steps and all forecasts.</summary>
    private static BarChart ByFrame(NotebookOptions options, NotebookScores scores)
    {
        double most = Dwarfing * scores.Model.Generated.Score(ForecastMetric.Mse);
        ILookup<bool, NotebookScore> isShown = scores.All.ToLookup(score => score.Generated.Score(ForecastMetric.Mse) <= most);
        string rest = isShown[false].Any()
            ? $" Not shown, since they would dwarf the others: {string.Join(", ", isShown[false].Select(score => score.Name))}."
            : "";
        return new BarChart("Error by generated frame")
        {
            Note = $"Mean squared error of each generated frame of {options.Frame} values.{rest}",
            XLabel = "generated frame",
            YLabel = "MSE",
            Places = [.. Enumerable.Range(1, options.Generate).Select(frame => frame.ToString(CultureInfo.InvariantCulture))],
            Series =
            [
                .. isShown[true].Select(score => new BarSeries(score.Name, OfFrames(score)) { Colour = Colour(scores.All.IndexOf(score)) }),
            ],
        };

        ImmutableArray<double> OfFrames(NotebookScore score) =>
            [.. score.Generated.ByStep(ForecastMetric.Mse).Chunk(options.Frame).Select(frame => frame.Average())];
    }

    private static int Colour(int forecaster) => forecaster + 1;

    private static float[] Floats(double[] values) => Array.ConvertAll(values, value => (float)value);
}
