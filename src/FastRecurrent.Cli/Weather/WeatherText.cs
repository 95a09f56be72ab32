using System.Globalization;

namespace FastRecurrent.Cli.Weather;

/// <summary>What table and report say in the same words.</summary>
internal static class WeatherText
{
    private const int HoursOfDay = 24, Digits = 3;

    /// <summary>How far ahead a forecast is.</summary>
    public static string Distance(WeatherData data) =>
        $"{data.Ahead} {data.RowsPerDay switch { 1 => "day", HoursOfDay => "hour", _ => "row" }}{(data.Ahead == 1 ? "" : "s")}";

    /// <summary>How the network stands on a target: against "same as now", and against the best of all.</summary>
    public static string Standing(WeatherForecasts forecasts, string target)
    {
        double ours = Of(forecasts.Network), now = Of(forecasts.SameAsNow);
        WeatherForecast baseline = forecasts.BestBaseline(target);
        double best = Of(baseline);
        string last = baseline == forecasts.SameAsNow || best >= ours ? "" : $"; {baseline.Name} beats it with {Error(best)}";
        return $"{Title(target)}: the network {(ours < now ? "beats" : "loses to")} \"{forecasts.SameAsNow.Name}\", {Error(ours)} against {Error(now)}{last}";

        double Of(WeatherForecast forecast) => forecast.Error(ForecastMetric.Mae, target);
    }

    /// <summary>A column's name as people write it, with its unit where the name ends in one: "seattle_wind_mps" is "Seattle wind, m/s".</summary>
    public static string Title(string channel) => Unit(channel) is { Length: > 0 } unit ? $"{Name(channel)}, {unit}" : Name(channel);

    /// <summary>A column's name without its unit, as a heading.</summary>
    public static string Name(string channel) =>
        Heading((Unit(channel).Length > 0 ? channel[..channel.LastIndexOf('_')] : channel).Replace('_', ' '));

    /// <summary>A text that begins with a capital.</summary>
    public static string Heading(string text) => text.Length > 0 ? char.ToUpperInvariant(text[0]) + text[1..] : text;

    /// <summary>The unit that a column's name ends in, or nothing.</summary>
    public static string Unit(string channel) => channel[(channel.LastIndexOf('_') + 1)..] switch
    {
        string same when same.Length == channel.Length => "",
        "c" => "\u00b0C",
        "f" => "\u00b0F",
        "mps" => "m/s",
        "kmh" => "km/h",
        "hpa" => "hPa",
        "mm" => "mm",
        _ => "",
    };

    /// <summary>An error with as many digits as mean something.</summary>
    public static string Error(double value)
    {
        int decimals = value > 0 ? Digits - 1 - (int)Math.Floor(Math.Log10(value)) : 0;
        return value.ToString($"F{Math.Clamp(decimals, 0, 9)}", CultureInfo.InvariantCulture);
    }
}
