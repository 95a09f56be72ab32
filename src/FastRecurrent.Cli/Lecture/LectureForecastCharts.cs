using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>Forecasts against the truth, for series that no model has seen.</summary>
internal static class LectureForecastCharts
{
    private const int Charts = 4;
    private const int Known = 20; // steps before the forecast that are shown

    public static IEnumerable<IReportPart> Of(LectureOutcome outcome)
    {
        LectureData data = outcome.Ahead;
        LectureResult[] shown = [.. LectureReport.Shown(outcome)];
        LectureResult best = shown.MinBy(result => result.ValidationMse)!;
        int colour = Array.IndexOf(shown, best) + 1;
        string interval = best.Interval is { } found
            ? $" The band is to hold {Wording.Share(found.Coverage)} of the truth, around {best.Label}, by the errors on the validation series "
                + $"(split conformal); of all test series it held {best.Covered.ToString("0 %", CultureInfo.InvariantCulture)}."
            : "";
        int count = data.Test.End.Value - data.Test.Start.Value;
        for (int i = 0; i < Math.Min(Charts, count); i++)
        {
            float[] values = data.Values(data.Test.Start.Value + i);
            int first = Math.Max(0, data.Steps - Known);
            yield return new LineChart($"Test series {i + 1}")
            {
                Note = i == 0 ? $"Everything up to step {data.Steps} is known; the forecasts were made there.{interval}" : "",
                XLabel = "step",
                YLabel = "value",
                Bands = Band(best, i, data, values[data.Steps - 1], colour),
                Lines =
                [
                    new ChartLine("Truth", values.AsMemory(first), Start: first + 1) { Colour = 6 },
                    .. shown.Select((result, k) => Forecast(result, i, data, values[data.Steps - 1], k + 1)),
                ],
                Marks = [new ChartMark(data.Steps, "now")],
            };
        }
    }

    /// <summary>The interval around the best one's forecast, from nothing at the last known value on.</summary>
    private static ImmutableArray<ChartBand> Band(LectureResult result, int series, LectureData data, float last, int colour)
    {
        if (result.Interval is not { } interval)
        {
            return [];
        }

        float[] lower = new float[data.Horizon], upper = new float[data.Horizon];
        interval.Around(result.TestForecasts.Slice(series * data.Horizon, data.Horizon).Span, lower, upper);
        return [new ChartBand($"{Wording.Share(interval.Coverage)} interval", (float[])[last, .. lower], (float[])[last, .. upper], data.Steps) { Colour = colour }];
    }

    /// <summary>The forecast, drawn from the last known value on.</summary>
    private static ChartLine Forecast(LectureResult result, int series, LectureData data, float last, int colour) =>
        new(result.Label, (float[])[last, .. result.TestForecasts.Slice(series * data.Horizon, data.Horizon).Span], data.Steps) { Colour = colour };
}
