using System.Diagnostics;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Tests.Verbs;

/// <summary>
/// What a user may do wrong with the general verbs: one sentence that says where; exit code 1 for what was typed, 2 for data, 3 for
/// numbers; no file. Most are looked at within this process, since what they throw decides the exit code.
/// </summary>
public class VerbBadInputTests
{
    private static readonly TrainingSettings Settings = new() { Hidden = 3, Epochs = 1, PerEpoch = 64 };

    [Fact]
    public void A_ragged_row() => Data(folder => folder.Hours(line: i => i == 7 ? $"{VerbFolder.Hour(i)},9" : VerbFolder.Hour(i)), "row 9", "4 fields", "3 columns");

    [Fact]
    public void Text_in_a_column_of_numbers() => Data(folder => folder.Hours(line: Edited(7, 1, "warm")), "row 9, column 'load'", "'warm'");

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    public void A_missing_value(string text) => Data(folder => folder.Hours(line: Edited(7, 2, text)), "row 9, column 'temp'", "interpolate");

    [Fact]
    public void An_infinite_value() => Data(folder => folder.Hours(line: Edited(7, 2, "1e50")), "row 9, column 'temp'", "1e50");

    [Fact]
    public void A_row_that_is_left_out() => Data(folder => folder.Hours(line: i => VerbFolder.Hour(i < 7 ? i : i + 2)), "row 9", "2 rows are left out");

    [Fact]
    public void A_time_that_is_none() => Data(folder => folder.Hours(line: Edited(7, 0, "noon")), "row 9, column 'time'", "'noon'");

    [Fact]
    public void A_constant_column() => Data(folder => folder.Hours(line: i => VerbFolder.With(VerbFolder.Hour(i), 2, "4.5")), "column 'temp'", "4.5 in all 480 training rows", "--inputs");

    [Fact]
    public void An_empty_table() => Data(folder => folder.Hours(rows: 0), "hours.csv");

    [Fact]
    public void Too_short_a_series_for_the_window() => Data(folder => folder.Hours(rows: 100), options => options with { Window = 60 }, "100 rows", "window of 60", "--window");

    [Fact]
    public void A_horizon_beyond_the_data() => Data(folder => folder.Hours(rows: 100), options => options with { Horizon = 5000 }, "100 rows", "--horizon");

    [Fact]
    public void A_season_beyond_the_data() => Data(folder => folder.Hours(rows: 100), options => options with { Season = 90 }, "100 rows", "--season");

    [Theory]
    [InlineData("wind", "load", "'wind'")]
    [InlineData("load", "load,rain", "'rain'")]
    public void An_unknown_column(string targets, string inputs, string wanted) =>
        Data(folder => folder.Hours(), options => options with { Targets = [targets], Inputs = [.. inputs.Split(',')] }, "hours.csv", wanted, "time, load, temp");

    [Fact]
    public void An_unknown_target_beside_all_columns() => Data(folder => folder.Hours(), options => options with { Targets = ["wind"] }, "hours.csv", "'wind'", "load, temp");

    [Fact]
    public void Too_few_forecasts_for_an_interval() =>
        Data(folder => folder.Hours(rows: 150), options => options with { Intervals = IntervalKind.Conformal, Coverage = 0.99, Window = 12 }, "too few for a coverage of 0.99", "--coverage");

    [Theory]
    [InlineData("", "no column beside the classes in 'class'")]
    [InlineData("class", "column 'class'", "among the inputs")]
    public void Classes_without_a_column_of_numbers(string inputs, params string[] wanted)
    {
        using VerbFolder folder = new();
        string table = folder["classes.csv"];
        File.WriteAllLines(table, ["time,class", .. Enumerable.Range(0, 50).Select(i => $"{VerbFolder.Time(i)},{i / 10 % 2}")]);
        DataOptions options = new() { LabelColumn = "class", Columns = [.. inputs.Split(',', StringSplitOptions.RemoveEmptyEntries)] };
        Refused<DataFormatException>(() => CsvSeriesReader.Read(table, options), wanted);
    }

    [Fact]
    public void Options_that_do_not_go_together()
    {
        Usage(options => options with { Targets = [] }, "--targets", "load, temp");
        Usage(options => options with { IsRecursive = true, Inputs = ["load", "temp"] }, "--output recursive", "'temp'");
        Usage(options => options with { IsRecursive = true, Intervals = IntervalKind.Quantile }, "--intervals none or conformal");
        Usage(options => options with { IsChange = true, Inputs = ["temp"] }, "--predict", "'load'");
        Usage(options => options with { Known = ["temp"], Inputs = ["load", "temp"] }, "--known-future", "'temp'");
    }

    [Fact]
    public void Missing_values_and_rows_are_filled_and_counted_when_asked_for()
    {
        using VerbFolder folder = new();
        folder.Hours(line: i => VerbFolder.With(VerbFolder.Hour(i < 9 ? i : i + 1), 1, i == 5 ? "" : VerbFolder.Hour(i < 9 ? i : i + 1).Split(',')[1]));
        string output = folder.Succeeds("train", "hours.csv", "--targets", "load", "--missing", "interpolate", "--hidden", "3", "--epochs", "1", "--out", "out");
        Assert.Contains("1 row was left out in time", output, StringComparison.Ordinal);
        Assert.Contains("load: 2 of 601 values were missing", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Exit_codes_say_what_went_wrong()
    {
        using VerbFolder folder = new();
        folder.Hours(rows: 200);
        string[] small = ["--targets", "load", "--horizon", "3", "--hidden", "3", "--out", "out"];
        folder.Refuses(1, ["train", "hours.csv", "--speed"], "--speed");
        folder.Refuses(1, ["train", "hours.csv", "--horizon", "0", "--targets", "load"], "--horizon", "'0'");
        folder.Refuses(1, ["train", "hours.csv", "--targets", "load,load"], "--targets", "each once");
        folder.Refuses(2, ["train", "none.csv", .. small], "none.csv", "no such file");
        folder.Refuses(2, ["train", "hours.csv", "--resume", .. small], "training.checkpoint");
        folder.Refuses(2, ["forecast", "none.safetensors", "hours.csv"], "none.safetensors", "no such file");
        folder.Refuses(2, ["backtest", "hours.csv", "--targets", "load", "--horizon", "50", "--origins", "5"], "200 rows", "--origins");
        folder.Refuses(1, ["forecast", "none.safetensors", "hours.csv", "--steps", "2000000000"], "--steps", "100000");
        folder.Refuses(1, ["train", "hours.csv", "--targets", "load", "--window", "2147483647"], "--window");
        folder.Refuses(1, ["backtest", "hours.csv", "--method", "guess"], "naive, seasonal, linear, dense");

        CliProcess diverged = folder.Run(["train", "hours.csv", "--rate", "1000", "--json", .. small]);
        Assert.Equal((3, ""), (diverged.ExitCode, diverged.Output));
        Assert.Contains("--rate", diverged.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("NonFiniteGradients", diverged.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]), "an empty folder is left");
    }

    [Fact]
    public void A_model_refuses_data_and_rows_that_it_cannot_forecast()
    {
        using VerbFolder folder = new();
        string hours = folder.Hours(rows: 200), model = folder["m"];
        SaveModel(hours, model);
        string small = folder.Hours(rows: 10, name: "short.csv");
        Refused<DataFormatException>(() => Forecast(small), "10 rows", "reads 24");
        Refused<DataFormatException>(() => new EvaluateJob(new() { Model = model, Data = small }, isJson: true, CancellationToken.None).Run(), "10 rows");
        File.WriteAllLines(folder["other.csv"], ["time,load,rain", .. Enumerable.Range(0, 50).Select(VerbFolder.Hour)]);
        Refused<DataFormatException>(() => Forecast(folder["other.csv"]), "other.csv", "'temp'", "time, load, rain");
        string daily = folder.Hours(rows: 50, line: i => VerbFolder.With(VerbFolder.Hour(i), 0, VerbFolder.Time(24 * i)), name: "daily.csv");
        Refused<DataFormatException>(() => Forecast(daily), "1.00:00:00 apart", "01:00:00 apart");
        Refused<UsageException>(() => Forecast(hours, steps: 4), "--steps", "--horizon 4");
        Refused<UsageException>(() => Forecast(hours, from: "2030-01-01"), "--from", "2025-01-09T07:00:00");
        Refused<UsageException>(() => Forecast(hours, from: "soon"), "'soon'");
        Refused<UsageException>(() => Forecast(hours, from: "0"), "1 to 201");
        Refused<DataFormatException>(() => Forecast(hours, file: Path.Combine(hours, "f.csv")), "cannot be made", "--out");
        Refused<UsageException>(() => Backtest(4), "--horizon 4");
        Refused<DataFormatException>(() => Backtest(null, origins: 100), "200 rows", "--origins");
        folder.Refuses(1, ["backtest", "hours.csv", "--model", "m", "--targets", "load"], "--targets does not go with --model");

        void Forecast(string data, string? from = null, int? steps = null, string? file = null) =>
            new ForecastJob(new() { Model = model, Data = data, From = from, Steps = steps, Out = file }, isJson: true).Run();

        void Backtest(int? horizon, int origins = 2) =>
            new BacktestJob(new() { Data = hours, Model = model, Horizon = horizon, Origins = origins, Columns = new() { Data = hours } }, isJson: true, CancellationToken.None).Run();
    }

    /// <summary>A limit on the size of files stands in for a disk that is full: both end a write half-way.</summary>
    [BashFact]
    public void A_full_disk_leaves_no_part_of_a_file()
    {
        using VerbFolder folder = new();
        folder.Hours(rows: 200);
        ProcessStartInfo start = new("/bin/bash", ["-c", "ulimit -f 16; trap '' XFSZ; exec \"$@\"", "bash", .. CliProcess.Command("train", "hours.csv", "--targets", "load", "--horizon", "3", "--epochs", "1", "--hidden", "64", "--out", "out")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Root,
        };
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0"; // or the runtime maps a large file and does not start
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        CliProcess.WaitForEnd(process);
        Assert.True(process.ExitCode == 2, string.Create(CultureInfo.InvariantCulture, $"exit code {process.ExitCode}: {error}{output.Result}"));
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.False(Directory.Exists(folder["out"]), "an empty folder is left");
    }

    private static Func<int, string> Edited(int row, int field, string text) => i => i == row ? VerbFolder.With(VerbFolder.Hour(i), field, text) : VerbFolder.Hour(i);

    private static void Data(Func<VerbFolder, string> table, params string[] wanted) => Data(table, options => options, wanted);

    private static void Data(Func<VerbFolder, string> table, Func<TrainOptions, TrainOptions> change, params string[] wanted) => Refused<DataFormatException>(table, change, wanted);

    private static void Usage(Func<TrainOptions, TrainOptions> change, params string[] wanted) => Refused<UsageException>(folder => folder.Hours(), change, wanted);

    private static void Refused<T>(Func<VerbFolder, string> table, Func<TrainOptions, TrainOptions> change, string[] wanted)
        where T : Exception
    {
        using VerbFolder folder = new();
        TrainOptions options = change(new() { Data = table(folder), Targets = ["load"], Horizon = 3, Training = Settings, Folder = folder["out"] });
        Refused<T>(() => new TrainJob(options, isJson: true, CancellationToken.None).Run(), wanted);
        Assert.False(Path.Exists(options.Folder), "something was written");
    }

    private static void Refused<T>(Action run, params string[] wanted)
        where T : Exception
    {
        string message = Assert.Throws<T>(run).Message;
        Assert.DoesNotContain('\n', message);
        Assert.All(wanted, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    /// <summary>A model of the hours' load, three steps ahead, as train leaves it.</summary>
    private static void SaveModel(string data, string path)
    {
        TrainOptions options = new() { Data = data, Targets = ["load"], Horizon = 3, Window = 24, Training = Settings };
        LoadedSeries loaded = Planning.Read(options);
        ForecastPlan plan = Planning.Of(options, loaded);
        using ForecastTraining training = new(plan, ForecastData.Of(plan, loaded).Values, loaded.Name, threads: 1, checkpoint: null);
        RecurrentModel model = training.Run(progress: null, CancellationToken.None);
        ModelFile.Save(path, model, new ModelSaveOptions { Metadata = PlanFile.Metadata(training.Plan) });
    }

    private sealed class BashFactAttribute : FactAttribute
    {
        public BashFactAttribute() => Skip = File.Exists("/bin/bash") ? null : "absent: bash, to limit the size of files with";
    }
}
