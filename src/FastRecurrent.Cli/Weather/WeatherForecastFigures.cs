using System.Globalization;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Weather;

/// <summary>The end of the test rows, each forecast from the job's distance, and what is yet to come, with intervals.</summary>
internal sealed class WeatherForecastFigures(WeatherData data, WeatherOptions options, WeatherForecasts forecasts)
{
    private const int HoursShown = 10 * 24, DaysShown = 90;
    private const double Tolerance = 0.1; // of a coverage

    public LineChart Chart(string target)
    {
        int channel = data.Targets.IndexOf(target);
        float[] truth = forecasts.Network.Truth(target), past = forecasts.Network.Forecasts(target), coming = Coming(channel);
        int shown = Math.Min(truth.Length, data.RowsPerDay > 1 ? HoursShown : DaysShown);
        double step = data.Times is null ? 1 : 1.0 / data.RowsPerDay, now = data.Place(data.Values.Length - 1), start = now - ((shown - 1) * step);
        return new LineChart(WeatherText.Name(target))
        {
            YLabel = WeatherText.Unit(target),
            Note = $"Up to now each forecast was made {WeatherText.Distance(data)} before; what is to come is forecast {WeatherText.Distances(data)} "
                + $"ahead.{Coverage(channel)}",
            XKind = data.Times is null ? AxisKind.Linear : AxisKind.Time,
            Lines =
            [
                new ChartLine("what came", truth.AsMemory(truth.Length - shown), start, step) { Colour = 6 },
                new ChartLine("forecast", past.AsMemory(past.Length - shown), start, step) { Colour = 1 },
                new ChartLine("to come", (float[])[truth[^1], .. coming], now, step) { Colour = 2 },
            ],
            Bands = forecasts.HasIntervals
                ?
                [
                    Band(past[^shown..], _ => forecasts.HalfWidth(forecasts.Own, channel)) with { Start = start, Step = step, Colour = 1 },
                    Band([truth[^1], .. coming], HalfOfComing) with { Name = "", Start = now, Step = step, Colour = 2 },
                ]
                : [],
            Marks = [new ChartMark(now, "now")],
        };

        float HalfOfComing(int i) => i == 0 ? 0 : forecasts.HalfWidth(forecasts.ComingLeads[i - 1], channel);
    }

    private ChartBand Band(float[] middle, Func<int, float> half) => new(
        $"{Wording.Share(options.Coverage)} interval",
        middle.Select((value, i) => value - half(i)).ToArray(),
        middle.Select((value, i) => value + half(i)).ToArray());

    private float[] Coming(int channel) =>
        [.. Enumerable.Range(0, forecasts.ComingLeads.Length).Select(row => forecasts.Coming.Span[(row * data.Targets.Length) + channel])];

    private string Coverage(int channel)
    {
        if (!forecasts.HasIntervals)
        {
            return "";
        }

        string why = forecasts.Covered[channel] < options.Coverage - Tolerance ? ", whose errors are larger" : "";
        return $" Intervals for {Wording.Share(options.Coverage)} of the truth, from the errors on the validation rows (split conformal); "
            + $"{forecasts.Covered[channel].ToString("0 %", CultureInfo.InvariantCulture)} of the test rows lie within{why}.";
    }
}
