using System.Collections.Immutable;
using System.Globalization;

namespace FastRecurrent.Cli.Data;

/// <summary>Reads a series from a file, by the file's extension.</summary>
internal static class DataSource
{
    /// <summary>Whether a file is a CSV, by its name: only these have names and times.</summary>
    public static bool IsCsv(string path) => Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv" or ".txt";

    /// <summary>CSV (.csv, .tsv, .txt), NumPy (.npy), sound (.wav) or plain float32 (.f32).</summary>
    /// <exception cref="DataFormatException">The file is missing, of another kind, or does not hold what was asked for.</exception>
    public static LoadedSeries Read(string path, DataOptions options) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".csv" or ".tsv" or ".txt" => CsvSeriesReader.Read(path, options),
        ".npy" => FromArray(path, NpyReader.Read(path), options),
        ".wav" => FromSound(path, WaveReader.Read(path), options),
        ".f32" => Finish(path, RawFloatReader.Read(path), ["value"], options, []),
        string other => throw new DataFormatException(path, 0, null, $"a file that ends in '{other}' is not read; give a .csv, .npy, .wav or .f32 file"),
    };

    /// <summary>Runs a read and turns what the file system says into a <see cref="DataFormatException"/>.</summary>
    public static T Open<T>(string path, Func<T> read) => Files.DataFile.Read(path, read);

    private static LoadedSeries FromArray(string path, NpyArray array, DataOptions options) => array.Shape switch
    {
        [_] => Finish(path, array.Values, ["value"], options, []),
        [_, > 0 and int channels] => Finish(path, array.Values, [.. Enumerable.Range(1, channels).Select(k => $"column{k}")], options, []),
        _ => throw new DataFormatException(path, 0, null, $"the array's shape is ({string.Join(", ", array.Shape)}); wanted (T) or (T, channels)"),
    };

    private static LoadedSeries FromSound(string path, WaveSound sound, DataOptions options)
    {
        string[] names = sound.Channels == 1 ? ["sound"] : [.. Enumerable.Range(1, sound.Channels).Select(k => $"channel{k}")];
        return Finish(path, sound.Samples, names, options, [$"{sound.SampleRate} samples a second."]);
    }

    private static LoadedSeries Finish(string path, float[] values, string[] names, DataOptions options, ImmutableArray<string> notes)
    {
        int bad = Array.FindIndex(values, value => !float.IsFinite(value));
        if (bad >= 0 && (options.Missing == MissingValues.Refuse || !float.IsNaN(values[bad])))
        {
            string problem = string.Create(CultureInfo.InvariantCulture, $"the value is {values[bad]}");
            throw new DataFormatException(
                path, (bad / names.Length) + 1, names[bad % names.Length],
                $"{problem}; mend it or fill the gaps (--missing interpolate or --missing previous)");
        }

        try
        {
            GapFilling.Fill(values, names, options.Missing);
            TimeSeries series = new(values, names);
            return new LoadedSeries(path, options.Columns.IsDefaultOrEmpty ? series : series.Select(options.Columns.AsSpan()), null, notes);
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException($"{path}: {error.Message.Split(" (Parameter")[0]}", error);
        }
    }
}
