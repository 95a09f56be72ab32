using System.Text.RegularExpressions;

namespace FastRecurrent.Tests.Jobs;

/// <summary>docs/tutorial-notebook.md is what happens: its C# stands here, its options exist.</summary>
public partial class NotebookTutorialTests
{
    private static readonly string Document = Path.Combine("docs", "tutorial-notebook.md");

    [Fact]
    public void The_course_in_the_library()
    {
        using NotebookFolder folder = new();
        string path = folder.File("vibration.safetensors");
        double last = Train(path), error = Score(path);
        Assert.InRange(last, 0, 0.05);
        Assert.InRange(error, 0, 0.15);

        static double Train(string path)
        {
            #region Tutorial
            TimeSeries series = new(RotorVibration.Generate(), "acceleration");

            // 10 frames of 100 values and the frame behind them, 5 rows from one window to the next; nothing is copied.
            WindowOptions window = new() { InputLength = 10, Dilation = 100, Step = 5 };
            WindowSet windows = new(series.Slice(..15_000).Framed(100), window);

            ModelDefinition network = new ModelBuilder(inputSize: 100).Lstm(100).Lstm(100).LastStep().Dense(100, Activation.Relu).Dense(100).Build();
            using TrainableModel model = new(network, ParameterInitialization.Keras.Create(network, seed: 1), new() { MaxTime = 10, MaxBatch = 1, Threads = 1 });
            Trainer trainer = new(model, Loss.MeanSquaredError, new Adam { LearningRate = 2e-4 }, new() { Shuffle = false, MaxIterations = 2500 });
            TrainingHistory history = trainer.Fit(new WindowTrainingData(windows));

            ModelFile.Save(path, model.ToModel());
            #endregion

            Assert.Equal(2500, history.Losses.Count);
            return history.Losses.TakeLast(250).Average();
        }

        static double Score(string path)
        {
            TimeSeries series = new(RotorVibration.Generate(), "acceleration");

            #region Tutorial
            LoadedModel loaded = ModelFile.Load(path);
            using FramedForecaster next = new(new ModelForecaster(loaded.Model, length: 10)); // 1,000 values to the next 100
            RecursiveForecaster generator = new(next, horizon: 1000);                         // to the next 1,000, from its own forecasts

            float[] history = series.Slice(15_000..16_000).ToArray(), oneShot = new float[100], generated = new float[1000];
            next.Forecast(history, oneShot);
            generator.Forecast(history, generated);

            // Over all rows behind, beside a baseline.
            WindowSet test = new(series.Slice(15_000..), new WindowOptions { InputLength = 1000, Horizon = 100, Step = 100 });
            double error = ForecastTable.Of(next, test).Score(ForecastMetric.Mse);
            double naive = ForecastTable.Of(new NaiveForecaster(inputSize: 1, horizon: 100, season: 400), test).Score(ForecastMetric.Mse);
            #endregion

            Assert.Equal(oneShot, generated[..100]);
            Assert.InRange(naive, 0.006, 0.007);
            return error;
        }
    }

    [Fact]
    public void A_series_of_ones_own()
    {
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => 20 + (5 * MathF.Sin(i / 6f)))];

        #region Tutorial
        TimeSeries series = new(values, "temperature");
        TrainedForecasterOptions options = new()
        {
            Windows = new WindowOptions { InputLength = 48, Horizon = 12 },
            Network = (inputs, outputs) => new ModelBuilder(inputs).Gru(16).LastStep().Dense(outputs).Build(),
            Optimizer = new Adam { LearningRate = 0.01 },
            Training = new TrainerOptions { Epochs = 5 },
        };
        using var forecaster = TrainedForecaster.Fit(series.Slice(..700), options);

        WindowSet test = new(series.Slice(700..), options.Windows);
        double error = ForecastTable.Of(forecaster, test).Score(ForecastMetric.Rmse); // in degrees
        #endregion

        Assert.InRange(error, 0, 1);
    }

    [Fact]
    public void The_tutorials_code_is_code_that_these_tests_run() =>
        DocumentExamples.AreRegions(Document, Path.Combine("Jobs", "NotebookTutorialTests.cs"), "Tutorial");

    [Fact]
    public void The_tutorials_options_are_there()
    {
        string help = CliProcess.Run("notebook", "--help").Output;
        string[] options = [.. DocumentExamples.Commands(Document).Where(line => line.Contains("notebook", StringComparison.Ordinal)).SelectMany(line => OptionName().Matches(line)).Select(match => match.Value).Distinct()];
        Assert.True(options.Length >= 5, "the tutorial shows few options");
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    [GeneratedRegex("--[a-z]+")]
    private static partial Regex OptionName();
}
