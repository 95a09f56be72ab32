using System.Text.Json;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Tests.Verbs;

/// <summary>What a person's own table may hold: nothing is lost, and nothing is read as what it is not.</summary>
public class CarefulInputTests
{
    [Fact]
    public void No_verb_writes_over_what_it_reads()
    {
        using VerbFolder folder = new();
        folder.Hours(50);
        File.WriteAllText(folder["model.safetensors"], "a model");
        foreach (string same in (ReadOnlySpan<string>)["hours.csv", "./hours.csv", "model.safetensors"])
            folder.Refuses(1, ["forecast", "model.safetensors", "hours.csv", "--out", same], "--out", same, "lost");
        File.CreateSymbolicLink(folder["link.csv"], folder["hours.csv"]);
        folder.Refuses(1, ["forecast", "model.safetensors", "hours.csv", "--out", "link.csv"], "--out", "lost");
        folder.Refuses(1, ["infer", "model.safetensors", "--input", "x.safetensors", "--output", "x.safetensors"], "--output", "lost");
        folder.Refuses(1, ["convert", "model.safetensors", "model.safetensors"], "out", "lost");
        folder.Refuses(1, ["process", "model.safetensors", "in.wav", "in.wav"], "out", "lost");
        Assert.Equal("a model", File.ReadAllText(folder["model.safetensors"]));
    }

    [Fact]
    public void A_number_beyond_a_float_is_told_and_the_rest_stays_a_report()
    {
        using VerbFolder folder = new();
        File.WriteAllText(folder["big.csv"], "a,b\n1,1\n2,1e300\n3,1e999\n4,-1e300\n");
        JsonElement column = folder.Json("inspect", "big.csv").GetProperty("columns")[1];
        Assert.Equal(JsonValueKind.Null, column.GetProperty("deviation").ValueKind);
        Assert.Equal((3, "1e300"), (VerbTests.Int(column, "first_beyond_float_row"), VerbTests.Text(column, "first_beyond_float")));
        Assert.Contains("1e300 in row 3", folder.Succeeds("inspect", "big.csv"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_field_of_several_lines_is_told_in_one_short_sentence()
    {
        using VerbFolder folder = new();
        File.WriteAllText(folder["t.csv"], $"a,b\n1,2\n2,\"x\ny{new string('z', 5000)}\"\n");
        string line = Assert.Single(folder.Succeeds("inspect", "t.csv").Split('\n'), text => text.Contains("numbers and text", StringComparison.Ordinal));
        Assert.Contains($"'x y{new string('z', 37)}...' in row 3", line, StringComparison.Ordinal);
        folder.Refuses(2, ["train", "t.csv", "--targets", "b", "--out", "out"], "t.csv, row 3, column 'b'", "'x yzzz");
    }

    [Theory]
    [InlineData("01.02.2025", "order of day and month")]
    [InlineData("13.01.2025 12:00", "order of day and month")]
    [InlineData("01/02/2025", "order of day and month")]
    [InlineData("1/2/25", "order of day and month")]
    [InlineData("yesterday", "is no time")]
    [InlineData("12:00", "is no time")]
    [InlineData("", "is no time")]
    [InlineData("512.5", "is no time")]
    [InlineData("512", "is no time")]
    public void A_time_that_does_not_read_one_way_only_is_refused_with_its_row(string field, string problem)
    {
        using VerbFolder folder = new();
        File.WriteAllText(folder["t.csv"], $"when,x\n2025-01-01,1\n2025-01-02,2\n{field},3\n");
        DataFormatException error = Assert.Throws<DataFormatException>(() => DataSource.Read(folder["t.csv"], new DataOptions()));
        Assert.All((string[])["row 4", "'when'", $"'{field}'", problem, CsvSyntax.TimeForm], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        TableReport report = TableInspection.Of(folder["t.csv"], timeColumn: null);
        Assert.Equal((1, 4, field), (report.BadTimes, report.FirstBadTimeRow, report.FirstBadTime));
    }

    [Fact]
    public void A_column_whose_dates_are_all_day_first_is_refused_not_left_out()
    {
        using VerbFolder folder = new();
        File.WriteAllText(folder["t.csv"], "when,x\n01.02.2025,1\n02.02.2025,2\n");
        Assert.Contains("row 2", Assert.Throws<DataFormatException>(() => DataSource.Read(folder["t.csv"], new DataOptions())).Message, StringComparison.Ordinal);
        string table = folder.Succeeds("inspect", "t.csv");
        Assert.All((string[])["2 fields that give no time", "row 2", CsvSyntax.TimeForm], part => Assert.Contains(part, table, StringComparison.Ordinal));
        File.WriteAllText(folder["n.csv"], "load,x\n501.5,1\n502,2\n");
        Assert.Contains("'load' holds 2 fields that give no time", folder.Succeeds("inspect", "n.csv", "--time", "load"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2025-01-31")]
    [InlineData("2025-01")]
    [InlineData("2025-01-31 12:00")]
    [InlineData("2025-01-31T12:00:30")]
    [InlineData("2025-01-31T12:00:30.123456789Z")]
    [InlineData("2025-01-31 12:00:30+02:00")]
    public void Forms_of_iso_8601_are_times(string field) => Assert.True(CsvSyntax.TryTime(field, out DateTime time) && time.Year == 2025 && time.Month == 1);

    [Theory]
    [InlineData("Jan-1-1995", "1995-01-01T00:00:00")]
    [InlineData("Jan 31, 1995", "1995-01-31T00:00:00")]
    [InlineData("1-Feb-1995", "1995-02-01T00:00:00")]
    [InlineData("28 february 1995 7:05", "1995-02-28T07:05:00")]
    [InlineData("December/31/1995T23:59:58", "1995-12-31T23:59:58")]
    [InlineData("1995-MAR-07", "1995-03-07T00:00:00")]
    [InlineData("May 1995", "1995-05-01T00:00:00")]
    [InlineData("September, 1995", "1995-09-01T00:00:00")]
    public void A_month_by_its_name_is_certain(string field, string time)
    {
        Assert.True(CsvSyntax.LooksLikeTime(field));
        Assert.True(CsvSyntax.TryTime(field, out DateTime read));
        Assert.Equal(time, read.ToString("s", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("Marketing 2020")]
    [InlineData("May 5")]
    [InlineData("Jan-1-95")]
    [InlineData("5 Jan 6 1995")]
    [InlineData("Januar 1995")]
    [InlineData("19950101")]
    public void Text_and_numbers_that_begin_like_a_month_or_day_are_no_times(string field)
    {
        Assert.False(CsvSyntax.LooksLikeTime(field));
        Assert.False(CsvSyntax.TryTime(field, out _));
    }

    [Fact]
    public void Tables_with_months_by_name_and_days_of_eight_digits_have_times()
    {
        using VerbFolder folder = new();
        File.WriteAllLines(folder["named.csv"], ["date,x", .. Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"{new DateTime(1995, 1, 20).AddDays(i):MMM-d-yyyy},{i % 7}"))]);
        Assert.Equal(new DateTime(1995, 2, 28), DataSource.Read(folder["named.csv"], new DataOptions()).Times![39]);
        File.WriteAllText(folder["wrong.csv"], "date,x\nFeb-28-1995,1\nFeb-29-1995,2\n");
        DataFormatException error = Assert.Throws<DataFormatException>(() => DataSource.Read(folder["wrong.csv"], new DataOptions()));
        Assert.Contains("row 3, column 'date': 'Feb-29-1995' is no day of the calendar", error.Message, StringComparison.Ordinal);

        // Eight digits are numbers until somebody says that they are days; a column of that name is pointed at.
        File.WriteAllLines(folder["digits.csv"], ["date,x", .. Enumerable.Range(0, 40).Select(i => FormattableString.Invariant($"{new DateTime(1958, 3, 29).AddDays(i):yyyyMMdd},{i % 7}"))]);
        Assert.Contains("--time date", Assert.Single(DataSource.Read(folder["digits.csv"], new DataOptions()).Notes), StringComparison.Ordinal);
        Assert.Equal(new DateTime(1958, 5, 7), DataSource.Read(folder["digits.csv"], new DataOptions { TimeColumn = "date" }).Times![39]);
        folder.Refuses(2, ["train", "digits.csv", "--time", "x", "--out", "out"], "column 'x'", "is no time");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(60, 0)]
    [InlineData(0, 0.1)]
    public void A_day_of_hours_is_found_in_noise_under_a_year_and_on_a_drift(double year, double drift)
    {
        for (ulong seed = 1; seed <= 8; seed++)
        {
            CounterRandom random = new(seed, 0);
            double walk = 0;
            float[] values = new float[2000];
            for (int t = 0; t < values.Length; t++)
            {
                walk += drift * random.Uniform(2 * (ulong)t, -1, 1);
                values[t] = (float)(Math.Sin(2 * Math.PI * t / 24) + (year * Math.Sin(2 * Math.PI * t / 8766)) + walk + random.Uniform((2 * (ulong)t) + 1, -1, 1));
            }

            Assert.Equal(24, Planning.SeasonOf(new TimeSeries(values, ["x"]), "x", 500));
        }
    }
}
