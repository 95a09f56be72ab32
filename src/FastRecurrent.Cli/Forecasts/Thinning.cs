namespace FastRecurrent.Cli.Forecasts;

/// <summary>Takes some of many windows, evenly.</summary>
internal static class Thinning
{
    /// <summary>
    /// The least step that leaves at most so many windows and has no factor in common with the season, so that the windows that are left stand
    /// at every place of a season: every 80th hour would see three hours of the day.
    /// </summary>
    /// <param name="count">All windows.</param>
    /// <param name="most">How many may be left.</param>
    /// <param name="season">Rows a season; 1 for none.</param>
    public static int Step(int count, int most, int season)
    {
        int step = 1 + (Math.Max(0, count - 1) / most);
        while (step > 1 && CommonFactor(step, season) > 1)
        {
            step++;
        }

        return step;
    }

    /// <summary>Euclid's.</summary>
    private static int CommonFactor(int a, int b)
    {
        while (b > 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
