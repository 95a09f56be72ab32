using System.Globalization;
using System.Text.Json;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Tests.Verbs;

/// <summary>Gaps, offsets from UTC, steps that do not go into a day, and the ends of the calendar.</summary>
public class TimeGridTests
{
    [Theory]
    [InlineData(1, "row 6: 2 rows are left out before 2020-07-01T00:00:00 (usually one every month)")]
    [InlineData(3, "row 6: 2 rows are left out before 2021-07-01T00:00:00 (usually one every 3 months)")]
    [InlineData(12, "row 6: 2 rows are left out before 2026-01-01T00:00:00 (usually one every year)")]
    public void Months_that_are_left_out_are_refused_or_put_in(int months, string refused)
    {
        using VerbFolder folder = new();
        DateTime[] times = [.. Enumerable.Range(0, 40).Where(i => i is not 4 and not 5).Select(i => new DateTime(2020, 1, 1).AddMonths(months * i))];
        Write(folder, times);
        Assert.Contains(refused, Assert.Throws<DataFormatException>(() => Read(folder)).Message, StringComparison.Ordinal);
        TableReport report = TableInspection.Of(folder["t.csv"], timeColumn: null);
        Assert.Equal((1, 2L, 6), (report.Gaps, report.RowsLeftOut, report.FirstGapRow));
        LoadedSeries read = Read(folder, MissingValues.Interpolate);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => new DateTime(2020, 1, 1).AddMonths(months * i)), read.Times);
        Assert.Contains(read.Notes, note => note.StartsWith("2 rows were left out in time and put in", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_between_two_months_is_refused()
    {
        using VerbFolder folder = new();
        Write(folder, [.. Enumerable.Range(0, 40).Select(i => new DateTime(2020, 1, i == 7 ? 12 : 1).AddMonths(i))]);
        Assert.Contains("row 9: the row lies", Assert.Throws<DataFormatException>(() => Read(folder, MissingValues.Previous)).Message, StringComparison.Ordinal);
        TableReport report = TableInspection.Of(folder["t.csv"], timeColumn: null);
        Assert.Equal((2, 9), (report.Beside, report.FirstBesideRow));
        Assert.Contains("2 rows beside the grid of the others, the first in row 9", folder.Succeeds("inspect", "t.csv"), StringComparison.Ordinal);
    }

    /// <summary>Central Europe's clocks in spring (an hour is left out) and autumn (an hour comes twice): with offsets, neither happens.</summary>
    [Theory]
    [InlineData("2025-03-28", "2025-03-30T01:00:00", 1, 2)]
    [InlineData("2025-10-24", "2025-10-26T01:00:00", 2, 1)]
    public void Clocks_put_forward_or_back_leave_an_even_grid_where_times_have_offsets(string start, string change, int before, int after)
    {
        using VerbFolder folder = new();
        DateTimeOffset first = Utc(start), changed = Utc(change);
        File.WriteAllLines(folder["t.csv"], ["time,x", .. Enumerable.Range(0, 96).Select(i => first.AddHours(i)).Select((at, i) => string.Create(
            CultureInfo.InvariantCulture, $"{at.ToOffset(TimeSpan.FromHours(at < changed ? before : after)):yyyy-MM-ddTHH:mm:sszzz},{i}"))]);
        LoadedSeries read = Read(folder);
        Assert.Equal(Enumerable.Range(0, 96).Select(i => first.DateTime.AddHours(before + i)), read.Times);
        Assert.Contains("several offsets", Assert.Single(read.Notes), StringComparison.Ordinal);
        Assert.Equal((0, 0), (TableInspection.Of(folder["t.csv"], null).Gaps, TableInspection.Of(folder["t.csv"], null).Unordered));

        static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    [Fact]
    public void An_hour_that_comes_twice_without_offsets_is_refused_with_its_row()
    {
        using VerbFolder folder = new();
        Write(folder, [.. Enumerable.Range(0, 60).Select(i => new DateTime(2025, 10, 25).AddHours(i < 27 ? i : i - 1))]);
        Assert.Contains("row 29: the time 2025-10-26T02:00:00 does not lie behind", Assert.Throws<DataFormatException>(() => Read(folder)).Message, StringComparison.Ordinal);
    }

    /// <summary>The calendar's features follow from each row's own time, so that a step need not go into a day without a rest.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(60)]
    [InlineData(50 * 24)]
    [InlineData(16 * 60)]
    public void The_day_goes_in_at_any_step_below_a_day_and_its_place_is_exact(int minutes)
    {
        using VerbFolder folder = new();
        DateTime[] times = [.. Enumerable.Range(0, 500).Select(i => new DateTime(2025, 1, 1).AddMinutes(minutes * i))];
        Write(folder, times);
        TrainOptions options = new() { Data = folder["t.csv"], Window = 8, Horizon = 2, Season = 1 };
        LoadedSeries loaded = Planning.Read(options);
        ForecastPlan plan = Planning.Of(options, loaded);
        Assert.Equal(minutes < 24 * 60, plan.Calendar.HasFlag(CalendarCycles.Day));
        TimeSeries sine = CalendarFeatures.Of(times, CalendarCycles.Day);
        Assert.Equal((float)Math.Sin(2 * Math.PI * (minutes * 37L % 1440) / 1440), sine[37, 0], 1e-6f);
    }

    [Theory]
    [InlineData("2025-01-01,1\n10000-01-02,2", "row 3, column 'time': '10000-01-02' lies outside the years 0001 to 9999")]
    [InlineData("0000-01-01,1\n0000-01-02,2", "row 2, column 'time': '0000-01-01' lies outside the years 0001 to 9999")]
    [InlineData("-0044-03-15,1\n2025-01-01,2", "row 2, column 'time': '-0044-03-15' lies outside the years")]
    [InlineData("2025-02-30,1\n2025-03-01,2", "row 2, column 'time': '2025-02-30' is no day of the calendar")]
    [InlineData("2025-02-01 25:00,1\n2025-03-01,2", "row 2, column 'time': '2025-02-01 25:00' is no day of the calendar or no time of a day")]
    public void A_time_beyond_the_calendar_is_refused_with_its_place(string rows, string wanted)
    {
        using VerbFolder folder = new();
        File.WriteAllText(folder["t.csv"], $"time,x\n{rows}\n");
        Assert.Contains(wanted, Assert.Throws<DataFormatException>(() => Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forecast_beyond_the_year_9999_is_refused_with_its_place()
    {
        using VerbFolder folder = new();
        Write(folder, [.. Enumerable.Range(0, 200).Select(i => new DateTime(9999, 12, 31, 22, 0, 0).AddHours(i - 199))]);
        folder.Succeeds("train", "t.csv", "--window", "6", "--horizon", "3", "--season", "1", "--calendar", "none", "--hidden", "2", "--epochs", "1", "--out", "out");
        folder.Refuses(2, ["forecast", "out/model.safetensors", "t.csv", "--out", "new/f.csv"], "t.csv, row 201, column 'time'", "2 steps behind 9999-12-31T22:00:00", "year 9999");
        Assert.Equal(1, folder.Json("forecast", "out/model.safetensors", "t.csv", "--steps", "1").GetProperty("forecasts").GetArrayLength());
    }

    [Fact]
    public void Days_in_digits_are_told_of_and_days_of_a_month_are_not()
    {
        using VerbFolder folder = new();
        DateTime first = new(2025, 1, 1);
        File.WriteAllLines(folder["digits.csv"], ["Date,x", .. Enumerable.Range(0, 60).Select(i => $"{first.AddDays(i):yyyyMMdd},{i % 11}")]);
        File.WriteAllLines(folder["month.csv"], ["day,x", .. Enumerable.Range(0, 60).Select(i => $"{first.AddDays(i).Day},{i % 11}")]);
        const string Hint = "is read as numbers";
        Assert.Contains("--time Date says so", folder.Succeeds("inspect", "digits.csv"), StringComparison.Ordinal);
        Assert.DoesNotContain(Hint, folder.Succeeds("inspect", "month.csv"), StringComparison.Ordinal);
        Assert.Contains("a row every day", folder.Succeeds("inspect", "digits.csv", "--time", "Date"), StringComparison.Ordinal);
        Assert.Contains(CsvSeriesReader.Read(folder["digits.csv"], new DataOptions()).Notes, note => note.Contains(Hint, StringComparison.Ordinal));
        Assert.DoesNotContain(CsvSeriesReader.Read(folder["month.csv"], new DataOptions()).Notes, note => note.Contains(Hint, StringComparison.Ordinal));
    }

    [Fact]
    public void Years_in_a_column_are_told_of_and_are_times_where_they_are_named()
    {
        using VerbFolder folder = new();
        File.WriteAllLines(folder["t.csv"], ["YEAR,x", .. Enumerable.Range(1900, 60).Select(year => $"{year},{year % 11}")]);
        Assert.Contains("--time YEAR", Assert.Single(Read(folder).Notes), StringComparison.Ordinal);
        Assert.Contains("--time YEAR", folder.Succeeds("inspect", "t.csv"), StringComparison.Ordinal);
        JsonElement named = folder.Json("inspect", "t.csv", "--time", "YEAR");
        Assert.Equal("12 months", VerbTests.Text(named, "step"));
        Assert.Contains("a row every year", folder.Succeeds("inspect", "t.csv", "--time", "YEAR"), StringComparison.Ordinal);
    }

    private static void Write(VerbFolder folder, DateTime[] times) => File.WriteAllLines(
        folder["t.csv"], ["time,x", .. times.Select((time, i) => string.Create(CultureInfo.InvariantCulture, $"{time:s},{Math.Sin(i):0.000}"))]);

    private static LoadedSeries Read(VerbFolder folder, MissingValues missing = MissingValues.Refuse) =>
        DataSource.Read(folder["t.csv"], new DataOptions { Missing = missing });
}
