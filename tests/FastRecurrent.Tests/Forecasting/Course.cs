namespace FastRecurrent.Tests.Forecasting;

/// <summary>The lecture's data: 10,000 series with NumPy's seed 42, 0..6999 for training, 7000..8999 for validation.</summary>
internal static class Course
{
    public static WindowSet Validation(int steps, int horizon) => Windows(steps, horizon, 7000, 9000);

    private static readonly Dictionary<int, float[]> Series = new() { [51] = SyntheticSeries.GenerateTimeSeries(10_000, 51), [60] = SyntheticSeries.GenerateTimeSeries(10_000, 60) };

    /// <summary>One window for each series: its first 50 values and the last ones.</summary>
    public static WindowSet Windows(int steps, int horizon, int first, int end)
    {
        TimeSeries all = new(Series[steps], "value");
        return new WindowSet(all.Slice((first * steps)..(end * steps)), new WindowOptions { InputLength = steps - horizon, Horizon = horizon, Step = steps });
    }

    public static double Score(WindowSet windows, IForecaster forecaster) => ForecastTable.Of(forecaster, windows).Score(ForecastMetric.Mse);
}
