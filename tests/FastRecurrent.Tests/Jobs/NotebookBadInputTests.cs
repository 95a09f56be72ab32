using System.Globalization;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Tests.Jobs;

/// <summary>What a user may do wrong: each gets one sentence that says where, exit code 2 (1 for an option, 3 for numbers), and no file.</summary>
public class NotebookBadInputTests
{
    [Fact]
    public void A_missing_file() => Refused(folder => ["--data", folder.File("none.csv")], "none.csv", "no such file");

    [Fact]
    public void A_folder_instead_of_a_file() => Refused(
        folder =>
        {
            Directory.CreateDirectory(folder.File("data.csv"));
            return ["--data", folder.File("data.csv")];
        },
        "folder");

    [Fact]
    public void A_file_of_an_unknown_kind() => Refused(folder => ["--data", folder.File("data.xlsx")], "'.xlsx'", ".csv");

    [Fact]
    public void A_ragged_row() => Refused(
        folder => ["--data", folder.Csv(line: i => i == 7 ? "7,1,2" : Line(i)), "--column", "value"], "data.csv, row 9", "3 fields", "2 columns");

    [Fact]
    public void Text_in_a_column_of_numbers() => Refused(
        folder => ["--data", folder.Csv(line: i => i == 7 ? "7,seven" : Line(i)), "--column", "value"], "row 9, column 'value'", "'seven'");

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    public void A_missing_value(string text) => Refused(
        folder => ["--data", folder.Csv(line: i => i == 7 ? $"7,{text}" : Line(i)), "--column", "value"], "row 9, column 'value'", "interpolate");

    [Fact]
    public void A_value_of_an_array_that_is_no_number() => Refused(
        folder =>
        {
            float[] values = [.. Enumerable.Range(0, 600).Select(i => i == 7 ? float.NaN : i)];
            File.WriteAllBytes(folder.File("data.f32"), DataBytes.Of("f32", values));
            return ["--data", folder.File("data.f32")];
        },
        "data.f32, row 8", "NaN");

    [Fact]
    public void A_constant_column() => Refused(
        folder => ["--data", folder.Csv(line: i => string.Create(CultureInfo.InvariantCulture, $"{i},3.5")), "--column", "value"], "column 'value'", "3.5", "nothing to learn");

    [Fact]
    public void A_series_too_short_for_the_window() => Refused(
        folder => ["--data", folder.Csv(rows: 120), "--column", "value"], "120 rows", "at least 300");

    [Fact]
    public void An_unknown_column() => Refused(folder => ["--data", folder.Csv(), "--column", "valeu"], "'valeu'", "index, value");

    [Fact]
    public void Several_columns_and_none_chosen() => Refused(folder => ["--data", folder.Csv()], "index, value", "--column");

    [Fact]
    public void A_horizon_beyond_the_data() => Refused(
        folder => ["--data", folder.Csv(), "--column", "value", "--generate", "100"], "600 rows", "--generate");

    [Fact]
    public void A_start_beyond_the_data() => Refused(
        folder => ["--data", folder.Csv(), "--column", "value", "--start", "590"], "row 590", "between 125", "425");

    [Fact]
    public void An_empty_file() => Refused(folder => ["--data", folder.Csv(rows: 0), "--column", "value"], "data.csv");

    [Fact]
    public void A_file_that_is_no_text() => Refused(
        folder =>
        {
            File.WriteAllBytes(folder.File("data.csv"), [0, 1, 2, 255, 254, 0, 34, 7]);
            return ["--data", folder.File("data.csv")];
        },
        "data.csv");

    [Fact]
    public void A_folder_for_the_results_that_cannot_be_made() => Refused(
        folder => ["--out", Path.Combine(folder.Csv(), "results")], "--out");

    [Fact]
    public void A_report_that_cannot_be_written_leaves_no_part_of_it()
    {
        using NotebookFolder folder = new();
        CliProcess run = folder.Run("--report", Path.Combine(folder.Csv(), "report.html"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("cannot be written", Sentence(run), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.Root, "*.tmp", SearchOption.AllDirectories));
        Assert.NotNull(ModelFile.Load(Path.Combine(folder.Out, "model.safetensors")).Model);
    }


    [Fact]
    public void A_checkpoint_that_is_not_there() => Refused(_ => ["--resume"], "training.checkpoint");

    [Fact]
    public void A_checkpoint_of_another_network()
    {
        using NotebookFolder folder = new();
        Assert.Equal(0, folder.Run().ExitCode);
        CliProcess run = folder.Run("--resume", "--hidden", "13");
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--hidden 13, the checkpoint has", Sentence(run), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e20", "no longer finite")]
    [InlineData("1000", "its loss is")]
    public void A_training_that_diverges_is_a_numeric_failure_and_writes_nothing(string rate, string wanted)
    {
        using NotebookFolder folder = new();
        CliProcess run = folder.Run("--rate", rate);
        Assert.Equal(ExitCode.NumericFailure, run.ExitCode);
        string sentence = Sentence(run);
        Assert.StartsWith("The training diverged", sentence, StringComparison.Ordinal);
        Assert.Contains(wanted, sentence, StringComparison.Ordinal);
        Assert.Contains("--rate", sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("NonFiniteGradients", sentence, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Out));
    }

    [Theory]
    [InlineData("--iterations", "0", "whole number")]
    [InlineData("--rate", "fast", "a number from 0")]
    [InlineData("--cell", "transformer", "lstm, gru, gru-before, rnn")]
    [InlineData("--start", "-1", "whole number")]
    [InlineData("--out", "", "the name of a folder")]
    public void A_wrong_option_ends_with_1(string option, string value, string wanted)
    {
        using NotebookFolder folder = new();
        CliProcess run = folder.Run(option, value);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.Contains(wanted, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.Out));
    }

    private static string Line(int i) => string.Create(CultureInfo.InvariantCulture, $"{i},{Math.Sin(i / 7.0):0.000000}");

    private static void Refused(Func<NotebookFolder, string[]> arguments, params string[] wanted)
    {
        using NotebookFolder folder = new();
        CliProcess run = folder.Run(arguments(folder));
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        string sentence = Sentence(run);
        Assert.All(wanted, part => Assert.Contains(part, sentence, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder.Out), "a folder was left");
    }

    /// <summary>The error, which must be one line and no stack trace.</summary>
    private static string Sentence(CliProcess run)
    {
        string text = run.Error.TrimEnd();
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.EndsWith(".", text.TrimEnd(')'), StringComparison.Ordinal);
        return text;
    }
}
