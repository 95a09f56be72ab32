using FastRecurrent.Forecasting;

namespace FastRecurrent.Tests.Forecasting;

public class ForecasterTests
{
    private static RecurrentModel Model(Func<ModelBuilder, ModelBuilder> build, int inputs = 1)
    {
        ModelDefinition definition = build(new ModelBuilder(inputs)).Build();
        return new RecurrentModel(definition, ParameterSet.Uniform(definition, 5));
    }

    [Fact]
    public void Naive_forecasts_repeat_the_last_season()
    {
        float[] history = [1, 10, 2, 20, 3, 30, 4, 40], forecast = new float[10];
        new NaiveForecaster(2, 5).Forecast(history, forecast);
        Assert.Equal([4, 40, 4, 40, 4, 40, 4, 40, 4, 40], forecast);
        new NaiveForecaster(2, 5, season: 3).Forecast(history, forecast);
        Assert.Equal([2, 20, 3, 30, 4, 40, 2, 20, 3, 30], forecast);
        new NaiveForecaster(2, 5, season: 3, [1], gap: 1).Forecast(history, forecast.AsSpan(0, 5));
        Assert.Equal([30, 40, 20, 30, 40], forecast[..5]);
        Assert.Contains("at least 5", Assert.Throws<ArgumentException>(() => new NaiveForecaster(2, 5, season: 5).Forecast(history, forecast)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Least_squares_finds_the_recurrence_that_made_the_series()
    {
        float[] values = new float[400];
        Draw draw = new(2);
        for (int t = 0; t < values.Length; t++)
            values[t] = t < 2 ? 1 : (0.6f * values[t - 1]) - (0.3f * values[t - 2]) + 5 + draw.Float(-1, 1);
        LinearForecaster linear = LinearForecaster.Fit(new WindowSet(new TimeSeries(values, "x"), new WindowOptions { InputLength = 2 }));
        float[] y = new float[1];
        Assert.Equal(5, At(0, 0), 0.6);
        Assert.Equal(0.6, At(0, 1) - At(0, 0), 0.1);
        Assert.Equal(-0.3, At(1, 0) - At(0, 0), 0.1);

        float At(float before, float last)
        {
            linear.Forecast([before, last], y);
            return y[0];
        }
    }

    /// <summary>Predictors that depend on each other, and one that never changes, still have an answer.</summary>
    [Fact]
    public void Least_squares_stands_dependent_and_constant_predictors()
    {
        float[] values = new float[300 * 3];
        for (int t = 0; t < 300; t++)
            (values[3 * t], values[(3 * t) + 1], values[(3 * t) + 2]) = (t % 7, 2 * (t % 7), 3);
        WindowSet windows = new(new TimeSeries(values, "a", "b", "still"), new WindowOptions { InputLength = 7, Targets = ["a"] });
        Assert.InRange(ForecastTable.Of(LinearForecaster.Fit(windows), windows).Score(ForecastMetric.Mae), 0, 1e-3);
        Assert.InRange(ForecastTable.Of(LinearForecaster.Fit(windows, ridge: 1), windows).Score(ForecastMetric.Mae), 1e-3, 2);
    }

    [Fact]
    public void Cholesky_solves_what_was_multiplied()
    {
        const int N = 20, M = 3;
        Draw draw = new(4);
        double[] half = [.. draw.Floats(N * N, -1, 1).Select(value => (double)value)], x = [.. draw.Floats(N * M, -1, 1).Select(value => (double)value)];
        double[] a = new double[N * N], b = new double[N * M];
        for (int i = 0; i < N; i++)
        {
            for (int j = 0; j < N; j++)
                for (int k = 0; k < N; k++)
                    a[(i * N) + j] += half[(i * N) + k] * half[(j * N) + k];
            a[(i * N) + i] += 1;
        }

        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++)
                for (int m = 0; m < M; m++)
                    b[(i * M) + m] += a[(i * N) + j] * x[(j * M) + m];
        Assert.True(Cholesky.Solve(a, b, N, M));
        Assert.All(x.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
        Assert.False(Cholesky.Solve([1, 1, 1, 1], new double[2], 2, 1));
    }

    [Fact]
    public void A_model_forecasts_from_the_last_steps_of_the_history()
    {
        RecurrentModel model = Model(b => b.Lstm(5).LastStep().Dense(3));
        float[] history = new Draw(1).Floats(20, -1, 1), forecast = new float[3], expected = new float[3];
        using ModelForecaster forecaster = new(model, length: 8, horizon: 3);
        forecaster.Forecast(history, forecast);
        using SequenceRunner runner = model.CreateRunner(8, 1);
        runner.Forward(history.AsSpan(12), 8, 1, expected);
        Assert.Equal(expected, forecast);
        Assert.Equal((1, 1, 3, 8), (forecaster.InputSize, forecaster.OutputSize, forecaster.Horizon, forecaster.MinHistory));
    }

    [Fact]
    public void A_model_of_sequences_forecasts_with_its_last_step_and_a_dense_one_with_all_at_once()
    {
        RecurrentModel sequence = Model(b => b.Gru(4).Dense(2));
        float[] history = new Draw(1).Floats(6, -1, 1), forecast = new float[2], outputs = new float[12];
        using ModelForecaster last = new(sequence, 6, 2);
        last.Forecast(history, forecast);
        using SequenceRunner runner = sequence.CreateRunner(6, 1);
        runner.Forward(history, 6, 1, outputs);
        Assert.Equal(outputs[10..], forecast);

        ModelDefinition dense = ModelBuilder.FromVector(6).Dense(2).Build();
        using ModelForecaster flat = new(new RecurrentModel(dense, ParameterSet.Uniform(dense, 1)), 6, 2);
        Assert.Equal((1, 6), (flat.InputSize, flat.MinHistory));
        flat.Forecast(history, forecast);
        Assert.Throws<ArgumentException>(() => new ModelForecaster(sequence, 6, 3));
    }

    /// <summary>The notebook's generation: predict a frame, drop the oldest, append the prediction, ten times.</summary>
    [Fact]
    public void Recursion_slides_the_window_over_its_own_forecasts()
    {
        RecurrentModel model = Model(b => b.Lstm(6).LastStep().Dense(4), inputs: 4);
        float[] window = new Draw(7).Floats(5 * 4, -1, 1), forecast = new float[10 * 4], expected = new float[10 * 4];
        using RecursiveForecaster forecaster = new(new ModelForecaster(model, 5), 10);
        forecaster.Forecast(window, forecast);

        using SequenceRunner runner = model.CreateRunner(5, 1);
        List<float> all = [.. window];
        for (int i = 0; i < 10; i++)
        {
            runner.Forward(all.ToArray().AsSpan(all.Count - 20), 5, 1, expected.AsSpan(i * 4, 4));
            all.AddRange(expected.AsSpan(i * 4, 4));
        }

        Assert.Equal(expected, forecast);
    }

    [Fact]
    public void Recursion_takes_covariates_and_blocks_of_steps()
    {
        // Forecasts two steps: last + 1 and last + 2; the covariate says which step it is.
        using RecursiveForecaster forecaster = new(new Counter(), 5, (step, prediction, input) => (input[0], input[1]) = (prediction[0], step));
        float[] forecast = new float[5];
        forecaster.Forecast([7, -1], forecast);
        Assert.Equal([8, 9, 11, 12, 16], forecast); // 9 is step 1, 12 step 3: both are added on
        Assert.Throws<ArgumentException>(() => new RecursiveForecaster(new Counter(), 5));
    }

    [Fact]
    public void A_stream_carries_its_state_through_history_and_forecast()
    {
        RecurrentModel model = Model(b => b.Gru(5).Dense(1));
        float[] history = new Draw(1).Floats(30, -1, 1), forecast = new float[4];
        using StreamingForecaster forecaster = new(model, 4);
        forecaster.Forecast(history, forecast);
        forecaster.Forecast(history, forecast); // starts anew every time

        using SequenceRunner runner = model.CreateRunner(33, 1);
        float[] fed = [.. history, .. forecast[..3]], outputs = new float[33];
        runner.Forward(fed, 33, 1, outputs);
        Assert.Equal(outputs[29..], forecast);
    }

    [Fact]
    public void A_scaled_forecast_is_in_physical_units()
    {
        TimeSeries training = new(new float[] { 0, 100, 10, 200 }, "a", "b");
        Scaler scaler = Scaler.Fit(ScalerKind.MinMax, training);
        using ScaledForecaster forecaster = new(new NaiveForecaster(2, 1, channels: [1]), scaler, scaler.Select("b"));
        float[] forecast = new float[1];
        forecaster.Forecast([3, 150], forecast);
        Assert.Equal(150, forecast[0], 1e-3);
    }

    [Fact]
    public void Errors_are_told_by_step_and_channel()
    {
        ForecastTable table = new(new float[] { 0, 0, 0, 0, 0, 0, 0, 0 }, new float[] { 1, 2, 3, 4, 1, 2, 3, 4 }, 2, "a", "b");
        Assert.Equal(2, table.Count);
        Assert.Equal(7.5, table.Score(ForecastMetric.Mse));
        Assert.Equal([2.5, 12.5], table.ByStep(ForecastMetric.Mse));
        Assert.Equal([4, 16], table.ByStep(ForecastMetric.Mse, "b"));
        Assert.Equal(5, table.Score(ForecastMetric.Mse, channel: "a"));
        Assert.Throws<ArgumentException>(() => table.Score(ForecastMetric.Mse, channel: "c"));
    }

    private sealed class Counter : IForecaster
    {
        public int InputSize => 2;

        public int OutputSize => 1;

        public int Horizon => 2;

        public int MinHistory => 1;

        public void Forecast(ReadOnlySpan<float> history, Span<float> forecast) =>
            (forecast[0], forecast[1]) = (history[0] + Math.Max(history[1], 0) + 1, history[0] + Math.Max(history[1], 0) + 2);
    }
}
