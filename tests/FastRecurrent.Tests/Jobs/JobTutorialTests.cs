using System.Text.RegularExpressions;

namespace FastRecurrent.Tests.Jobs;

/// <summary>docs/tutorial-lecture.md and docs/tutorial-weather.md are what happens: their C# stands here, their options exist.</summary>
public partial class JobTutorialTests
{
    [Fact]
    public void The_lecture_in_the_library()
    {
        const int epochs = 2;

        #region Lecture
        // 10,000 series of 60 values; 0..6999 for training, 7000..8999 for validation. A window is a series: 50 values, then 10 to forecast.
        TimeSeries all = new(SyntheticSeries.GenerateTimeSeries(count: 10_000, steps: 60), "value");
        WindowOptions window = new() { InputLength = 50, Horizon = 10, Step = 60 };
        WindowSet training = new(all.Slice(..(7000 * 60)), window with { EveryStep = true });
        WindowSet validation = new(all.Slice((7000 * 60)..(9000 * 60)), window);

        // Sequence to sequence: ten values at every step.
        ModelDefinition network = new ModelBuilder(inputSize: 1).Lstm(20).Lstm(20).Dense(10).Build();
        using TrainableModel model = new(network, ParameterInitialization.Keras.Create(network, seed: 1), new() { MaxTime = 50, MaxBatch = 32 });
        Trainer trainer = new(model, Loss.MeanSquaredError, Adam.Keras with { LearningRate = 0.01 }, new()
        {
            Epochs = epochs,
            Schedule = new CosineSchedule(epochs * 219) { Unit = ScheduleUnit.Step },
        });
        trainer.Fit(new WindowTrainingData(training));

        using ModelForecaster forecaster = new(model.ToModel(), length: 50, horizon: 10);
        double error = ForecastTable.Of(forecaster, validation).Score(ForecastMetric.Mse);
        double naive = ForecastTable.Of(new NaiveForecaster(inputSize: 1, horizon: 10), validation).Score(ForecastMetric.Mse);
        #endregion

        Assert.Equal(0.25697407, naive, 2e-8);
        Assert.InRange(error, 0, 0.03);
        Assert.Equal(2 * 219, trainer.Iteration);
    }

    [Fact]
    public void The_weather_in_the_library()
    {
        const int training = 1500;
        TimeSeries hours = new(
            (float[])[.. Enumerable.Range(0, 2000).SelectMany(i => new[] { 10 + (5 * MathF.Sin(i / 3.82f)) + (6 * MathF.Sin(i / 30f)), 1010 + (8 * MathF.Cos(i / 30f)) })],
            "temperature", "pressure");

        #region Weather
        // Two channels by the hour; tomorrow's first one is wanted at every step of a window.
        Scaler scaler = Scaler.Fit(ScalerKind.Standard, hours.Slice(..training));
        TimeSeries scaled = scaler.Transform(hours);
        WindowOptions window = new() { InputLength = 168, Gap = 23, EveryStep = true, Targets = ["temperature"] };
        WindowSet windows = new(scaled.Slice(..training), window);

        ModelDefinition network = new ModelBuilder(inputSize: 2).Gru(16).Dense(1).Build();
        using TrainableModel model = new(network, ParameterInitialization.Keras.Create(network, seed: 1), new() { MaxTime = 168, MaxBatch = 8 });
        Trainer trainer = new(model, Loss.MeanSquaredError, RmsProp.Keras with { LearningRate = 3e-3 }, new() { Epochs = 10, Shuffle = false });

        // 160 random windows an epoch; the first 24 steps of each do not count.
        trainer.Fit(new WindowTrainingData(windows, new() { Draws = 160, WarmUp = 24, Seed = 1 }));

        // The last step of each window behind the training, against "same as now", in degrees.
        WindowSet test = new(scaled.Slice(training..), window with { EveryStep = false });
        using ModelForecaster forecaster = new(model.ToModel(), length: 168);
        double degrees = scaler.Scales[0];
        double error = degrees * ForecastTable.Of(forecaster, test).Score(ForecastMetric.Mae);
        double sameAsNow = degrees * ForecastTable.Of(new NaiveForecaster(inputSize: 2, horizon: 1, channels: [0]), test).Score(ForecastMetric.Mae);
        #endregion

        Assert.InRange(sameAsNow, 1, 10);
        Assert.InRange(error, 0, sameAsNow / 2);
    }

    [Theory]
    [InlineData("lecture", "Lecture")]
    [InlineData("weather", "Weather")]
    public void The_tutorials_code_is_code_that_these_tests_run(string verb, string region) =>
        DocumentExamples.AreRegions(Document(verb), Path.Combine("Jobs", "JobTutorialTests.cs"), region);

    [Theory]
    [InlineData("lecture")]
    [InlineData("weather")]
    public void The_tutorials_options_are_there(string verb)
    {
        string help = CliProcess.Run(verb, "--help").Output;
        string[] options = [.. DocumentExamples.Commands(Document(verb)).SelectMany(line => OptionName().Matches(line[2..])).Select(match => match.Value).Distinct()];
        Assert.True(options.Length >= 8, "the tutorial shows few options");
        Assert.All(options, option => Assert.Contains($"{option} ", help, StringComparison.Ordinal));
        Assert.All(DocumentExamples.Commands(Document(verb)), line => Assert.StartsWith($"-- {verb}", line, StringComparison.Ordinal));
    }

    private static string Document(string verb) => Path.Combine("docs", $"tutorial-{verb}.md");

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex OptionName();
}
