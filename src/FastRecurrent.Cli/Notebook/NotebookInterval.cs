namespace FastRecurrent.Cli.Notebook;

/// <summary>
/// Intervals around the model's forecasts, from its own errors (split conformal): the later half of the forecasts calibrates, so that what
/// is shown, the first one, and the share that is told are not calibrated on.
/// </summary>
internal sealed class NotebookInterval
{
    private const double Coverage = 0.9;
    private const int CalibrationShare = 2;

    private readonly int _run;

    private NotebookInterval(ConformalInterval interval, int run) => (Interval, _run) = (interval, run);

    /// <summary>One width for each run of values.</summary>
    public ConformalInterval Interval { get; }

    /// <summary>The share of the truth within, over the forecasts that it was not calibrated on.</summary>
    public double Found { get; private init; }

    /// <summary>Calibrates on a model's forecasts.</summary>
    /// <param name="table">The forecasts of H values.</param>
    /// <param name="run">How many values behind one another have one width, where too few forecasts are there for one of each; divides H.</param>
    /// <returns>Null where there are too few forecasts.</returns>
    public static NotebookInterval? Of(ForecastTable table, int run)
    {
        int count = table.Count / CalibrationShare, shown = (table.Count - count) * table.Horizon;
        if (Math.Ceiling((count + 1) * Coverage) > count)
        {
            return null;
        }

        int widths = table.Horizon / run;
        float[] truth = ByRun(table.Truth.Span[shown..], widths, run), forecast = ByRun(table.Forecast.Span[shown..], widths, run);
        NotebookInterval interval = new(ConformalInterval.Calibrate(truth, forecast, widths, Coverage), run);
        float[] lower = new float[shown], upper = new float[shown];
        interval.Around(table.Forecast.Span[..shown], lower, upper);
        return new NotebookInterval(interval.Interval, run) { Found = ForecastMetrics.Coverage(table.Truth.Span[..shown], lower, upper) };
    }

    /// <summary>The bounds around forecasts of H values each.</summary>
    public void Around(ReadOnlySpan<float> forecast, Span<float> lower, Span<float> upper)
    {
        for (int i = 0; i < forecast.Length; i++)
        {
            float half = Interval.HalfWidths[i / _run % Interval.Steps];
            (lower[i], upper[i]) = (forecast[i] - half, forecast[i] + half);
        }
    }

    /// <summary>[n, widths, run] to [n, run, widths]: the values of a run become forecasts of their own.</summary>
    private static float[] ByRun(ReadOnlySpan<float> values, int widths, int run)
    {
        float[] turned = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int forecast = i / (widths * run), width = i / run % widths, at = i % run;
            turned[(((forecast * run) + at) * widths) + width] = values[i];
        }

        return turned;
    }
}
