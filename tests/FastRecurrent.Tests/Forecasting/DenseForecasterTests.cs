namespace FastRecurrent.Tests.Forecasting;

/// <summary>The baseline without recurrence.</summary>
public class DenseForecasterTests
{
    private const float Offset = 1e5f;

    private static readonly DenseForecasterOptions Options = new() { Steps = 400, Seed = 3 };

    /// <summary>|sin| about a large offset, which no linear forecast follows, and a channel that never changes.</summary>
    private static readonly TimeSeries Series = new(
        Enumerable.Range(0, 600).SelectMany(t => new[] { Offset + (20 * MathF.Abs(MathF.Sin(t / 6f))), 7 }).ToArray(), "wave", "constant");

    private static readonly WindowOptions Windows = new() { InputLength = 10, Horizon = 4, Targets = ["wave"] };

    [Fact]
    public void It_beats_the_linear_forecast_where_the_series_is_not_linear()
    {
        WindowSet training = new(Series.Slice(..400), Windows), test = new(Series.Slice(400..), Windows);
        using DenseForecaster dense = DenseForecaster.Fit(training, Options);
        Assert.Equal((2, 1, 4, 10), (dense.InputSize, dense.OutputSize, dense.Horizon, dense.MinHistory));
        double linear = ForecastTable.Of(LinearForecaster.Fit(training), test).Score(ForecastMetric.Rmse);
        Assert.InRange(ForecastTable.Of(dense, test).Score(ForecastMetric.Rmse), 0.01, linear / 2);
    }

    [Fact]
    public void Seed_and_data_decide_every_bit_and_of_a_long_history_the_end_counts()
    {
        float[] history = Series.Slice(..50).ToArray();
        float[] one = Forecast(Options, history), two = Forecast(Options with { Threads = 2 }, history[^20..]), other = Forecast(Options with { Seed = 4 }, history);
        Assert.Equal(one, two);
        Assert.NotEqual(one, other);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        WindowSet windows = new(Series, Windows);
        Assert.Throws<ArgumentNullException>(() => DenseForecaster.Fit(null!));
        Assert.Throws<ArgumentException>(() => DenseForecaster.Fit(new WindowSet(Series, Windows with { EveryStep = true })));
        Assert.Throws<ArgumentOutOfRangeException>(() => DenseForecaster.Fit(windows, Options with { HiddenSize = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => DenseForecaster.Fit(windows, Options with { Steps = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => DenseForecaster.Fit(windows, Options with { BatchSize = 0 }));
        using DenseForecaster dense = DenseForecaster.Fit(windows, Options with { Steps = 1 });
        Assert.Throws<ArgumentException>(() => dense.Forecast(new float[18], new float[4]));
        Assert.Throws<ArgumentException>(() => dense.Forecast(new float[20], new float[5]));
    }

    private static float[] Forecast(DenseForecasterOptions options, float[] history)
    {
        using DenseForecaster dense = DenseForecaster.Fit(new WindowSet(Series.Slice(..400), Windows), options with { Steps = 30 });
        float[] forecast = new float[4];
        dense.Forecast(history, forecast);
        return forecast;
    }
}
