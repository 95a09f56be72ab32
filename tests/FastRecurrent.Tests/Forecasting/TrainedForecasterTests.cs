namespace FastRecurrent.Tests.Forecasting;

/// <summary>Networks trained on a series, and frames as values.</summary>
public class TrainedForecasterTests
{
    private const double Offset = 1000, Amplitude = 50;

    /// <summary>A sine about 1000, its square, and a channel that is 0 and 1 in turn.</summary>
    private static readonly TimeSeries Series = new(
        Enumerable.Range(0, 400).SelectMany(t => new[] { (float)(Offset + (Amplitude * Math.Sin(t / 5.0))), (float)Math.Pow(Math.Sin(t / 5.0), 2), t % 2 }).ToArray(),
        "wave", "square", "parity");

    private static TrainedForecasterOptions Options => new()
    {
        Windows = new WindowOptions { InputLength = 12, Horizon = 3, Targets = ["wave"] },
        Network = (inputs, outputs) => new ModelBuilder(inputs).Gru(16).LastStep().Dense(outputs).Build(),
        Optimizer = new Adam { LearningRate = 0.01 },
        Training = new TrainerOptions { Epochs = 15 },
        BatchSize = 16,
        Threads = 1,
    };

    [Fact]
    public void It_learns_and_forecasts_in_the_units_of_the_series()
    {
        using var forecaster = TrainedForecaster.Fit(Series.Slice(..300), Options);
        Assert.Equal((3, 1, 3, 12), (forecaster.InputSize, forecaster.OutputSize, forecaster.Horizon, forecaster.MinHistory));
        Assert.Equal(15, forecaster.History.Epochs.Count);
        var table = ForecastTable.Of(forecaster, new WindowSet(Series.Slice(300..), Options.Windows));
        Assert.InRange(table.Score(ForecastMetric.Rmse), 0, Amplitude / 10);
        Assert.Equal(Series.Names, forecaster.Scaler!.Names);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Known_futures_and_networks_without_time_fit_too(bool isDense)
    {
        TrainedForecasterOptions options = Options with
        {
            Windows = new WindowOptions { InputLength = 12, Horizon = 3, Inputs = ["wave"], Targets = ["square", "wave"], KnownFuture = ["parity"] },
            Network = isDense
                ? (inputs, outputs) => ModelBuilder.FromVector(12 * inputs).Dense(16, Activation.Tanh).Dense(outputs).Build()
                : (inputs, outputs) => new ModelBuilder(inputs).Gru(16).LastStep().Dense(outputs).Build(),
        };
        using var forecaster = TrainedForecaster.Fit(Series.Slice(..300), options);
        Assert.Equal((4, 2, 3), (forecaster.InputSize, forecaster.OutputSize, forecaster.Horizon));
        var table = ForecastTable.Of(forecaster, new WindowSet(Series.Slice(300..), options.Windows));
        Assert.InRange(table.Score(ForecastMetric.Rmse, channel: "wave"), 0, Amplitude / 4);
        Assert.InRange(table.Score(ForecastMetric.Rmse, channel: "square"), 0, 0.3);
    }

    [Fact]
    public void The_same_seed_gives_the_same_forecaster_and_its_scaler_knows_the_training_rows_alone()
    {
        using var one = TrainedForecaster.Fit(Series.Slice(..200), Options with { Threads = 1 });
        using var two = TrainedForecaster.Fit(Series.Slice(..200), Options with { Threads = 2 });
        using var other = TrainedForecaster.Fit(Series.Slice(..200), Options with { Seed = 5 });
        Assert.Equal(Forecast(one), Forecast(two));
        Assert.NotEqual(Forecast(one), Forecast(other));
        Assert.Equal(Scaler.Fit(ScalerKind.Standard, Series.Slice(..200)).ToJson(), one.Scaler!.ToJson());
    }

    [Fact]
    public void It_is_refitted_in_a_backtest_and_watched_by_a_validation()
    {
        TrainedForecasterOptions few = Options with { Training = new TrainerOptions { Epochs = 2 } };
        BacktestResult result = Backtest.Run(Series, few.Windows with { Step = 20 }, firstOrigin: 300, known => TrainedForecaster.Fit(known, few, Series.Slice(300..)), refitEvery: 2);
        Assert.Equal(3, result.Fits);
        using var watched = TrainedForecaster.Fit(Series.Slice(..300), few, Series.Slice(300..));
        Assert.All(watched.History.Epochs, epoch => Assert.InRange(epoch.ValidationLoss!.Value, 1e-6, 10));
    }

    [Fact]
    public void A_network_of_other_sizes_is_refused_with_both()
    {
        TrainedForecasterOptions wrong = Options with { Network = (inputs, _) => new ModelBuilder(inputs).Gru(4).LastStep().Dense(7).Build() };
        string message = Assert.Throws<ArgumentException>(() => TrainedForecaster.Fit(Series, wrong)).Message;
        Assert.Contains("from 3 to 7", message, StringComparison.Ordinal);
        Assert.Contains("3 outputs", message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainedForecaster.Fit(Series, Options with { BatchSize = 0 }));
    }

    [Fact]
    public void Frames_are_values_in_a_row()
    {
        TimeSeries wave = Series.Select("square");
        ModelDefinition network = new ModelBuilder(8).Lstm(6).LastStep().Dense(8).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 4));
        using ModelForecaster frames = new(model, length: 3);
        using FramedForecaster values = new(new ModelForecaster(model, length: 3));
        Assert.Equal((1, 1, 8, 24), (values.InputSize, values.OutputSize, values.Horizon, values.MinHistory));
        WindowSet byFrame = new(wave.Framed(8), new WindowOptions { InputLength = 3, Dilation = 8 });
        WindowSet byValue = new(wave, new WindowOptions { InputLength = 24, Horizon = 8 });
        Assert.Equal(byFrame.Count, byValue.Count);
        ForecastTable one = ForecastTable.Of(frames, byFrame), other = ForecastTable.Of(values, byValue);
        Assert.Equal(one.Forecast.ToArray(), other.Forecast.ToArray());
        Assert.Equal(one.Truth.ToArray(), other.Truth.ToArray());
        float[] longer = [9, 9, 9, .. wave.Slice(..24).ToArray()], forecast = new float[8];
        values.Forecast(longer, forecast);
        Assert.Equal(other.Forecast.ToArray()[..8], forecast);
        Assert.Equal("inner", Assert.Throws<ArgumentException>(() => new FramedForecaster(new NaiveForecaster(3, 1, channels: [0]))).ParamName);
    }

    private static float[] Forecast(TrainedForecaster forecaster)
    {
        float[] history = new float[12 * 3], forecast = new float[3];
        Series.CopyRows(300, history);
        forecaster.Forecast(history, forecast);
        return forecast;
    }
}
