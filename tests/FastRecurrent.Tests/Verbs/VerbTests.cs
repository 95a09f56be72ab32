using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Verbs;

/// <summary>The general verbs from table to forecast, as a user runs them.</summary>
public class VerbTests
{
    private static readonly string[] Small =
        ["--targets", "load", "--horizon", "6", "--window", "24", "--hidden", "12", "--epochs", "20", "--rate", "0.01", "--threads", "1"];

    private static readonly string[] ResultKeys =
        ["forecaster", "target", "forecasts", "mse", "rmse", "mae", "mape", "smape", "mase", "pinball", "coverage", "mae_by_step"];

    [Fact]
    public void A_table_becomes_a_model_that_forecasts_evaluates_and_is_backtested()
    {
        using VerbFolder folder = new();
        folder.Hours();
        JsonElement trained = folder.Json(["train", "hours.csv", "--intervals", "conformal", "--out", "out", .. Small]);
        Assert.Equal(("train", "forecast"), (Text(trained, "verb"), Text(trained, "task")));
        Assert.Equal((600, 480, 24), (Int(trained, "rows"), Int(trained, "training_rows"), Int(trained, "season")));
        Assert.Equal("01:00:00", Text(trained, "step"));
        JsonElement[] results = Results(trained);
        Assert.Equal(5, results.Length);
        Assert.All(results, result => Assert.Equal(ResultKeys, result.EnumerateObject().Select(member => member.Name)));
        Assert.InRange(Rmse(results[0]), 0.1, Rmse(Named(results, "naive (")) / 3);
        Assert.True(Rmse(results[0]) < Rmse(Named(results, "seasonal naive (24")), "the network is worse than the seasonal baseline");
        Assert.InRange(results[0].GetProperty("coverage").GetDouble(), 0.8, 1);
        Assert.Equal(6, results[0].GetProperty("mae_by_step").GetArrayLength());
        Assert.Equal(["model.safetensors", "report.html", "training.checkpoint"], Directory.EnumerateFiles(folder["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        string page = File.ReadAllText(folder["out/report.html"]);
        foreach (string part in (ReadOnlySpan<string>)["error by steps ahead", "The last of the", "Gradient norm", "seasonal naive", "interval", "dense"])
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);

        JsonElement forecast = folder.Json("forecast", "out/model.safetensors", "hours.csv", "--out", "next.csv");
        JsonElement[] rows = [.. forecast.GetProperty("forecasts").EnumerateArray()];
        Assert.Equal(Enumerable.Range(600, 6).Select(VerbFolder.Time), rows.Select(row => Text(row, "time")));
        Assert.All(rows, row => Assert.InRange(Value(row), Value(row, "lower"), Value(row, "upper")));
        string[] csv = File.ReadAllLines(folder["next.csv"]);
        Assert.Equal("time,load,load_lower,load_upper", csv[0]);
        Assert.Equal(
            rows.Select(row => string.Create(CultureInfo.InvariantCulture, $"{Text(row, "time")},{(float)Value(row)}")),
            csv[1..].Select(line => string.Join(',', line.Split(',')[..2])));

        // The same rows, named in two ways; what lies behind them is not looked at.
        JsonElement byRow = folder.Json("forecast", "out/model.safetensors", "hours.csv", "--from", "577", "--steps", "2");
        folder.Hours(line: i => i < 576 ? VerbFolder.Hour(i) : $"{VerbFolder.Time(i)},0,0");
        JsonElement byTime = folder.Json("forecast", "out/model.safetensors", "hours.csv", "--from", VerbFolder.Time(576), "--steps", "2");
        Assert.Equal(byRow.GetProperty("forecasts").ToString(), byTime.GetProperty("forecasts").ToString());
        Assert.Equal(2, byTime.GetProperty("forecasts").GetArrayLength());
        folder.Hours();

        // Evaluated on the rows behind the training rows, the errors are those of the training's table.
        JsonElement evaluated = folder.Json("evaluate", "out/model.safetensors", "hours.csv");
        Assert.Equal(481, Int(evaluated, "from_row"));
        Assert.Equal(results.Select(Rmse), Results(evaluated).Select(Rmse));

        JsonElement tested = folder.Json("backtest", "hours.csv", "--model", "out/model.safetensors", "--origins", "4", "--stride", "12");
        Assert.Equal([559, 571, 583, 595], tested.GetProperty("origins").EnumerateArray().Select(origin => origin.GetInt32()));
        Assert.Equal([4, 4, 4, 4, 4], Results(tested).Select(result => Int(result, "forecasts")));
        Assert.True(Rmse(Results(tested)[0]) < Rmse(Named(Results(tested), "naive (")), "the network is worse than naive");
        Assert.Empty(tested.GetProperty("notes").EnumerateArray());
    }

    [Fact]
    public void Tomorrows_temperature_of_real_weather_is_forecast_better_than_by_naive_baselines()
    {
        using VerbFolder folder = new();
        Cli.Data.LoadedSeries weather = Cli.Data.EmbeddedWeather.Daily();
        File.WriteAllLines(folder["weather.csv"], [
            $"date,{string.Join(',', weather.Series.Names)}",
            .. Enumerable.Range(0, weather.Series.Length).Select(row => string.Create(
                CultureInfo.InvariantCulture, $"{weather.Times![row]:yyyy-MM-dd},{string.Join(',', Fields(row))}"))]);
        JsonElement trained = folder.Json(
            "train", "weather.csv", "--targets", weather.Series.Names[0], "--horizon", "2", "--epochs", "8", "--cell", "gru", "--out", "out");
        JsonElement[] results = Results(trained);
        Assert.Equal("1.00:00:00", Text(trained, "step"));
        Assert.Contains("year", Text(trained, "calendar"), StringComparison.Ordinal);
        Assert.True(Rmse(results[0]) < Rmse(Named(results, "naive (")), $"{Rmse(results[0])} is no better than {Rmse(Named(results, "naive ("))}");

        IEnumerable<string> Fields(int row) =>
            Enumerable.Range(0, weather.Series.Channels).Select(c => weather.Series[row, c].ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_known_future_goes_in_and_must_be_there()
    {
        using VerbFolder folder = new();

        // Tomorrow's sales are today's plan for tomorrow: nothing in the past tells.
        string[] lines =
            [.. Enumerable.Range(0, 400).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Plan(i):0.00},{3 * Plan(i):0.00}"))];
        File.WriteAllLines(folder["shop.csv"], ["plan,sales", .. lines]);
        JsonElement trained = folder.Json(
            "train", "shop.csv", "--targets", "sales", "--known-future", "plan", "--inputs", "sales", "--horizon", "2", "--window", "4",
            "--hidden", "12", "--epochs", "25", "--predict", "value", "--rate", "0.01", "--out", "out");
        JsonElement[] results = Results(trained);
        Assert.InRange(Rmse(results[0]), 0, results[1..].Min(Rmse) / 3);
        folder.Refuses(2, ["forecast", "out/model.safetensors", "shop.csv"], "'plan'", "add rows with the targets left empty");
        string text = folder.Succeeds("train", "shop.csv", "--targets", "sales", "--known-future", "plan", "--horizon", "2", "--quick", "--out", "quick");
        Assert.Contains("shop.csv, once it has 2 rows more, with plan and the targets left empty", text, StringComparison.Ordinal);

        File.WriteAllLines(folder["shop.csv"], ["plan,sales", .. lines, "0.9,", "-0.8,"]);
        JsonElement forecast = folder.Json("forecast", "out/model.safetensors", "shop.csv");
        double[] next = [.. forecast.GetProperty("forecasts").EnumerateArray().Select(row => row.GetProperty("values").GetProperty("sales").GetDouble())];
        Assert.InRange(next[0], 1.5, 3.5);
        Assert.InRange(next[1], -3.5, -1.3);
        File.WriteAllLines(folder["shop.csv"], ["plan,sales", .. lines, "0.9,", ","]);
        folder.Refuses(2, ["forecast", "out/model.safetensors", "shop.csv"], "column 'plan'", "known");

        static double Plan(int i) => new CounterRandom(5, (ulong)i).Uniform(0, -1, 1);
    }

    [Fact]
    public void Ctrl_C_ends_with_130_and_the_same_command_goes_on()
    {
        using Jobs.JobFolder folder = new("train", "--targets", "here", "--hidden", "4", "--window", "12", "--patience", "0");
        string data = folder.Hours();
        CliProcess run = folder.RunAndInterrupt(() => File.Exists(Path.Combine(folder.Out, "training.checkpoint")), data, "--epochs", "1000000");
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("--resume", run.Error, StringComparison.Ordinal);
        Assert.NotNull(ModelFile.Load(Path.Combine(folder.Out, "model.safetensors")).Model);

        // Already beyond two epochs: the rest of the work is done at once.
        JsonElement resumed = folder.Json(data, "--epochs", "2", "--resume");
        Assert.True(Int(resumed, "epochs") > 2, "the run began anew");
        Assert.True(File.Exists(Path.Combine(folder.Out, "report.html")));
    }

    private static double Value(JsonElement row, string of = "values") => row.GetProperty(of).GetProperty("load").GetDouble();

    internal static JsonElement[] Results(JsonElement root) => [.. root.GetProperty("results").EnumerateArray()];

    internal static JsonElement Named(JsonElement[] results, string name) =>
        Assert.Single(results, result => Text(result, "forecaster")!.StartsWith(name, StringComparison.Ordinal));

    internal static double Rmse(JsonElement result) => result.GetProperty("rmse").GetDouble();

    internal static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    internal static int Int(JsonElement element, string name) => element.GetProperty(name).GetInt32();
}
