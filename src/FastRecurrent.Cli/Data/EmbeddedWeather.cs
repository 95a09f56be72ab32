using System.IO.Compression;
using System.Reflection;

namespace FastRecurrent.Cli.Data;

/// <summary>The weather that ships with the program; what it is and where it comes from is in Embedded/NOTICE.md.</summary>
internal static class EmbeddedWeather
{
    /// <summary>1,461 days of Seattle and New York, 2012-2015, as observed: highest and lowest temperature, wind, precipitation.</summary>
    public static LoadedSeries Daily() => Read("weather-daily.csv.br", "daily weather of Seattle and New York, 2012-2015");

    /// <summary>
    /// 8,759 hours of a year: temperature, pressure and wind of Seattle and temperature of San Francisco. These are averages over 30 years
    /// for each hour (climate normals): far smoother than weather.
    /// </summary>
    public static LoadedSeries HourlyNormals() => Read("weather-hourly-normals.csv.br", "hourly climate normals of Seattle and San Francisco");

    private static LoadedSeries Read(string resource, string name)
    {
        using Stream compressed = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"The embedded data {resource} is missing from this build.");
        using BrotliStream stream = new(compressed, CompressionMode.Decompress);
        return CsvSeriesReader.Read(stream, name, new DataOptions());
    }
}
