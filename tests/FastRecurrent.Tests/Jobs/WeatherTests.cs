using System.Text.Json;
using FastRecurrent.Cli.Weather;

namespace FastRecurrent.Tests.Jobs;

/// <summary><c>weather</c> from end to end, and its parts.</summary>
public class WeatherTests
{
    private static readonly string[] Small = ["--epochs", "3", "--steps", "10", "--batch", "4", "--hidden", "6", "--window", "60", "--warm-up", "10"];

    private static readonly string[] Members =
    [
        "verb", "cancelled", "data", "rows", "inputs", "ahead", "leads", "window", "warm_up", "hidden", "output", "seed", "threads", "epochs", "iterations", "end", "workspace_bytes",
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
        Assert.Equal(7 * 3, Scaler.FromJson(model.Metadata["forecast.output_scaler"]).Names.Length);
        Assert.Equal("1,2,3,4,5,6,7", model.Metadata["forecast.leads"]);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], result.GetProperty("leads").EnumerateArray().Select(lead => lead.GetInt32()));
        Assert.All(result.GetProperty("results").EnumerateArray(), item => Assert.Equal(item.GetProperty("mae").GetDouble(), item.GetProperty("mae_by_lead")[0].GetDouble()));
    }

    /// <summary>The course's network: a value of each target, one distance ahead.</summary>
    [Fact]
    public void One_lead_is_the_courses_network()
    {
        using JobFolder folder = new("weather", Small);
        JsonElement result = folder.Json("--leads", "1");
        Assert.Equal([1], result.GetProperty("leads").EnumerateArray().Select(lead => lead.GetInt32()));
        Assert.Equal(3, ModelFile.Load(result.GetProperty("model").GetString()!).Model.Definition.OutputSize);
        string page = File.ReadAllText(Path.Combine(folder.Out, "report.html"));
        Assert.Contains("no error by distance to show", page, StringComparison.Ordinal);
        Assert.DoesNotContain("error by days ahead", page, StringComparison.Ordinal);

        // What is known now does not depend on the distances that the network learns beside the job's own.
        JsonElement[] alone = SameAsNow(result), beside = SameAsNow(folder.Json());
        foreach (string error in (string[])["validation_mae", "mae", "rmse"])
            Assert.Equal(alone.Select(item => item.GetProperty(error).GetDouble()), beside.Select(item => item.GetProperty(error).GetDouble()));

        static JsonElement[] SameAsNow(JsonElement result) => [.. result.GetProperty("results").EnumerateArray()
            .Where(item => item.GetProperty("forecaster").GetString()!.StartsWith("same as now", StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData(24, 24, null, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24", 23)]
    [InlineData(1, 1, null, "1 2 3 4 5 6 7", 0)]
    [InlineData(10, 1, 5, "2 4 6 8 10", 4)]
    [InlineData(3, 1, 3, "3 5 7", 0)]
    [InlineData(2, 1, 2, "2 4 7", 0)]
    [InlineData(100, 24, 4, "25 50 75 100", 3)]
    [InlineData(1, 24, null, "1", 0)]
    [InlineData(12, 24, 1, "12", 0)]
    [InlineData(6, 24, 6, "1 2 3 4 5 6", 5)]
    public void Distances_are_even_and_hold_the_jobs_own(int ahead, int rowsPerDay, int? wanted, string rows, int own)
    {
        WeatherLeads leads = WeatherLeads.Of(ahead, rowsPerDay, wanted);
        Assert.Equal(rows, string.Join(' ', leads.Rows));
        Assert.Equal(own, leads.Own);
    }

    [Theory]
    [InlineData("Change")]
    [InlineData("Linear")]
    public void Outcomes_are_the_targets_at_each_distance_from_one_step(string output)
    {
        TimeSeries targets = new(new float[] { 0, 0, 1, 10, 4, 20, 9, 30, 16, 40, 25, 50 }, "a", "b");
        WeatherLeads leads = WeatherLeads.Of(ahead: 3, rowsPerDay: 24, wanted: null);
        TimeSeries outcomes = leads.Outcomes(targets, Enum.Parse<WeatherOutput>(output));
        Assert.Equal(["target a, 1 ahead", "target b, 1 ahead", "target a, 2 ahead", "target b, 2 ahead", "target a, 3 ahead", "target b, 3 ahead"], [.. outcomes.Names]);
        (float a, float b) = output == "Change" ? (4, 20) : (0, 0);
        Assert.Equal([9 - a, 30 - b, 16 - a, 40 - b, 25 - a, 50 - b], outcomes.Slice(5..6).ToArray());
        Assert.Equal(new float[18], outcomes.Slice(..3).ToArray());
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
            for (int lead = 1; lead <= 6; lead++)
            {
                int at = (((row - 540) * 6) + lead - 1) * 2; // [rows, L, C]
                Assert.Equal(data.Values[row, 2], forecasts.Network.Test.Truth.Span[at + 1]);
                Assert.Equal(data.Values[row - lead, 0], forecasts.All[1].Test.Forecast.Span[at]);
                Assert.Equal(data.Values[row - 24, 2], forecasts.All[2].Test.Forecast.Span[at + 1]);
                Assert.Equal(Enumerable.Range(1, 7).Average(day => data.Values[row - (24 * day), 0]), forecasts.All[3].Test.Forecast.Span[at], 1e-4f);
            }

            Assert.Equal(data.Values[row - 6, 0], forecasts.SameAsNow.Forecasts("here")[row - 540]);
            Assert.Equal(data.Values[row, 2], forecasts.Network.Truth("there")[row - 540]);
        }

        // The nearer, the less is forgotten.
        Assert.Equal([.. forecasts.SameAsNow.ByLead("here").Order()], forecasts.SameAsNow.ByLead("here"));

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
        float[][] before = Forecasts();
        folder.Hours(line: i => i < Changed ? JobFolder.Hour(i) : JobFolder.Hour(i).Replace(",1", ",2", StringComparison.Ordinal));
        float[][] after = Forecasts();
        for (int lead = 1; lead <= Ahead; lead++)
        {
            int unseen = Changed + lead - 540;
            Assert.Equal(before[lead - 1][..unseen], after[lead - 1][..unseen]);
            Assert.NotEqual(before[lead - 1][unseen], after[lead - 1][unseen]);
        }

        // One line for each distance.
        float[][] Forecasts()
        {
            WeatherData data = WeatherData.Load(options);
            WeatherForecast network = new WeatherForecasting(data, options).Run(Untrained(data)).Network;
            return [.. Enumerable.Range(0, Ahead).Select(lead => (network with { Own = lead }).Forecasts("here"))];
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
        using JobFolder folder = new("weather", [.. Small, "--patience", "0"]);
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
        foreach (string part in (ReadOnlySpan<string>)["error by hours ahead", "error by time of day", "90 % interval", "Loss", "Gradient norm", "same as now"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    private static RecurrentModel Untrained(WeatherData data)
    {
        ModelDefinition network = new ModelBuilder(data.NetworkInputs.Length).Gru(3).Dense(data.Leads.Count * data.Targets.Length).Build();
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
