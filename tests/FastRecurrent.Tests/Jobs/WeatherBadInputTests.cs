using System.Globalization;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Tests.Jobs;

/// <summary>What a user may do wrong with <c>weather</c>: each gets one sentence that says where, exit code 2 (1 for an option, 3 for numbers), and no file.</summary>
public class WeatherBadInputTests
{
    private static readonly string[] Small = ["--epochs", "1", "--steps", "2", "--batch", "2", "--hidden", "3", "--window", "40", "--warm-up", "5"];

    [Fact]
    public void A_missing_file() => Refused(folder => ["--data", folder.File("none.csv")], "none.csv", "no such file");

    [Fact]
    public void A_ragged_row() => Refused(folder => ["--data", folder.Hours(line: i => i == 7 ? $"{JobFolder.Hour(i)},9" : JobFolder.Hour(i))], "row 9", "5 fields", "4 columns");

    [Fact]
    public void Text_in_a_column_of_numbers() => Refused(folder => ["--data", folder.Hours(line: i => i == 7 ? With(i, 1, "warm") : JobFolder.Hour(i))], "row 9, column 'here'", "'warm'");

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    public void A_missing_value(string text) =>
        Refused(folder => ["--data", folder.Hours(line: i => i == 7 ? With(i, 2, text) : JobFolder.Hour(i))], "row 9, column 'pressure'", "interpolate");

    [Fact]
    public void Missing_values_are_filled_and_counted_when_asked_for()
    {
        using JobFolder folder = new("weather", Small);
        CliProcess run = folder.Run("--data", folder.Hours(line: i => i == 7 ? With(i, 2, "") : JobFolder.Hour(i)), "--missing", "interpolate");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("pressure: 1 of 600", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_is_left_out_in_time() => Refused(
        folder => ["--data", folder.Hours(line: i => i >= 7 ? JobFolder.Hour(i + 1) : JobFolder.Hour(i))], "row 9", "left out");

    [Fact]
    public void A_time_that_is_none() => Refused(folder => ["--data", folder.Hours(line: i => i == 7 ? With(i, 0, "noon") : JobFolder.Hour(i))], "row 9, column 'time'", "'noon'");

    [Fact]
    public void A_constant_column() => Refused(folder => ["--data", folder.Hours(line: i => With(i, 3, "4.5"))], "data.csv, column 'there': the value is 4.5 in all 480 training rows", "--inputs");

    [Fact]
    public void An_unknown_target() => Refused(folder => ["--data", folder.Hours(), "--targets", "wind"], "data.csv", "no column of numbers 'wind'", "here, pressure, there");

    [Fact]
    public void An_unknown_input() => Refused(folder => ["--data", folder.Hours(), "--inputs", "here,their"], "'their'");

    [Fact]
    public void An_unknown_target_of_the_built_in_data() => Refused(_ => ["--targets", "snow"], "'snow'", "seattle_wind_mps");

    [Fact]
    public void A_series_too_short_for_the_window() => Refused(folder => ["--data", folder.Hours(200), "--window", "160"], "200 rows", "--window");

    [Fact]
    public void A_horizon_beyond_the_data() => Refused(folder => ["--data", folder.Hours(), "--ahead", "5000"], "600 rows", "--ahead");

    [Fact]
    public void An_empty_file() => Refused(folder => ["--data", folder.Hours(0)], "data.csv");

    [Fact]
    public void A_folder_that_cannot_be_made() => Refused(folder => ["--out", Path.Combine(folder.Hours(), "results")], "--out");

    [Fact]
    public void A_checkpoint_that_is_not_there() => Refused(_ => ["--resume"], "no checkpoint to go on from", "training.checkpoint", "without --resume");

    [Theory]
    [InlineData("1e30")]
    [InlineData("1e5")]
    public void A_training_that_diverges_is_a_numeric_failure_and_writes_no_model(string rate)
    {
        using JobFolder folder = new("weather", Small);
        CliProcess run = folder.Run("--rate", rate, "--output", "linear", "--epochs", "5");
        Assert.Equal(ExitCode.NumericFailure, run.ExitCode);
        Assert.StartsWith("The training diverged: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, run.Error.Split("The training diverged").Length);
        Assert.Contains("--rate", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Out));
    }

    [Theory]
    [InlineData("--window", "0", "1 or more")]
    [InlineData("--hidden", "many", "whole number")]
    [InlineData("--output", "softmax", "change, sigmoid, linear")]
    [InlineData("--held-out", "2", "a number from 0.01 to 0.9")]
    [InlineData("--warm-up", "40", "less than the 40 rows of a window")]
    [InlineData("--recompute", "40", "less than the 40 rows of a window")]
    [InlineData("--patience", "1", "less than the 1 epoch of the training")]
    [InlineData("--leads", "0", "1 or more")]
    [InlineData("--leads", "8", "1 to 7")]
    [InlineData("--targets", "seattle_wind_mps,seattle_wind_mps", "each once")]
    public void A_wrong_option_ends_with_1(string option, string value, string wanted) => Refused(_ => [option, value], exitCode: 1, option, wanted);

    private static string With(int row, int field, string text)
    {
        string[] fields = JobFolder.Hour(row).Split(',');
        fields[field] = text;
        return string.Join(',', fields);
    }

    private static void Refused(Func<JobFolder, string[]> arguments, params string[] wanted) => Refused(arguments, exitCode: 2, wanted);

    private static void Refused(Func<JobFolder, string[]> arguments, int exitCode, params string[] wanted)
    {
        using JobFolder folder = new("weather", Small);
        CliProcess run = folder.Run(arguments(folder));
        Assert.True(run.ExitCode == exitCode, string.Create(CultureInfo.InvariantCulture, $"exit code {run.ExitCode}: {run.Error}"));
        Assert.Empty(run.Output);
        string text = run.Error.TrimEnd();
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.All(wanted, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.Out), "a folder was left");
    }
}
