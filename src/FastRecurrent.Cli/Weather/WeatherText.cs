using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;

namespace FastRecurrent.Cli.Weather;

/// <summary>What table and report say in the same words.</summary>
internal static class WeatherText
{
    private const int HoursOfDay = 24;

    /// <summary>What a row is.</summary>
    public static string Row(WeatherData data) => data.RowsPerDay switch { 1 => "day", HoursOfDay => "hour", _ => "row" };

    /// <summary>How far ahead a forecast is.</summary>
    public static string Distance(WeatherData data) => Format.Counted(data.Ahead, Row(data));

    /// <summary>All distances that the network forecasts: "1 to 24 hours".</summary>
    public static string Distances(WeatherData data) => data.Leads.Count switch
    {
        1 => Distance(data),
        _ when data.Leads.Count == data.Leads.Farthest => $"1 to {Format.Counted(data.Leads.Farthest, Row(data))}",
        _ => $"{string.Join(", ", data.Leads.Rows[..^1])} and {Format.Counted(data.Leads.Farthest, Row(data))}",
    };

    /// <summary>How the network stands on a target: against "same as now", and against the best of all.</summary>
    public static string Standing(WeatherForecasts forecasts, string target)
    {
        double ours = Of(forecasts.Network), now = Of(forecasts.SameAsNow);
        WeatherForecast baseline = forecasts.BestBaseline(target);
        double best = Of(baseline);
        string last = baseline == forecasts.SameAsNow || best >= ours ? "" : $"; \"{baseline.Name}\" beats it with {Wording.Error(best)}";
        return $"{Title(target)}: the network {(ours < now ? "beats" : "loses to")} \"{forecasts.SameAsNow.Name}\", {Wording.Error(ours)} against "
            + $"{Wording.Error(now)}{last}";

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
}
