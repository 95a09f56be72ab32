using System.Globalization;
using System.Runtime.InteropServices;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Data;

/// <summary>
/// Makes rows lie at even distances in time, or whole months apart: rows that are left out come back as rows of missing values, which are then
/// filled or refused like any other. Times on no grid (business days) only have to rise.
/// </summary>
internal static class TimeGrid
{
    private const int MaxInserted = 10_000_000;

    /// <summary>Inserts what is left out, in place.</summary>
    /// <exception cref="DataFormatException">The times do not rise, lie beside the grid, or rows are left out and that is refused.</exception>
    public static void Regularize(
        List<DateTime> times, List<float> values, int channels, List<int> rows, MissingValues missing, string name, List<string> notes)
    {
        RequireRise(times, rows, name);
        ReadOnlySpan<DateTime> found = CollectionsMarshal.AsSpan(times);
        if (TimeStep.Of(found) is not { } step)
        {
            if (times.Count > 1)
            {
                TimeDistances distances = new(found);
                notes.Add($"The rows lie {Text(distances.Least)} to {Text(distances.Greatest)} apart; they are taken as one step each.");
            }

            return;
        }

        int[] between = Between(found, step, rows, missing, name);
        int inserted = between.Sum(steps => steps - 1);
        if (inserted == 0)
        {
            return;
        }

        List<DateTime> gridTimes = [times[0]];
        List<float> gridValues = [.. values[..channels]];
        List<int> gridRows = [rows[0]];
        for (int i = 1; i < times.Count; i++)
        {
            for (int k = 1; k < between[i - 1]; k++)
            {
                gridTimes.Add(step.After(times[i - 1], k));
                gridValues.AddRange(Enumerable.Repeat(float.NaN, channels));
                gridRows.Add(rows[i]);
            }

            gridTimes.Add(times[i]);
            gridValues.AddRange(values[(i * channels)..((i + 1) * channels)]);
            gridRows.Add(rows[i]);
        }

        notes.Add($"{Format.Counted(inserted, "row")} {(inserted == 1 ? "was" : "were")} left out in time and put in (usually one every {step.InWords()}).");
        Replace(times, gridTimes);
        Replace(values, gridValues);
        Replace(rows, gridRows);
    }

    private static void RequireRise(List<DateTime> times, List<int> rows, string name)
    {
        for (int i = 1; i < times.Count; i++)
        {
            if (times[i] <= times[i - 1])
            {
                throw new DataFormatException(
                    name, rows[i], null,
                    $"the time {times[i]:s} does not lie behind the row before, {times[i - 1]:s}; sort the rows and keep one of each time");
            }
        }
    }

    /// <summary>For each row but the first, how many steps it lies behind the one before.</summary>
    private static int[] Between(ReadOnlySpan<DateTime> times, TimeStep step, List<int> rows, MissingValues missing, string name)
    {
        int[] between = new int[times.Length - 1];
        long inserted = 0;
        for (int i = 1; i < times.Length; i++)
        {
            long? steps = step.Between(times[i - 1], times[i]);
            inserted += (steps ?? 1) - 1;
            if (steps is null || inserted > MaxInserted)
            {
                throw new DataFormatException(
                    name, rows[i], null,
                    $"the row lies {Text(times[i] - times[i - 1])} behind the one before, which is no multiple of the usual step, one every {step.InWords()}; mend its time");
            }

            if (steps > 1 && missing == MissingValues.Refuse)
            {
                throw new DataFormatException(
                    name, rows[i], null,
                    $"{Format.Counted(steps.Value - 1, "row")} {(steps == 2 ? "is" : "are")} left out before {times[i]:s} (usually one every {step.InWords()}); "
                    + "fill the gaps (--missing interpolate or --missing previous)");
            }

            between[i - 1] = (int)steps.Value;
        }

        return between;
    }

    private static string Text(TimeSpan distance) => distance.ToString("c", CultureInfo.InvariantCulture);

    private static void Replace<T>(List<T> list, List<T> with)
    {
        list.Clear();
        list.AddRange(with);
    }
}
