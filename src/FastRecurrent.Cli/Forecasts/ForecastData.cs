using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>A file's columns as a plan wants them: in their own units, the calendar beside them.</summary>
internal sealed class ForecastData
{
    private ForecastData(ForecastPlan plan, LoadedSeries loaded)
    {
        Loaded = loaded;
        TimeSeries values = loaded.Series.Select(plan.Columns.AsSpan());
        Values = plan.Calendar == 0 ? values : values.Join(CalendarFeatures.Of(loaded.Times!, plan.Calendar));
        Step = loaded.Times is { } times ? TimeStep.Of(times) : null;
    }

    public LoadedSeries Loaded { get; }

    /// <summary>The plan's columns, then the calendar's channels; rows of the future at the end.</summary>
    public TimeSeries Values { get; }

    /// <summary>Rows that are no future.</summary>
    public int Rows => Values.Length - Loaded.FutureRows;

    /// <summary>The distance of two rows in time; null without times, or where they lie on no grid.</summary>
    public TimeStep? Step { get; }

    /// <summary>Reads a file for a plan.</summary>
    /// <exception cref="DataFormatException">The file cannot be read, or has not what the plan needs.</exception>
    public static ForecastData Read(string path, ForecastPlan plan, MissingValues? missing = null) => Of(plan, DataSource.Read(path, new DataOptions
    {
        Columns = plan.Columns,
        TimeColumn = plan.TimeColumn,
        Missing = missing ?? plan.Missing,
        EmptyInFuture = plan.Known.IsEmpty ? [] : plan.Targets,
    }));

    /// <summary>Data that were read before.</summary>
    /// <exception cref="DataFormatException">The data have not what the plan needs.</exception>
    public static ForecastData Of(ForecastPlan plan, LoadedSeries loaded)
    {
        if (plan.Calendar != 0 && loaded.Times is null)
        {
            throw new DataFormatException(
                loaded.Name, 0, plan.TimeColumn, "the model reads the calendar, and the data have no times; name their column with --time");
        }

        try
        {
            return new ForecastData(plan, loaded);
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException($"{loaded.Name}: {error.Message.Split(" (Parameter")[0]}", error);
        }
    }

    /// <summary>The time of a row; null where the data have no times, or end before it on no grid.</summary>
    /// <exception cref="DataFormatException">It lies behind the year 9999.</exception>
    public DateTime? TimeOf(int row)
    {
        if (Loaded.Times is not { } times || row < times.Length)
        {
            return Loaded.Times?[row];
        }

        try
        {
            return Step?.After(times[^1], row - times.Length + 1);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new DataFormatException(
                Loaded.Name, Loaded.Line(times.Length - 1), Loaded.TimeColumn,
                $"the time {Format.Counted(row - times.Length + 1, "step")} behind {times[^1]:s} lies beyond the year 9999; mend the times or forecast fewer",
                error);
        }
    }

    /// <summary>Where a row lies along a chart's axis: days, or rows where there are no times.</summary>
    public double Place(int row) => Loaded.Times is { } times ? times[Math.Min(row, times.Length - 1)].ToOADate() : row;
}
