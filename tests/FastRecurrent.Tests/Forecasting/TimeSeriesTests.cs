namespace FastRecurrent.Tests.Forecasting;

public class TimeSeriesTests
{
    // Row t of channel c holds 10 t + c.
    private static readonly TimeSeries Series = new(Enumerable.Range(0, 12).Select(i => (float)((10 * (i / 4)) + (i % 4))).ToArray(), "a", "b", "c", "d");

    [Fact]
    public void Views_of_views_show_the_same_memory()
    {
        TimeSeries some = Series.Select("d", "b", "c"), fewer = some.Slice(1..).Select(2, 0);
        Assert.Equal(["c", "d"], fewer.Names.AsEnumerable());
        Assert.Equal([12, 13, 22, 23], fewer.ToArray());
        Assert.Equal(23, fewer[1, 1]);
        Assert.Equal([12, 22], fewer.Column(0));
        Assert.Equal(1, fewer.Channel("d"));
        Assert.Equal([13, 23], some.Slice(1..).Select("d").Framed(2).ToArray());
    }

    [Fact]
    public void Rows_are_copied_from_where_they_lie()
    {
        float[] rows = new float[4];
        Series.Select(1, 2).CopyRows(1, rows);
        Assert.Equal([11, 12, 21, 22], rows);
        Series.Slice(1..).CopyRows(1, rows);
        Assert.Equal([20, 21, 22, 23], rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => Series.CopyRows(3, rows));
        Assert.Throws<ArgumentOutOfRangeException>(() => Series.CopyRows(-1, rows));
        Assert.Throws<ArgumentException>(() => Series.CopyRows(0, new float[3]));
    }

    [Fact]
    public void Joined_series_stand_side_by_side()
    {
        TimeSeries joined = Series.Select("d").Join(Series.Select("a", "b"));
        Assert.Equal([3, 0, 1, 13, 10, 11, 23, 20, 21], joined.ToArray());
        Assert.Throws<ArgumentException>(() => Series.Join(Series));
        Assert.Throws<ArgumentException>(() => Series.Join(new TimeSeries(new float[2], "e")));
    }

    [Fact]
    public void Channels_and_rows_that_are_not_there_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Series[3, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Series[0, 4]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Series.Slice(2..5));
        Assert.Throws<ArgumentException>(() => Series.Select("e"));
        Assert.Throws<ArgumentException>(() => Series.Select(ReadOnlySpan<int>.Empty));
        Assert.Throws<InvalidOperationException>(() => Series.Framed(2));
        Assert.Throws<ArgumentException>(() => new TimeSeries(new float[3], "a", "b"));
        Assert.Throws<ArgumentException>(() => new TimeSeries(new float[2], "a", "a"));
        Assert.Throws<ArgumentException>(() => new TimeSeries(new float[2]));
    }
}
