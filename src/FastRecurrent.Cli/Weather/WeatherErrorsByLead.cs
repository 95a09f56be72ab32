using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Weather;

/// <summary>How errors grow with the distance of the forecast: the mean absolute error from each, on the test rows.</summary>
internal static class WeatherErrorsByLead
{
    /// <summary>Every forecaster's error of a target. There must be more than one distance.</summary>
    public static LineChart Chart(WeatherData data, WeatherForecasts forecasts, string target)
    {
        string row = WeatherText.Row(data);
        bool hasYesterday = data.RowsPerDay > 1 && !forecasts.All.Contains(forecasts.Yesterday);
        WeatherForecast[] shown = [.. forecasts.All, .. hasYesterday ? (WeatherForecast[])[forecasts.Yesterday] : []];
        double[] places = [.. data.Leads.Rows.Select(lead => (double)lead)];
        return new LineChart($"{WeatherText.Name(target)}: error by {row}s ahead")
        {
            Note = $"Mean absolute error of the same {Format.Counted(forecasts.Network.Test.Count, row)}, forecast from each distance; the table is "
                + "that of the mark.",
            XLabel = $"{row}s ahead",
            YLabel = WeatherText.Unit(target) is { Length: > 0 } unit ? unit : "mean absolute error",
            YFromZero = true,
            Lines =
            [
                .. shown.Select((forecast, i) => new ChartLine(Name(forecast), Array.ConvertAll(forecast.ByLead(target), error => (float)error))
                {
                    Places = places,
                    Colour = i + 1,
                    Dashed = i > 0,
                }),
            ],
            Marks = [new ChartMark(data.Ahead, WeatherText.Distance(data))],
        };

        // From nearer than a day, now is not the day before.
        string Name(WeatherForecast forecast) => forecast == forecasts.SameAsNow ? "same as now" : forecast.Name;
    }
}
