using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Weather;

/// <summary>When forecasts err: the mean absolute error at each hour of the day or, where rows are days, in each month of the test rows.</summary>
internal static class WeatherErrorsByTime
{
    private const int MonthsOfYear = 12;

    /// <summary>The network beside "same as now" and the best baseline. The data must have times.</summary>
    public static BarChart Chart(WeatherData data, WeatherForecasts forecasts, string target)
    {
        bool isByHour = data.RowsPerDay > 1;
        WeatherForecast[] shown = [.. ((WeatherForecast[])[forecasts.Network, forecasts.SameAsNow, forecasts.BestBaseline(target)]).Distinct()];
        int[] places = [.. Enumerable.Range(data.Split.Test.Start.Value, forecasts.Network.Test.Count).Select(row => Place(data.Times![row], isByHour))];
        int[] distinct = [.. places.Distinct().Order()];
        return new BarChart($"{WeatherText.Name(target)}: error by {(isByHour ? "time of day" : "month")}")
        {
            Note = $"Mean absolute error of the forecasts for each {(isByHour ? "hour" : "month")} of the test rows.",
            XLabel = isByHour ? "hour" : "month",
            YLabel = WeatherText.Unit(target) is { Length: > 0 } unit ? unit : "mean absolute error",
            Places = [.. distinct.Select(place => Name(place, isByHour))],
            Series = [.. shown.Select(forecast => new BarSeries(forecast.Name, [.. Errors(forecast)]))],
        };

        double[] Errors(WeatherForecast forecast)
        {
            float[] truth = forecast.Truth(target), values = forecast.Forecasts(target);
            ILookup<int, double> byPlace = Enumerable.Range(0, truth.Length).ToLookup(i => places[i], i => Math.Abs(truth[i] - (double)values[i]));
            return [.. distinct.Select(place => byPlace[place].Average())];
        }
    }

    private static int Place(DateTime time, bool isByHour) => isByHour ? time.Hour : (time.Year * MonthsOfYear) + time.Month - 1;

    private static string Name(int place, bool isByHour) => isByHour
        ? Format.Number(place, "0")
        : new DateTime(place / MonthsOfYear, (place % MonthsOfYear) + 1, 1).ToString("MMM yyyy", CultureInfo.InvariantCulture);
}
