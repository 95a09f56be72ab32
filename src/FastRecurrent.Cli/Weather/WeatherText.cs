using System.Globalization;

namespace FastRecurrent.Cli.Weather;

/// <summary>What table and report say in the same words.</summary>
internal static class WeatherText
{
    private const int HoursOfDay = 24, Digits = 3;

    /// <summary>How far ahead a forecast is.</summary>
    public static string Distance(WeatherData data) =>
        $"{data.Ahead} {data.RowsPerDay switch { 1 => "day", HoursOfDay => "hour", _ => "row" }}{(data.Ahead == 1 ? "" : "s")}";

    /// <summary>An error with as many digits as mean something.</summary>
    public static string Error(double value)
    {
        int decimals = value > 0 ? Digits - 1 - (int)Math.Floor(Math.Log10(value)) : 0;
        return value.ToString($"F{Math.Clamp(decimals, 0, 9)}", CultureInfo.InvariantCulture);
    }
}
