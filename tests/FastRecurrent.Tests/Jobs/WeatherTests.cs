using System.Text.Json;
using FastRecurrent.Cli.Weather;

namespace FastRecurrent.Tests.Jobs;

/// <summary><c>weather</c> from end to end, and its parts.</summary>
public class WeatherTests
{
    private static readonly string[] Small = ["--epochs", "3", "--steps", "10", "--batch", "4", "--hidden", "6", "--window", "60", "--warm-up", "10"];

    private static readonly string[] Members =
    [
        "verb", "cancelled", "data", "rows", "inputs", "ahead", "window", "warm_up", "hidden", "output", "seed", "threads", "epochs", "iterations", "end", "workspace_bytes",
        "training_seconds", "forecasts", "results", "coverage", "report_seconds", "model", "checkpoint", "report",
    ];

    [Fact]
    public void Json_is_one_object_with_the_network_beside_the_baselines()
    {
        using JobFolder folder = new("weather", Small);
        JsonElement result = folder.Json();
        Assert.Equal(Members, result.EnumerateObject().Select(member => member.Name));
        Assert.Equal(1461, result.GetProperty("rows").GetInt32());
        Assert.Equal(10, result.GetProperty("inputs").GetInt32());
        Assert.Equal(146, result.GetProperty("forecasts").GetInt32());
        string[] names = [.. result.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("forecaster").GetString()!).Distinct()];
        Assert.Equal(["GRU(6)", "same as now (the day before)", "mean of 7 days", "linear, last day", "dense(32), last day"], names);
        Assert.Equal(3, result.GetProperty("coverage").GetArrayLength());
        LoadedModel model = ModelFile.Load(result.GetProperty("model").GetString()!);
        Assert.Equal(10, model.Model.Definition.InputSize);
        Assert.Equal(8, Scaler.FromJson(model.Metadata["forecast.scaler"]).Names.Length);
        Assert.Equal(3, Scaler.FromJson(model.Metadata["forecast.output_scaler"]).Names.Length);
    }

    [Theory]
    [InlineData("change")]
    [InlineData("sigmoid")]
    [InlineData("linear")]
    public void A_file_of_hours_is_learned(string output)
    {
        using JobFolder folder = new("weather", Small);
        JsonElement result = folder.Json(
            "--data", folder.Hours(), "--targets", "here", "--ahead", "6", "--epochs", "20", "--optimizer", "adam", "--rate", "0.01", "--output", output);
        double[] errors = [.. result.GetProperty("results").EnumerateArray().Select(item => item.GetProperty("mae").GetDouble())];
        Assert.True(errors[0] < errors[1] / 3, $"the network's error is {errors[0]}, that of 'same as now' {errors[1]}");
        Assert.Equal(5, result.GetProperty("inputs").GetInt32()); // three columns, the time of day twice
    }

    [Fact]
    public void Baselines_are_what_they_say()
    {
        using JobFolder folder = new("weather", Small);
        WeatherOptions options = new() { Data = folder.Hours(), Window = 60, Ahead = 6, Targets = ["here", "there"], Inputs = ["here", "pressure"], Hidden = 3 };
        WeatherData data = WeatherData.Load(options);
        Assert.Equal((24, 480, 540), (data.RowsPerDay, data.Split.Validation.Start.Value, data.Split.Test.Start.Value));
        WeatherForecasts forecasts = new WeatherForecasting(data, options).Run(Untrained(data));
        for (int row = 540; row < 600; row++)
        {
            int at = (row - 540) * 2;
            Assert.Equal(data.Values[row, 2], forecasts.Network.Test.Truth.Span[at + 1]);
            Assert.Equal(data.Values[row - 6, 0], forecasts.All[1].Test.Forecast.Span[at]);
            Assert.Equal(data.Values[row - 24, 2], forecasts.All[2].Test.Forecast.Span[at + 1]);
            Assert.Equal(Enumerable.Range(1, 7).Average(day => data.Values[row - (24 * day), 0]), forecasts.All[3].Test.Forecast.Span[at], 1e-4f);
        }

        // Sines are linear in their own past: least squares finds them, but for the pull of the ridge.
        Assert.InRange(forecasts.All[4].Error(ForecastMetric.Mae, "here"), 0, forecasts.SameAsNow.Error(ForecastMetric.Mae, "here") / 5);
    }

    /// <summary>No value of a row is in the forecast of that row, or of any before it can be known.</summary>
    [Theory]
    [InlineData("Change")]
    [InlineData("Sigmoid")]
    public void A_forecast_sees_nothing_of_its_future(string output)
    {
        using JobFolder folder = new("weather", Small);
        const int Changed = 570, Ahead = 6;
        WeatherOptions options = new() { Data = folder.Hours(), Window = 60, Ahead = Ahead, Targets = ["here"], Inputs = ["here", "pressure", "there"], Output = Enum.Parse<WeatherOutput>(output), Hidden = 3 };
        float[] before = Forecasts();
        folder.Hours(line: i => i < Changed ? JobFolder.Hour(i) : JobFolder.Hour(i).Replace(",1", ",2", StringComparison.Ordinal));
        float[] after = Forecasts();
        Assert.Equal(before[..(Changed + Ahead - 540)], after[..(Changed + Ahead - 540)]);
        Assert.NotEqual(before[Changed + Ahead - 540], after[Changed + Ahead - 540]);

        float[] Forecasts()
        {
            WeatherData data = WeatherData.Load(options);
            return [.. new WeatherForecasting(data, options).Run(Untrained(data)).Network.Test.Forecast.Span];
        }
    }

    [Fact]
    public void No_number_depends_on_threads_or_on_what_is_computed_twice()
    {
        double[] once = Losses(threads: 1, recompute: 0);
        Assert.Equal(once, Losses(threads: 3, recompute: 0));
        Assert.Equal(once, Losses(threads: 2, recompute: 8));

        static double[] Losses(int threads, int recompute)
        {
            using JobFolder folder = new("weather");
            Directory.CreateDirectory(folder.Out);
            WeatherOptions options = new()
            {
                Data = folder.Hours(),
                Window = 50,
                Hidden = 5,
                Batch = 4,
                StepsPerEpoch = 5,
                Epochs = 2,
                Threads = threads,
                Recompute = recompute,
                Folder = folder.Out,
            };
            using WeatherTraining training = new(WeatherData.Load(options), options);
            training.Run(new Nobody(), CancellationToken.None);
            return [.. training.Trainer.History.Losses, .. training.Trainer.History.Epochs.Select(epoch => epoch.ValidationLoss!.Value)];
        }
    }

    [Fact]
    public void A_resumed_training_goes_on_bit_for_bit()
    {
        using JobFolder folder = new("weather", Small);
        JsonElement whole = folder.Json("--epochs", "4");
        JsonElement half = folder.Json("--epochs", "2", "--out", folder.File("half"));
        Assert.NotEqual(whole.GetProperty("results").ToString(), half.GetProperty("results").ToString());
        JsonElement resumed = folder.Json("--epochs", "4", "--resume", "--out", folder.File("half"));
        Assert.Equal(40, resumed.GetProperty("iterations").GetInt32());
        Assert.Equal(whole.GetProperty("results").ToString(), resumed.GetProperty("results").ToString());
    }

    /// <summary>Cut within an epoch, where draws, plateau and best weights all have something to lose.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(14)]
    public void A_training_that_was_interrupted_goes_on_bit_for_bit(int steps)
    {
        using JobFolder folder = new("weather"), other = new("weather");
        WeatherOptions options = new() { Data = folder.Hours(), Window = 40, Hidden = 4, Batch = 3, StepsPerEpoch = 5, Epochs = 5, Patience = 2, LearningRate = 0.01, Folder = folder.Out };
        Directory.CreateDirectory(folder.Out);
        Directory.CreateDirectory(other.Out);
        using CancellationTokenSource stop = new();
        (_, TrainingEnd end) = Train(options, new Stopping(stop, steps), stop.Token);
        Assert.Equal(TrainingEnd.Cancelled, end);
        Stopping seen = new(stop, steps);
        (byte[] resumed, _) = Train(options with { Resume = true }, seen, CancellationToken.None);
        Assert.Equal(steps + 1, seen.First);
        (byte[] whole, _) = Train(options with { Folder = other.Out }, new Nobody(), CancellationToken.None);
        Assert.Equal(whole, resumed);

        static (byte[] Weights, TrainingEnd End) Train(WeatherOptions options, IProgress<TrainingProgress> progress, CancellationToken stop)
        {
            using WeatherTraining training = new(WeatherData.Load(options), options);
            ParameterSet parameters = training.Run(progress, stop).ExportParameters();
            return ([.. parameters.Names.SelectMany(name => parameters[name].ToArray()).SelectMany(BitConverter.GetBytes)], training.Trainer.History.End);
        }
    }

    [Fact]
    public void Ctrl_C_ends_with_130_and_leaves_model_checkpoint_and_report()
    {
        using JobFolder folder = new("weather", [.. Small, "--patience", "100000"]);
        CliProcess run = folder.RunAndInterrupt(() => File.Exists(Path.Combine(folder.Out, "training.checkpoint")), "--epochs", "100000");
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("--resume", run.Error, StringComparison.Ordinal);
        foreach (string file in (ReadOnlySpan<string>)["model.safetensors", "training.checkpoint", "report.html"])
            Assert.True(File.Exists(Path.Combine(folder.Out, file)), file);
    }

    /// <summary>The winner of a column is marked, whoever it is, and the sentence below says whether the network beats "same as now".</summary>
    [Fact]
    public void No_forecaster_is_marked_where_another_one_is_better()
    {
        using JobFolder folder = new("weather", Small);
        WeatherOptions options = new() { Data = folder.Hours(), Window = 60, Ahead = 6, Targets = ["here", "pressure"], Hidden = 3 };
        WeatherData data = WeatherData.Load(options);
        WeatherForecasts forecasts = new WeatherForecasting(data, options).Run(Untrained(data));
        foreach (string target in data.Targets)
        {
            double least = forecasts.All.Min(forecast => forecast.Error(ForecastMetric.Mae, target));
            Assert.Equal(least, forecasts.Best(target).Error(ForecastMetric.Mae, target));
            Assert.NotEqual(forecasts.Network, forecasts.Best(target));
            Assert.Contains("loses to \"same as now\"", WeatherText.Standing(forecasts, target), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("seattle_temperature_max_c", "Seattle temperature max, \u00b0C")]
    [InlineData("wind_mps", "Wind, m/s")]
    [InlineData("c", "C")]
    [InlineData("odense_temp", "Odense temp")]
    public void A_column_is_named_with_its_unit(string column, string title) => Assert.Equal(title, WeatherText.Title(column));

    [Fact]
    public void The_report_has_forecasts_with_intervals_errors_by_hour_and_curves()
    {
        using JobFolder folder = new("weather", Small);
        CliProcess run = folder.Run("--hourly", "--epochs", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("24 hours ahead", run.Output, StringComparison.Ordinal);
        string page = File.ReadAllText(Path.Combine(folder.Out, "report.html"));
        foreach (string part in (ReadOnlySpan<string>)["error by time of day", "Interval", "Loss", "Gradient norm", "same as now"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    private static RecurrentModel Untrained(WeatherData data)
    {
        ModelDefinition network = new ModelBuilder(data.NetworkInputs.Length).Gru(3).Dense(data.Targets.Length).Build();
        return new RecurrentModel(network, ParameterSet.Uniform(network, seed: 1));
    }

    /// <summary>Cancels behind so many steps.</summary>
    private sealed class Stopping(CancellationTokenSource stop, int steps) : IProgress<TrainingProgress>
    {
        public long? First { get; private set; }

        public void Report(TrainingProgress value)
        {
            First ??= value.Iteration;
            if (value.Iteration == steps)
                stop.Cancel();
        }
    }

    private sealed class Nobody : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
