using System.Text;
using FastRecurrent.Cli.Data;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Forecasting;

public class CsvTests
{
    private static LoadedSeries Read(string text, DataOptions? options = null) =>
        CsvSeriesReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "a.csv", options ?? new DataOptions());

    private static string Refused(string text, DataOptions? options = null) => Assert.Throws<DataFormatException>(() => Read(text, options)).Message;

    [Fact]
    public void Columns_of_numbers_are_taken_and_the_rest_is_said()
    {
        LoadedSeries read = Read("time,city,t,p\n2026-01-01T00:00:00,Ulm,1.5,1000\n2026-01-01T01:00:00,Ulm,-2e1,1001\n");
        Assert.Equal(["t", "p"], read.Series.Names.AsEnumerable());
        Assert.Equal([1.5f, 1000, -20, 1001], read.Series.ToArray());
        Assert.Equal(new DateTime(2026, 1, 1, 1, 0, 0), read.Times![1]);
        Assert.Equal(["Not used: city."], read.Notes.AsEnumerable());
    }

    [Theory]
    [InlineData("1;2\n3;4\n")]
    [InlineData("1\t2\n3\t4")]
    [InlineData("\r\n1, 2\r\n\r\n3 ,4\r\n")]
    [InlineData("\"1\",\"2\"\n\"3\",\"4\"\n")]
    public void Delimiters_and_the_missing_header_are_found(string text)
    {
        LoadedSeries read = Read(text);
        Assert.Equal(["column1", "column2"], read.Series.Names.AsEnumerable());
        Assert.Equal([1, 2, 3, 4], read.Series.ToArray());
    }

    [Fact]
    public void Columns_are_chosen_by_name_and_in_order()
    {
        LoadedSeries read = Read("a,b,c\n1,2,3\n4,5,6\n", new DataOptions { Columns = ["c", "a"] });
        Assert.Equal([3, 1, 6, 4], read.Series.ToArray());
        Assert.Contains("there is no column 'd'; there are a, b, c", Refused("a,b,c\n1,2,3\n", new DataOptions { Columns = ["d"] }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "a.csv, row 3: there is 1 field, but 2 columns; mend the row.")]
    [InlineData("a,b\n1,2\n3,4,5\n", "a.csv, row 3: there are 3 fields, but 2 columns; mend the row.")]
    [InlineData("a,b\n1,2\n3,x\n", "a.csv, row 3, column 'b': 'x' is no number; mend it or leave the column out.")]
    [InlineData("a,b\n\n1,2\n\n3,x\n", "a.csv, row 5, column 'b': 'x' is no number; mend it or leave the column out.")]
    [InlineData("a,b\n1,2\n3,\"4,5\"\n", "a.csv, row 3, column 'b': '4,5' has a decimal comma, which is read where fields are separated by semicolons or tabs; wanted a decimal point.")]
    [InlineData("a;b\n1,5;2\n3;4.5\n", "a.csv, row 3, column 'b': '4.5' has a decimal point, and row 2 a decimal comma; write all numbers one way.")]
    [InlineData("a;b\n1.5;2,5\n", "a.csv, row 2, column 'b': '2,5' has a decimal comma, and row 2 a decimal point; write all numbers one way.")]
    [InlineData("a;b\n1;1.234,5\n", "a.csv, row 2, column 'b': '1.234,5' is no number; mend it or leave the column out.", "b")]
    [InlineData("a,b\n1,2\n3,NaN\n", "a.csv, row 3, column 'b': there is no value; fill the gaps (--missing interpolate or --missing previous), or leave the column out.")]
    [InlineData("a,b\n1,2\n,4\n", "a.csv, row 3, column 'a': there is no value; fill the gaps (--missing interpolate or --missing previous), or leave the column out.")]
    [InlineData("a,b\n1,2\n3,1e99\n", "a.csv, row 3, column 'b': 1e99 is beyond what a float holds; mend it or leave the column out.")]
    [InlineData("a,a\n1,2\n", "a.csv, row 1, column 'a': two columns have this name; rename one.")]
    [InlineData("a,b\n", "a.csv, row 1: there is no row behind the column names.")]
    [InlineData("", "a.csv: the file is empty.")]
    [InlineData("a,b\nx,y\n", "a.csv: no column holds numbers; there are a, b.")]
    public void What_does_not_fit_is_one_sentence_with_row_and_column(string text, string message, string? column = null)
    {
        Assert.Equal(message, Refused(text, new DataOptions { Columns = column is null ? [] : [column] }));
    }

    [Fact]
    public void Malformed_quotes_are_refused_with_their_row()
    {
        Assert.Contains("a.csv, row 2: the row is malformed", Refused("a,b\n1,\"2\n3,4\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_says_where_it_is_for_programs_too()
    {
        DataFormatException error = Assert.Throws<DataFormatException>(() => Read("a,b\n1,2\n3,x\n"));
        Assert.Equal(("a.csv", 3L, "b"), (error.File, error.Row, error.Column));
    }

    [Fact]
    public void Missing_values_are_filled_as_asked_and_counted()
    {
        const string Text = "a,b\n,1\n2,NA\n,\n4,4\n";
        LoadedSeries line = Read(Text, new DataOptions { Missing = MissingValues.Interpolate });
        Assert.Equal([2, 1, 2, 2, 3, 3, 4, 4], line.Series.ToArray());
        Assert.Equal("a: 2 of 4 values were missing and filled (interpolate).", line.Notes[0]);
        Assert.Equal([2, 1, 2, 1, 2, 1, 4, 4], Read(Text, new DataOptions { Missing = MissingValues.Previous }).Series.ToArray());
        Assert.Equal(
            "a.csv: Channel 'b' has no value in any of its 2 rows; leave it out.",
            Refused("a,b\n1,NA\n2,\n", new DataOptions { Columns = ["b"], Missing = MissingValues.Previous }));
    }

    [Fact]
    public void A_column_without_any_value_is_left_out_and_said()
    {
        LoadedSeries read = Read("a,b,\n1,2,\n3,4,\n");
        Assert.Equal([1, 2, 3, 4], read.Series.ToArray());
        Assert.Equal("Not used, since they hold no value: column3.", Assert.Single(read.Notes));
    }

    [Fact]
    public void Rows_left_out_in_time_are_refused_or_put_in()
    {
        string text = "time,a\n" + string.Concat(Enumerable.Range(0, 30).Where(h => h is not 20 and not 21).Select(h => $"2026-01-{1 + (h / 24):00}T{h % 24:00}:00:00,{h}\n"));
        Assert.Contains("a.csv, row 22: 2 rows are left out before 2026-01-01T22:00:00", Refused(text), StringComparison.Ordinal);
        LoadedSeries read = Read(text, new DataOptions { Missing = MissingValues.Interpolate });
        Assert.Equal(Enumerable.Range(0, 30).Select(h => (float)h), read.Series.ToArray());
        Assert.Equal(30, read.Times!.Length);
        Assert.StartsWith("2 rows were left out", read.Notes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Times_must_rise_and_lie_on_the_grid()
    {
        Assert.Contains("a.csv, row 3: the time 2026-01-01T00:00:00 does not lie behind", Refused("time,a\n2026-01-02,1\n2026-01-01,2\n"), StringComparison.Ordinal);
        string text = "time,a\n" + string.Concat(Enumerable.Range(0, 22).Select(h => $"2026-01-01T{h:00}:00:00,{h}\n")) + "2026-01-01T21:30:00,1\n";
        Assert.Contains("no multiple of the usual step, one every hour", Refused(text, new DataOptions { Missing = MissingValues.Previous }), StringComparison.Ordinal);
        Assert.Contains("'x' is no time", Refused("time,a\n2026-01-02,1\nx,2\n"), StringComparison.Ordinal);
        LoadedSeries workdays = Read("d,a\n2026-01-08,1\n2026-01-09,2\n2026-01-12,3\n2026-01-14,3\n");
        Assert.Contains("they are taken as one step each", Assert.Single(workdays.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_a_folder_and_another_kind_are_refused()
    {
        Assert.Equal("none.csv: there is no such file.", Assert.Throws<DataFormatException>(() => DataSource.Read("none.csv", new DataOptions())).Message);
        string folder = Path.Combine(Path.GetTempPath(), "fastrecurrent.csv");
        Directory.CreateDirectory(folder);
        Assert.EndsWith("this is a folder; name a file in it.", Assert.Throws<DataFormatException>(() => DataSource.Read(folder, new DataOptions())).Message, StringComparison.Ordinal);
        Assert.Contains("'.xlsx' is not read", Assert.Throws<DataFormatException>(() => DataSource.Read("a.xlsx", new DataOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_embedded_weather_is_what_its_notice_says()
    {
        LoadedSeries hourly = EmbeddedWeather.HourlyNormals(), daily = EmbeddedWeather.Daily();
        Assert.Equal((8759, 4), (hourly.Series.Length, hourly.Series.Channels));
        Assert.Equal(new DateTime(2010, 1, 1, 1, 0, 0), hourly.Times![0]);
        Assert.Equal(new DateTime(2010, 12, 31, 23, 0, 0), hourly.Times[^1]);
        Assert.Equal([4.0f, 1016.6f, 3.8f, 8.6f], hourly.Series.Slice(..1).ToArray());
        Assert.Equal((1461, 8), (daily.Series.Length, daily.Series.Channels));
        Assert.Equal([12.8f, 5.0f, 4.7f, 0.0f, 10.0f, 3.3f, 5.1f, 1.8f], daily.Series.Slice(..1).ToArray());
        Assert.Empty(hourly.Notes.Concat(daily.Notes));
    }

    /// <summary>Every CSV of the shared folder is read, or refused in one sentence.</summary>
    [SharedTheory("data")]
    [InlineData("weather/seattle-weather-hourly-normals.csv", 8759, 3)]
    [InlineData("weather/seattle-weather.csv", 1461, 4)]
    [InlineData("misc_series/co2-concentration.csv", 0, 0)]
    [InlineData("misc_series/sm_sunspots.csv", 309, 2)]
    [InlineData("misc_series/sm_macrodata.csv", 0, 0)]
    [InlineData("pipeline_pumps/1bengzc.csv", 0, 8)]
    public void Real_files_are_read(string file, int rows, int channels)
    {
        LoadedSeries read = DataSource.Read(Path.Combine(Repository.Shared!, "data", file), new DataOptions { Missing = MissingValues.Interpolate });
        Assert.True(rows == 0 ? read.Series.Length > 50 : read.Series.Length == rows, $"{read.Series.Length} rows");
        Assert.True(channels == 0 || read.Series.Channels == channels, string.Join(", ", read.Series.Names));
    }
}
