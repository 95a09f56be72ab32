using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>Forecasts against the truth, for series that no model has seen.</summary>
internal static class LectureForecastCharts
{
    private const int Charts = 4;
    private const int Known = 25; // steps before the forecast that are shown

    public static IEnumerable<IReportPart> Of(LectureOutcome outcome)
    {
        LectureData data = outcome.Ahead;
        LectureResult[] shown = [.. LectureReport.Shown(outcome)];
        int count = data.Test.End.Value - data.Test.Start.Value;
        for (int i = 0; i < Math.Min(Charts, count); i++)
        {
            float[] values = data.Values(data.Test.Start.Value + i);
            int first = Math.Max(0, data.Steps - Known);
            yield return new LineChart($"Test series {i + 1}")
            {
                Note = i == 0 ? $"Everything up to step {data.Steps} is known; the forecasts were made there, {data.Horizon} steps at once." : "",
                XLabel = "step",
                Lines =
                [
                    new ChartLine("Truth", values.AsMemory(first), Start: first + 1) { Colour = 6 },
                    .. shown.Select((result, k) => Forecast(result, i, data, values[data.Steps - 1], k + 1)),
                ],
                Marks = [new ChartMark(data.Steps, "now")],
            };
        }
    }

    /// <summary>The forecast, drawn from the last known value on.</summary>
    private static ChartLine Forecast(LectureResult result, int series, LectureData data, float last, int colour) =>
        new(result.Label, (float[])[last, .. result.TestForecasts.Slice(series * data.Horizon, data.Horizon).Span], Start: data.Steps) { Colour = colour };
}
