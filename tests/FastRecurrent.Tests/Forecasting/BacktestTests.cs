namespace FastRecurrent.Tests.Forecasting;

public class BacktestTests
{
    private static readonly WindowOptions Options = new() { InputLength = 4, Horizon = 3, Step = 5 };

    private static TimeSeries Rising(int rows) => new(Enumerable.Range(0, rows).Select(t => (float)t).ToArray(), "x");

    [Fact]
    public void Every_origin_sees_only_what_came_before_it()
    {
        List<int> fitted = [];
        BacktestResult result = Backtest.Run(Rising(100), Options, 60, known =>
        {
            fitted.Add(known.Length);
            return new Spy();
        });
        Assert.Equal([60, 65, 70, 75, 80, 85, 90, 95], result.Origins.AsEnumerable());
        Assert.Equal([60], fitted);
        Assert.Equal(1, result.Fits);
        // The naive forecast of a rising series misses by 1, 2, 3.
        Assert.Equal([1, 2, 3], result.Table.ByStep(ForecastMetric.Mae));
        Assert.Equal([60f, 61, 62, 65], result.Table.Truth[..4].ToArray());
    }

    [Fact]
    public void A_refit_sees_every_row_up_to_its_origin_and_the_old_forecaster_is_disposed()
    {
        List<int> fitted = [];
        List<Spy> spies = [];
        BacktestResult result = Backtest.Run(Rising(100), Options, 60, known =>
        {
            fitted.Add(known.Length);
            Assert.Equal(known.Length - 1, known[known.Length - 1, 0]);
            spies.Add(new Spy());
            return spies[^1];
        }, refitEvery: 3);
        Assert.Equal([60, 75, 90], fitted);
        Assert.Equal(3, result.Fits);
        Assert.All(spies, spy => Assert.True(spy.IsDisposed));
    }

    [Fact]
    public void Refitting_follows_a_series_that_changes()
    {
        float[] values = [.. Enumerable.Range(0, 400).Select(t => t < 200 ? (float)Math.Sin(t) : 3 + (float)Math.Sin(2 * t))];
        TimeSeries series = new(values, "x");
        WindowOptions options = new() { InputLength = 3, Step = 1 };
        double once = Score(0), often = Score(20);
        Assert.True(often < once / 2, $"{often} against {once}");

        double Score(int refitEvery) => Backtest.Run(series, options, 150, known => LinearForecaster.Fit(new WindowSet(known.Slice(^120..), options)), refitEvery)
            .Table.Score(ForecastMetric.Mse);
    }

    [Fact]
    public void Origins_and_forecasters_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Backtest.Run(Rising(10), Options, 10, _ => new Spy()));
        Assert.Throws<ArgumentException>(() => Backtest.Run(Rising(10), Options, 9, _ => new Spy()));
        Assert.Throws<ArgumentException>(() => Backtest.Run(Rising(100), Options, 50, _ => new NaiveForecaster(1, 2)));
        Assert.Throws<ArgumentException>(() => Backtest.Run(Rising(100), Options, 50, _ => new NaiveForecaster(1, 3, season: 5)));
    }

    private sealed class Spy : IForecaster, IDisposable
    {
        private readonly NaiveForecaster _naive = new(1, 3);

        public bool IsDisposed { get; private set; }

        public int InputSize => 1;

        public int OutputSize => 1;

        public int Horizon => 3;

        public int MinHistory => 1;

        public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
        {
            Assert.False(IsDisposed);
            _naive.Forecast(history, forecast);
        }

        public void Dispose() => IsDisposed = true;
    }
}
