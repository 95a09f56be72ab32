using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Weather;

/// <summary>The weather: in its own units for people, and scaled, with the calendar beside it, for the network.</summary>
internal sealed class WeatherData
{
    private const int DefaultTargets = 3, YearsForYear = 2;
    private const int LeastDays = 7; // to train on
    private const double DaysOfYear = 365.25;
    private const int LeastWindows = 4; // windows that a default window should fit into the training rows
    private const int LeastCounted = 4; // of a window's steps, one in so many is warm-up at most

    private WeatherData(LoadedSeries loaded, WeatherOptions options)
    {
        Name = loaded.Name;
        Times = loaded.Times;
        Values = loaded.Series;
        List<string> notes = [.. loaded.Notes];
        RowsPerDay = DayLength(loaded.Times, notes);
        Ahead = options.Ahead ?? RowsPerDay;
        Split = SeriesSplit.Chronological(Values.Length, 1 - options.HeldOut, options.HeldOut / 2);
        Inputs = options.Inputs.IsEmpty ? Values.Names : options.Inputs;
        Targets = options.Targets.IsEmpty ? [.. Values.Names.Take(DefaultTargets)] : options.Targets;
        Planning.RequireColumns(loaded, [.. Inputs, .. Targets]);
        Leads = WeatherLeads.Of(Ahead, RowsPerDay, options.Leads);
        Window = WindowFor(options, notes);
        WarmUp = options.WarmUp ?? Math.Min(WeatherOptions.CourseWarmUp, Window / LeastCounted);
        RequireWithinWindow(options.Recompute);
        RequireRows();
        TimeSeries training = Values.Slice(Split.Training);
        RequireVariation(training);
        ScalerKind kind = options.Output == WeatherOutput.Sigmoid ? ScalerKind.MinMax : ScalerKind.Standard;
        InputScaler = Scaler.Fit(kind, training.Select(Inputs.AsSpan()));
        TimeSeries outcomes = Leads.Outcomes(Values.Select(Targets.AsSpan()), options.Output);
        OutputScaler = Scaler.Fit(kind, outcomes.Slice(Leads.Farthest..Split.Training.End.Value));
        TimeSeries scaled = InputScaler.Transform(Values.Select(Inputs.AsSpan()));
        if (Calendar() is { } calendar)
        {
            scaled = scaled.Join(calendar);
        }

        NetworkInputs = scaled.Names;
        Scaled = scaled.Join(OutputScaler.Transform(outcomes));
        Notes = [.. notes];
    }

    public string Name { get; }

    /// <summary>[rows, channels] in the data's own units.</summary>
    public TimeSeries Values { get; }

    /// <summary>The rows' times; null where the data have none.</summary>
    public DateTime[]? Times { get; }

    public int RowsPerDay { get; }

    /// <summary>Rows from the last one known to the forecast one.</summary>
    public int Ahead { get; }

    /// <summary>The distances that are forecast; <see cref="Ahead"/> is one of them.</summary>
    public WeatherLeads Leads { get; }

    /// <summary>T: rows of a training window.</summary>
    public int Window { get; }

    /// <summary>First steps of a window that do not count in the loss.</summary>
    public int WarmUp { get; }

    public SeriesSplit Split { get; }

    public ImmutableArray<string> Inputs { get; }

    public ImmutableArray<string> Targets { get; }

    /// <summary>The inputs and the calendar's.</summary>
    public ImmutableArray<string> NetworkInputs { get; }

    public Scaler InputScaler { get; }

    /// <summary>The scaler of what the network gives.</summary>
    public Scaler OutputScaler { get; }

    /// <summary>Network inputs, then what the network has to give: a channel for each distance and target.</summary>
    public TimeSeries Scaled { get; }

    public ImmutableArray<string> Notes { get; }

    /// <exception cref="DataFormatException">The file cannot be read, has not the columns, or is too short.</exception>
    public static WeatherData Load(WeatherOptions options)
    {
        LoadedSeries loaded = options.Data is not { } path
            ? options.Hourly ? EmbeddedWeather.HourlyNormals() : EmbeddedWeather.Daily()
            : DataSource.Read(path, new DataOptions { Columns = Columns(options), TimeColumn = options.TimeColumn, Missing = options.Missing });
        try
        {
            return new WeatherData(loaded, options);
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException($"{loaded.Name}: {error.Message.Split(" (Parameter")[0]}", error);
        }
    }

    /// <summary>What a window is: T steps of inputs, and at every step the targets at every distance ahead.</summary>
    public WindowOptions Windows(int step = 1) => new()
    {
        InputLength = Window,
        Gap = Leads.Farthest - 1,
        Step = step,
        EveryStep = true,
        Inputs = NetworkInputs,
        Targets = Leads.Names(Targets),
    };

    /// <summary>Where a row lies in time, in days; rows where there are no times.</summary>
    public double Place(int row) => Times switch
    {
        null => row,
        { } times when row < times.Length => times[row].ToOADate(),
        { } times => times[^1].ToOADate() + ((double)(row - times.Length + 1) / RowsPerDay),
    };

    private static ImmutableArray<string> Columns(WeatherOptions options) =>
        options.Inputs.IsEmpty ? [] : [.. options.Inputs.Concat(options.Targets).Distinct()];

    private static int DayLength(DateTime[]? times, List<string> notes)
    {
        const int Hours = 24;
        if (times is null || times.Length < 2)
        {
            notes.Add("There are no times, so rows are taken as hours (--time names their column).");
            return Hours;
        }

        TimeSpan step = times[1] - times[0];
        return Math.Max(1, (int)Math.Round(TimeSpan.FromDays(1) / step));
    }

    private int WindowFor(WeatherOptions options, List<string> notes)
    {
        if (options.Window is { } window)
        {
            return window;
        }

        int wanted = Math.Min(WeatherOptions.CourseWindow, WeatherOptions.CourseDays * RowsPerDay);
        int fitting = Math.Max(1, (Split.Training.End.Value - Leads.Farthest) / LeastWindows);
        if (fitting < wanted)
        {
            notes.Add($"The window is {Format.Counted(fitting, "row")} instead of {wanted}, since the series is short.");
        }

        return Math.Min(wanted, fitting);
    }

    private void RequireWithinWindow(int? recompute)
    {
        if (WarmUp >= Window)
        {
            throw new UsageException(
                $"--warm-up: found '{WarmUp}', wanted less than the {Window} rows of a window (--window); the steps behind it are what is learned from.");
        }

        if (recompute >= Window)
        {
            throw new UsageException(
                $"--recompute: found '{recompute}', wanted less than the {Format.Counted(Window, "row")} of a window (--window), of which every C-th step's "
                + "states are kept, or 0 to keep all.");
        }
    }

    /// <summary>A channel that never changes says nothing, and has no size to scale by.</summary>
    private void RequireVariation(TimeSeries training)
    {
        foreach (string name in Inputs.Union(Targets))
        {
            float[] values = training.Select(name).ToArray();
            if (values.AsSpan().IndexOfAnyExcept(values[0]) < 0)
            {
                throw new DataFormatException(
                    Name, 0, name,
                    string.Create(CultureInfo.InvariantCulture, $"the value is {values[0]} in all {Format.Counted(values.Length, "training row")}, ")
                    + "so that there is nothing to learn from it; leave the column out (--inputs and --targets name the others)");
            }
        }
    }

    private void RequireRows()
    {
        int training = Split.Training.End.Value, test = Values.Length - Split.Test.Start.Value, validation = Split.Test.Start.Value - training;
        int wanted = Math.Max(Window + Leads.Farthest, LeastDays * RowsPerDay);
        if (training < wanted || validation < 1 || test < 1)
        {
            throw new ArgumentException(
                $"there {Format.Are(Values.Length, "row")}, {training} of them for training and {validation} and {test} for validation and test; "
                + $"wanted at least {wanted} for training (a window of {Format.Counted(Window, "row")} and {Leads.Farthest} ahead, and a week) "
                + "and one of the others. Give a longer series, or a shorter --window or --ahead.");
        }
    }

    /// <summary>The time of day where rows are shorter than one, and of the year where the training has seen each season twice.</summary>
    private TimeSeries? Calendar()
    {
        if (Times is null)
        {
            return null;
        }

        CalendarCycles cycles = 0;
        cycles |= RowsPerDay > 1 ? CalendarCycles.Day : 0;
        cycles |= (Times[^1] - Times[0]).TotalDays >= YearsForYear * DaysOfYear ? CalendarCycles.Year : 0;
        return cycles == 0 ? null : CalendarFeatures.Of(Times, cycles);
    }
}
