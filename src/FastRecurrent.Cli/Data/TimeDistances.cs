namespace FastRecurrent.Cli.Data;

/// <summary>How far the rows of a table lie apart in time, counted.</summary>
internal sealed class TimeDistances
{
    // Below this share of one and the same distance, the rows were never meant to lie on a grid.
    private const double LeastRegular = 0.9;

    /// <summary>Counts the distances of times to the ones before; those of times that do not rise are 0 or less.</summary>
    public TimeDistances(ReadOnlySpan<DateTime> times)
    {
        Dictionary<TimeSpan, int> counts = [];
        for (int i = 1; i < times.Length; i++)
        {
            TimeSpan distance = times[i] - times[i - 1];
            counts[distance] = counts.GetValueOrDefault(distance) + 1;
        }

        if (counts.Count > 0)
        {
            (Usual, int count) = counts.MaxBy(pair => pair.Value);
            (Least, Greatest) = (counts.Keys.Min(), counts.Keys.Max());
            IsGrid = Usual > TimeSpan.Zero && IsMost(count, times.Length - 1);
        }
    }

    /// <summary>The most frequent distance.</summary>
    public TimeSpan Usual { get; }

    public TimeSpan Least { get; }

    public TimeSpan Greatest { get; }

    /// <summary>Whether the usual distance is a grid's: all rows but a few lie that far apart.</summary>
    public bool IsGrid { get; }

    /// <summary>Whether a count is nearly all of the pairs of rows.</summary>
    public static bool IsMost(int count, int pairs) => count >= LeastRegular * pairs;
}
