namespace FastRecurrent;

/// <summary>The cycles of the calendar that a time is placed on.</summary>
[Flags]
public enum CalendarCycles
{
    /// <summary>The time of the day.</summary>
    Day = 1,

    /// <summary>The time of the week, from Monday.</summary>
    Week = 2,

    /// <summary>The time of the year.</summary>
    Year = 4,

    /// <summary>All three.</summary>
    All = Day | Week | Year,
}

/// <summary>
/// Calendar features: each cycle as the sine and cosine of its angle, so that its end lies beside its beginning. Known for the
/// past and the future.
/// </summary>
public static class CalendarFeatures
{
    /// <summary>The features of given times.</summary>
    /// <param name="times">T times.</param>
    /// <param name="cycles">Which cycles.</param>
    /// <returns>T rows of two channels a cycle, such as day_sin and day_cos.</returns>
    /// <exception cref="ArgumentException">No cycle was chosen.</exception>
    public static TimeSeries Of(ReadOnlySpan<DateTime> times, CalendarCycles cycles = CalendarCycles.All)
    {
        (CalendarCycles Cycle, string Name)[] chosen =
            [.. new[] { (CalendarCycles.Day, "day"), (CalendarCycles.Week, "week"), (CalendarCycles.Year, "year") }.Where(pair => cycles.HasFlag(pair.Item1))];
        if (chosen.Length == 0)
        {
            throw new ArgumentException("No cycle of the calendar was chosen; take Day, Week, Year or several.", nameof(cycles));
        }

        int channels = 2 * chosen.Length;
        float[] values = new float[checked(times.Length * channels)];
        for (int t = 0; t < times.Length; t++)
        {
            for (int i = 0; i < chosen.Length; i++)
            {
                (double sine, double cosine) = Math.SinCos(2 * Math.PI * Phase(times[t], chosen[i].Cycle));
                values[(t * channels) + (2 * i)] = (float)sine;
                values[(t * channels) + (2 * i) + 1] = (float)cosine;
            }
        }

        return new TimeSeries(values, [.. chosen.SelectMany(pair => new[] { $"{pair.Name}_sin", $"{pair.Name}_cos" })]);
    }

    /// <summary>The features of times at even distances.</summary>
    /// <param name="start">The first time.</param>
    /// <param name="step">The distance of two rows.</param>
    /// <param name="count">T: how many rows.</param>
    /// <param name="cycles">Which cycles.</param>
    /// <exception cref="ArgumentException">No cycle was chosen.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or a time lies beyond the calendar.</exception>
    public static TimeSeries Of(DateTime start, TimeSpan step, int count, CalendarCycles cycles = CalendarCycles.All)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        DateTime[] times = new DateTime[count];
        for (int t = 0; t < count; t++)
        {
            times[t] = start + (step * t);
        }

        return Of(times, cycles);
    }

    /// <summary>How much of the cycle has gone by, 0..1.</summary>
    private static double Phase(DateTime time, CalendarCycles cycle)
    {
        double day = time.TimeOfDay / TimeSpan.FromDays(1);
        return cycle switch
        {
            CalendarCycles.Day => day,
            CalendarCycles.Week => ((((int)time.DayOfWeek + 6) % 7) + day) / 7,
            _ => (time.DayOfYear - 1 + day) / (DateTime.IsLeapYear(time.Year) ? 366 : 365),
        };
    }
}
