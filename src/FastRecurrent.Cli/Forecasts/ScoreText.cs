using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;
using Spectre.Console;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>Scores as tables on stdout, in reports, and as JSON.</summary>
internal static class ScoreText
{
    private const int MaxSteps = 10; // of a horizon that a table shows

    private static readonly (string Name, ForecastMetric Metric)[] Metrics =
    [
        ("MSE", ForecastMetric.Mse), ("RMSE", ForecastMetric.Rmse), ("MAE", ForecastMetric.Mae), ("MAPE %", ForecastMetric.Mape),
        ("sMAPE %", ForecastMetric.Smape),
    ];

    /// <summary>All errors of all methods, target by target.</summary>
    public static void Print(ImmutableArray<ForecastScore> scores, ForecastPlan plan, string title)
    {
        foreach (string target in plan.Targets)
        {
            Print(ErrorTable(scores, plan, target, $"{target}: {title}"));
        }
    }

    /// <summary>The errors by target step.</summary>
    public static void PrintSteps(ImmutableArray<ForecastScore> scores, ForecastPlan plan)
    {
        foreach (string target in plan.Targets.Where(_ => plan.Horizon > 1))
        {
            int[] steps = Steps(plan.Horizon);
            Print(new ReportTable($"{target}: mean absolute error by steps ahead", ["forecaster", .. steps.Select(step => Whole(step + 1))])
            {
                Rows =
                [
                    .. scores.Select(score => (ImmutableArray<string>)
                        [score.Name, .. steps.Select(step => Reports.Markup.Number(score.Error(ForecastMetric.Mae, target, step)))]),
                ],
            });
        }
    }

    /// <summary>One target's errors.</summary>
    public static ReportTable ErrorTable(ImmutableArray<ForecastScore> scores, ForecastPlan plan, string target, string title)
    {
        bool hasBands = scores.Any(score => score.Bands is not null);
        return new ReportTable(title, ["forecaster", .. Metrics.Select(metric => metric.Name), "MASE", .. hasBands ? (string[])["pinball", "coverage"] : []])
        {
            Rows = [.. scores.Select(Row)],
            Best = scores.IndexOf(scores.MinBy(score => score.Error(ForecastMetric.Rmse, target))!),
        };

        ImmutableArray<string> Row(ForecastScore score) =>
        [
            score.Name,
            .. Metrics.Select(metric => Reports.Markup.Number(score.Error(metric.Metric, target))),
            Reports.Markup.Number(score.ScaledError(plan, target)),
            .. hasBands ? Bands(score) : [],
        ];

        string[] Bands(ForecastScore score) =>
        [
            score.Pinball(plan, target) is { } pinball ? Reports.Markup.Number(pinball) : "",
            score.Coverage(target) is { } covered ? Format.Percent(covered) : "",
        ];
    }

    /// <summary>Adds <c>results</c>: an object for each method and target.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<ForecastScore> scores, ForecastPlan plan)
    {
        json.WriteStartArray("results");
        foreach (ForecastScore score in scores)
        {
            foreach (string target in plan.Targets)
            {
                json.WriteStartObject();
                json.WriteString("forecaster", score.Name);
                json.WriteString("target", target);
                json.WriteNumber("forecasts", score.Table.Count);
                foreach ((string name, ForecastMetric metric) in Metrics)
                {
                    json.Number(name.Split(' ')[0].ToLowerInvariant(), score.Error(metric, target));
                }

                json.Number("mase", score.ScaledError(plan, target));
                json.Number("pinball", score.Pinball(plan, target));
                json.Number("coverage", score.Coverage(target));
                json.WriteStartArray("mae_by_step");
                foreach (double error in score.Table.ByStep(ForecastMetric.Mae, target))
                {
                    if (double.IsFinite(error))
                    {
                        json.WriteNumberValue(error);
                    }
                    else
                    {
                        json.WriteNullValue(); // JSON has no word for it
                    }
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    /// <summary>Prints a report's table on stdout.</summary>
    public static void Print(ReportTable table)
    {
        Table printed = new Table { Title = new TableTitle(Spectre.Console.Markup.Escape(Printable.Of(table.Title))), Border = TableBorder.Rounded };
        for (int i = 0; i < table.Columns.Length; i++)
        {
            TableColumn column = new(Spectre.Console.Markup.Escape(Printable.Of(table.Columns[i])));
            printed.AddColumn(i == 0 ? column : column.RightAligned());
        }

        foreach (ImmutableArray<string> row in table.Rows)
        {
            printed.AddRow([.. row.Select(cell => Spectre.Console.Markup.Escape(Printable.Of(cell)))]);
        }

        Screen.Output.Write(printed);
    }

    /// <summary>At most ten steps of a horizon, the first and the last among them.</summary>
    public static int[] Steps(int horizon) => horizon <= MaxSteps
        ? [.. Enumerable.Range(0, horizon)]
        : [.. Enumerable.Range(0, MaxSteps).Select(i => (int)Math.Round(i * (horizon - 1) / (double)(MaxSteps - 1)))];

    private static string Whole(int value) => value.ToString(CultureInfo.InvariantCulture);
}
