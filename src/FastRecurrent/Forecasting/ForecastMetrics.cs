namespace FastRecurrent;

/// <summary>
/// How far forecasts are from the truth. Sums are taken in double, in order, so that a figure is the same on every machine. Where
/// a value of truth or forecast is not a number, so is the figure.
/// </summary>
public static class ForecastMetrics
{
    /// <summary>Mean squared error: mean of (y - f)^2.</summary>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    public static double MeanSquaredError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast)
    {
        RequireSame(truth, forecast);
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            double error = (double)truth[i] - forecast[i];
            sum += error * error;
        }

        return sum / truth.Length;
    }

    /// <summary>Root of the mean squared error, in the unit of the truth.</summary>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    public static double RootMeanSquaredError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast) => Math.Sqrt(MeanSquaredError(truth, forecast));

    /// <summary>Mean absolute error: mean of |y - f|.</summary>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    public static double MeanAbsoluteError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast)
    {
        RequireSame(truth, forecast);
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            sum += Math.Abs((double)truth[i] - forecast[i]);
        }

        return sum / truth.Length;
    }

    /// <summary>
    /// Mean absolute percentage error: 100 x mean of |y - f| / |y|, in percent. Infinite where a true 0 was missed; a true 0 that
    /// was hit counts as 0.
    /// </summary>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    public static double MeanAbsolutePercentageError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast)
    {
        RequireSame(truth, forecast);
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            double error = Math.Abs((double)truth[i] - forecast[i]);
            sum += error == 0 ? 0 : error / Math.Abs((double)truth[i]);
        }

        return 100 * sum / truth.Length;
    }

    /// <summary>
    /// Symmetric mean absolute percentage error: 100 x mean of 2 |y - f| / (|y| + |f|), 0..200 percent (Makridakis 1993, the form of
    /// the M4 competition). Two zeros count as 0.
    /// </summary>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    public static double SymmetricMeanAbsolutePercentageError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast)
    {
        RequireSame(truth, forecast);
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            double error = Math.Abs((double)truth[i] - forecast[i]);
            sum += error == 0 ? 0 : 2 * error / (Math.Abs((double)truth[i]) + Math.Abs((double)forecast[i]));
        }

        return 100 * sum / truth.Length;
    }

    /// <summary>
    /// Mean absolute scaled error: the mean absolute error over that of "same as one season ago" on the training data (Hyndman and
    /// Koehler 2006). Below 1 is better than that.
    /// </summary>
    /// <param name="truth">The truth.</param>
    /// <param name="forecast">The forecasts.</param>
    /// <param name="training">The training data of the same channel, in time order.</param>
    /// <param name="season">Steps a season; 1 compares with "same as the last value".</param>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths, or the training data repeat every season exactly.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The season is below 1 or not shorter than the training data.</exception>
    public static double MeanAbsoluteScaledError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast, ReadOnlySpan<float> training, int season = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        if (season >= training.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(season), season, $"A season must be shorter than the {training.Length} training values.");
        }

        double scale = MeanAbsoluteError(training[season..], training[..^season]);
        return scale > 0
            ? MeanAbsoluteError(truth, forecast) / scale
            : throw new ArgumentException(
                $"The training data repeat every {season} steps exactly, so the naive error that scales this figure is 0.", nameof(training));
    }

    /// <summary>
    /// Pinball loss of a quantile forecast: mean of max(p (y - q), (p - 1)(y - q)) (Koenker and Bassett 1978). Least at the true quantile.
    /// </summary>
    /// <param name="truth">The truth.</param>
    /// <param name="quantile">The forecast p-quantiles.</param>
    /// <param name="level">p, between 0 and 1.</param>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The level is not between 0 and 1.</exception>
    public static double Pinball(ReadOnlySpan<float> truth, ReadOnlySpan<float> quantile, double level)
    {
        RequireSame(truth, quantile);
        RequireLevel(level);
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            double error = (double)truth[i] - quantile[i];
            sum += Math.Max(level * error, (level - 1) * error);
        }

        return sum / truth.Length;
    }

    /// <summary>The share of the truth within intervals, both ends included: 0..1.</summary>
    /// <exception cref="ArgumentException">The spans are empty or of different lengths.</exception>
    public static double Coverage(ReadOnlySpan<float> truth, ReadOnlySpan<float> lower, ReadOnlySpan<float> upper)
    {
        RequireSame(truth, lower);
        RequireSame(truth, upper);
        int inside = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            inside += truth[i] >= lower[i] && truth[i] <= upper[i] ? 1 : 0;
        }

        return (double)inside / truth.Length;
    }

    /// <summary>A level of probability must lie between 0 and 1.</summary>
    internal static void RequireLevel(double level)
    {
        if (level is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, "A level must lie between 0 and 1, both excluded.");
        }
    }

    private static void RequireSame(ReadOnlySpan<float> truth, ReadOnlySpan<float> other)
    {
        if (truth.IsEmpty || truth.Length != other.Length)
        {
            throw new ArgumentException($"There are {truth.Length} true and {other.Length} forecast values; wanted as many of both, at least one.");
        }
    }
}
