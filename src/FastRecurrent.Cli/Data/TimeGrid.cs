using System.Globalization;
using System.Runtime.InteropServices;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Data;

/// <summary>
/// Makes rows lie at even distances in time: rows that are left out come back as rows of missing values, which are then filled or
/// refused like any other. Times without an even distance (months, business days) only have to rise.
/// </summary>
internal static class TimeGrid
{
    private const int MaxInserted = 10_000_000;

    /// <summary>Inserts what is left out, in place.</summary>
    /// <exception cref="DataFormatException">The times do not rise, lie beside the grid, or rows are left out and that is refused.</exception>
    public static void Regularize(
        List<DateTime> times, List<float> values, int channels, List<int> rows, MissingValues missing, string name, List<string> notes)
    {
        TimeDistances distances = new(CollectionsMarshal.AsSpan(times));
        RequireRise(times, rows, distances, name);
        if (distances.Least == distances.Greatest)
        {
            return;
        }

        TimeSpan step = distances.Usual;
        if (!distances.IsGrid)
        {
            notes.Add($"The rows lie {Text(distances.Least)} to {Text(distances.Greatest)} apart; they are taken as one step each.");
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
                throw new DataFormatException(
                    name, rows[i], null,
                    $"the row lies {Text(distance)} behind the one before, which is no multiple of the usual {Text(step)}; mend its time");
            }

            if (steps > 1 && missing == MissingValues.Refuse)
            {
                throw new DataFormatException(
                    name, rows[i], null,
                    $"{Format.Counted(steps - 1, "row")} {(steps == 2 ? "is" : "are")} left out before {times[i]:s} (usual distance {Text(step)}); "
                    + "fill the gaps (--missing interpolate or --missing previous)");
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

        notes.Add($"{Format.Counted(inserted, "row")} {(inserted == 1 ? "was" : "were")} left out in time and put in (usual distance {Text(step)}).");
        Replace(times, gridTimes);
        Replace(values, gridValues);
        Replace(rows, gridRows);
    }

    private static void RequireRise(List<DateTime> times, List<int> rows, TimeDistances distances, string name)
    {
        for (int i = 1; distances.Least <= TimeSpan.Zero && i < times.Count; i++)
        {
            if (times[i] <= times[i - 1])
            {
                throw new DataFormatException(
                    name, rows[i], null,
                    $"the time {times[i]:s} does not lie behind the row before, {times[i - 1]:s}; sort the rows and keep one of each time");
            }
        }
    }

    private static string Text(TimeSpan distance) => distance.ToString("c", CultureInfo.InvariantCulture);

    private static void Replace<T>(List<T> list, List<T> with)
    {
        list.Clear();
        list.AddRange(with);
    }
}
