using System.Text.Json;
using FastRecurrent.Cli.Data;

namespace FastRecurrent.Tests.Verbs;

/// <summary><c>inspect</c> of tables, and the step of time.</summary>
public class TableInspectionTests
{
    [Fact]
    public void Everything_that_a_training_would_stumble_over_is_told_at_once()
    {
        using VerbFolder folder = new();
        File.WriteAllLines(folder["t.csv"],
        [
            "time,a,b,same,words,nothing",
            .. Enumerable.Range(0, 40).Where(i => i is not 5 and not 6).Select(i => $"{VerbFolder.Time(i)},{i},{(i == 9 ? "" : i == 10 ? "warm" : "2")},7,{(i % 2 == 0 ? "up" : "down")},"),
            $"{VerbFolder.Time(3)},1,2,7,up",
        ]);
        TableReport report = TableInspection.Of(folder["t.csv"], timeColumn: null);
        Assert.Equal((39, "time", "01:00:00"), (report.Rows, report.TimeColumn, report.Step));
        Assert.Equal((1, 2L, 7), (report.Gaps, report.RowsLeftOut, report.FirstGapRow));
        Assert.Equal((1, 40), (report.Unordered, report.FirstUnorderedRow));
        Assert.Equal((1, 40), (report.Ragged, report.FirstRaggedRow));
        Assert.Equal(["time", "number", "mixed", "number", "text", "empty"], report.Columns.Select(column => column.Kind));
        Assert.Equal((0.0, 39.0), (report.Columns[1].Min, report.Columns[1].Max));
        Assert.Equal((1, 9), (report.Columns[2].Missing, report.Columns[2].FirstMissingRow));
        Assert.Equal((10, "warm"), (report.Columns[2].FirstTextRow, report.Columns[2].FirstText));
        Assert.Equal([false, false, false, true, false, false], report.Columns.Select(column => column.Constant));
        Assert.Equal(2, report.Columns[4].Distinct);

        JsonElement json = folder.Json("inspect", "t.csv");
        Assert.Equal(6, json.GetProperty("columns").GetArrayLength());
        Assert.Equal(2, VerbTests.Int(json, "rows_left_out"));
        string table = folder.Succeeds("inspect", "t.csv");
        foreach (string part in (ReadOnlySpan<string>)["a row every hour", "2 rows left out in 1 place, the first before row 7", "'same' never changes", "'warm' in row 10", "2 different"])
            Assert.Contains(part, table, StringComparison.Ordinal);
        folder.Refuses(2, ["inspect", "none.csv"], "none.csv", "no such file");
        folder.Refuses(2, ["inspect", "t.csv", "--time", "when"], "'when'", "time, a, b");
    }

    [Fact]
    public void Mean_and_deviation_keep_their_digits_far_from_zero()
    {
        ColumnTally tally = new("x");
        foreach (double value in (double[])[1e9 + 1, 1e9 + 2, 1e9 + 3])
            tally.AddNumber(value);
        ColumnReport report = tally.Report(isTime: false);
        Assert.Equal(1e9 + 2, report.Mean!.Value, 1e-6);
        Assert.Equal(Math.Sqrt(2 / 3.0), report.Deviation!.Value, 1e-9);
    }

    [Theory]
    [InlineData("2025-01-01", "2025-01-02", "2025-01-03", "1.00:00:00", "2025-01-05")]
    [InlineData("2025-01-31", "2025-02-28", "2025-03-31", "1 months", "2025-05-31")]
    [InlineData("2025-01-15", "2025-04-15", "2025-07-15", "3 months", "2026-01-15")]
    [InlineData("2023-03-01", "2024-03-01", "2025-03-01", "12 months", "2027-03-01")]
    public void The_step_of_time_continues_the_grid(string first, string second, string third, string step, string twoLater)
    {
        DateTime[] times = [.. new[] { first, second, third }.Select(text => DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        TimeStep found = TimeStep.Of(times)!.Value;
        Assert.Equal(step, found.ToString());
        Assert.Equal(found, TimeStep.Parse(step));
        Assert.Equal(DateTime.Parse(twoLater, System.Globalization.CultureInfo.InvariantCulture), found.After(times[^1], 2));
    }

    [Theory]
    [InlineData(86_400, "day")]
    [InlineData(604_800, "7 days")]
    [InlineData(3600, "hour")]
    [InlineData(129_600, "36 hours")]
    [InlineData(900, "15 minutes")]
    [InlineData(1.5, "00:00:01.5000000")]
    public void A_step_in_words_counts_the_longest_unit_that_divides_it(double seconds, string words)
    {
        DateTime start = new(2025, 1, 1);
        Assert.Equal(words, TimeStep.Of([start, start.AddSeconds(seconds), start.AddSeconds(2 * seconds)])!.Value.InWords());
    }

    [Fact]
    public void Times_on_no_grid_have_no_step()
    {
        DateTime start = new(2025, 1, 1);
        Assert.Null(TimeStep.Of([start, start.AddHours(1), start.AddHours(5), start.AddHours(6)]));
        Assert.Null(TimeStep.Of([start]));
        Assert.Null(TimeStep.Parse("often"));
    }
}
