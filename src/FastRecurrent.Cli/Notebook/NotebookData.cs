using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The series of the job: what is trained on, what is forecast, and the scaler, fitted on the former alone.</summary>
internal sealed class NotebookData
{
    private const int CourseStart = 15_000;
    private const double TrainingShare = 0.6; // of a series that ends before the course's starting point does

    private NotebookData(string name, TimeSeries series, int start, Scaler? scaler, ImmutableArray<string> notes)
    {
        Name = name;
        Series = series;
        Start = start;
        Scaler = scaler;
        Scaled = scaler is null ? series : scaler.Transform(series);
        Notes = notes;
    }

    /// <summary>The file, or what the built-in series is.</summary>
    public string Name { get; }

    /// <summary>[T, 1] in the data's own unit.</summary>
    public TimeSeries Series { get; }

    /// <summary>[T, 1] as the network sees it.</summary>
    public TimeSeries Scaled { get; }

    /// <summary>The first row that is not trained on.</summary>
    public int Start { get; }

    /// <summary>Null where values go in as they are.</summary>
    public Scaler? Scaler { get; }

    public ImmutableArray<string> Notes { get; }

    /// <exception cref="DataFormatException">The file cannot be read, or its series is too short.</exception>
    public static NotebookData Load(NotebookOptions options)
    {
        LoadedSeries loaded = options.Data is { } path ? Read(path, options) : BuiltIn();
        TimeSeries series = loaded.Series;
        int start = StartRow(loaded, options);
        NotebookScaling scaling = options.Scaling switch
        {
            NotebookScaling.Auto => options.Data is null ? NotebookScaling.None : NotebookScaling.Standard,
            _ => options.Scaling,
        };
        RequireVariation(loaded, start);
        ScalerKind? kind = scaling switch
        {
            NotebookScaling.None => null,
            NotebookScaling.MinMax => ScalerKind.MinMax,
            NotebookScaling.Robust => ScalerKind.Robust,
            _ => ScalerKind.Standard,
        };
        try
        {
            Scaler? scaler = kind is { } chosen ? Scaler.Fit(chosen, series.Slice(..start)) : null;
            return new NotebookData(Path.GetFileName(loaded.Name), series, start, scaler, loaded.Notes);
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException($"{loaded.Name}: {error.Message.Split(" (Parameter")[0]}", error);
        }
    }

    /// <summary>Windows of frames over the training rows, as the network sees them.</summary>
    public WindowSet TrainingWindows(NotebookOptions options) => Windows(Scaled.Slice(..Start), options);

    /// <summary>Windows of frames over a series of one channel.</summary>
    public static WindowSet Windows(TimeSeries series, NotebookOptions options) => new(
        series.Framed(options.Frame),
        new WindowOptions { InputLength = options.Steps, Dilation = options.Frame, Step = options.Stride });

    private static LoadedSeries BuiltIn() => new(
        "the built-in vibration of a rotor with an outer-race bearing fault (physical model)",
        new TimeSeries(RotorVibration.Generate(), "acceleration"), Times: null, []);

    private static LoadedSeries Read(string path, NotebookOptions options)
    {
        LoadedSeries loaded = DataSource.Read(path, new DataOptions { Columns = options.Column is { } column ? [column] : [], Missing = options.Missing });
        return loaded.Series.Channels == 1
            ? loaded
            : throw new DataFormatException(
                path, 0, null, $"there are {loaded.Series.Channels} columns of numbers ({string.Join(", ", loaded.Series.Names)}); choose one with --column");
    }

    private static int StartRow(LoadedSeries loaded, NotebookOptions options)
    {
        int rows = loaded.Series.Length, least = options.Window + options.Frame, tested = options.Window + Math.Max(options.Generated, options.Frame);
        int latest = rows - tested;
        if (latest < least)
        {
            throw new DataFormatException(
                loaded.Name, 0, null,
                $"the series has {Format.Counted(rows, "row")}; wanted at least {Format.Counted(least + tested, "row")}: a window of {options.Steps} x {options.Frame} "
                + $"values and a frame to train on, and a window and {Format.Counted(tested - options.Window, "value")} to forecast. "
                + "Give a longer series, or less --steps, --frame or --generate");
        }

        int start = options.Start ?? (CourseStart >= least && CourseStart <= latest ? CourseStart : Math.Clamp((int)(rows * TrainingShare), least, latest));
        return start >= least && start <= latest
            ? start
            : throw new DataFormatException(
                loaded.Name, 0, null,
                $"the series has {rows} rows, so the forecast cannot start at row {start}; "
                + $"wanted --start between {least} (a window to train on) and {latest} (values to compare with)");
    }

    private static void RequireVariation(LoadedSeries loaded, int start)
    {
        float[] values = loaded.Series.Slice(..start).ToArray();
        if (Array.TrueForAll(values, value => value == values[0]))
        {
            throw new DataFormatException(
                loaded.Name, 0, loaded.Series.Names[0], $"all {Format.Counted(start, "value")} to train on are {values[0]}; there is nothing to learn. Take another column");
        }
    }
}
