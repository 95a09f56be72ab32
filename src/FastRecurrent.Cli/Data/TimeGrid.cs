namespace FastRecurrent.Cli.Data;

/// <summary>
/// Makes rows lie at even distances in time: rows that are left out come back as rows of missing values, which are then filled or
/// refused like any other. Times without an even distance (months, business days) only have to rise.
/// </summary>
internal static class TimeGrid
{
    // Below this share of one and the same distance, the rows were never meant to lie on a grid.
    private const double LeastRegular = 0.9;

    private const int MaxInserted = 10_000_000;

    /// <summary>Inserts what is left out, in place.</summary>
    /// <exception cref="DataFormatException">The times do not rise, lie beside the grid, or rows are left out and that is refused.</exception>
    public static void Regularize(
        List<DateTime> times, List<float> values, int channels, List<int> rows, MissingValues missing, string name, List<string> notes)
    {
        Dictionary<TimeSpan, int> distances = [];
        for (int i = 1; i < times.Count; i++)
        {
            TimeSpan distance = times[i] - times[i - 1];
            if (distance <= TimeSpan.Zero)
            {
                throw new DataFormatException(name, rows[i], null, $"the time {times[i]:s} does not lie behind the row before, {times[i - 1]:s}; sort the rows and keep one of each time");
            }

            distances[distance] = distances.GetValueOrDefault(distance) + 1;
        }

        if (distances.Count <= 1)
        {
            return;
        }

        (TimeSpan step, int count) = distances.MaxBy(pair => pair.Value);
        if (count < LeastRegular * (times.Count - 1))
        {
            notes.Add($"The rows lie {distances.Keys.Min()} to {distances.Keys.Max()} apart; they are taken as one step each.");
            return;
        }

        int inserted = 0;
        List<DateTime> gridTimes = [times[0]];
        List<float> gridValues = [.. values[..channels]];
        List<int> gridRows = [rows[0]];
        for (int i = 1; i < times.Count; i++)
        {
            TimeSpan distance = times[i] - times[i - 1];
            long steps = distance.Ticks / step.Ticks;
            if (steps * step.Ticks != distance.Ticks || inserted + steps > MaxInserted)
            {
                throw new DataFormatException(name, rows[i], null, $"the row lies {distance} behind the one before, which is no multiple of the usual {step}; mend its time");
            }

            if (steps > 1 && missing == MissingValues.Refuse)
            {
                throw new DataFormatException(name, rows[i], null, $"{steps - 1} rows are left out before {times[i]:s} (usual distance {step}); fill the gaps (--missing interpolate or --missing previous)");
            }

            for (long k = 1; k < steps; k++, inserted++)
            {
                gridTimes.Add(times[i - 1] + (step * k));
                gridValues.AddRange(Enumerable.Repeat(float.NaN, channels));
                gridRows.Add(rows[i]);
            }

            gridTimes.Add(times[i]);
            gridValues.AddRange(values[(i * channels)..((i + 1) * channels)]);
            gridRows.Add(rows[i]);
        }

        notes.Add($"{inserted} rows were left out in time and put in (usual distance {step}).");
        Replace(times, gridTimes);
        Replace(values, gridValues);
        Replace(rows, gridRows);
    }

    private static void Replace<T>(List<T> list, List<T> with)
    {
        list.Clear();
        list.AddRange(with);
    }
}
