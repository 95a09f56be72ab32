namespace FastRecurrent.Tests.Forecasting;

public class ScalerTests
{
    private static readonly TimeSeries Table = new(new float[] { 1, 10, 2, 10, 3, 30, 4, 10, 100, 20 }, "a", "b");

    [Fact]
    public void Offsets_and_scales_are_those_of_the_definitions()
    {
        Scaler standard = Scaler.Fit(ScalerKind.Standard, Table);
        Assert.Equal([22, 16], standard.Offsets.AsEnumerable());
        Assert.Equal(Math.Sqrt(((21 * 21) + (20 * 20) + (19 * 19) + (18 * 18) + (78 * 78)) / 5.0), standard.Scales[0], 1e-9);
        Scaler range = Scaler.Fit(ScalerKind.MinMax, Table);
        Assert.Equal([1, 10, 99, 20], range.Offsets.Concat(range.Scales));
        Scaler robust = Scaler.Fit(ScalerKind.Robust, Table);
        Assert.Equal([3, 10, 2, 10], robust.Offsets.Concat(robust.Scales)); // quartiles 2 and 4, and 10 and 20
    }

    [Theory]
    [InlineData(ScalerKind.Standard)]
    [InlineData(ScalerKind.MinMax)]
    [InlineData(ScalerKind.Robust)]
    public void What_is_scaled_comes_back_and_JSON_keeps_every_bit(ScalerKind kind)
    {
        float[] values = new Draw(3).Floats(3000, -1e4f, 1e5f);
        TimeSeries series = new(values, "a", "b", "c");
        Scaler scaler = Scaler.Fit(kind, series), again = Scaler.FromJson(scaler.ToJson());
        Assert.Equal(scaler.Kind, again.Kind);
        Assert.Equal(scaler.Names.AsEnumerable(), again.Names);
        Assert.Equal(scaler.Offsets.Concat(scaler.Scales), again.Offsets.Concat(again.Scales));
        float[] scaled = scaler.Transform(series).ToArray(), back = new float[scaled.Length];
        again.Invert(scaled, back);
        Assert.All(values.Zip(back), pair => Assert.Equal(pair.First, pair.Second, 0.02f)); // a float of the range's size
        Assert.NotEqual(values[0], scaled[0]);
    }

    [Fact]
    public void Some_channels_scale_as_they_did_among_all()
    {
        Scaler one = Scaler.Fit(ScalerKind.MinMax, Table).Select("b");
        float[] y = new float[2];
        one.Transform([10, 30], y);
        Assert.Equal([0, 1], y);
        Assert.Throws<ArgumentException>(() => one.Select("a"));
    }

    [Theory]
    [InlineData(ScalerKind.Standard)]
    [InlineData(ScalerKind.MinMax)]
    [InlineData(ScalerKind.Robust)]
    public void Constant_channels_are_refused_by_name_or_left(ScalerKind kind)
    {
        TimeSeries series = new(new float[] { 1, 0.1f, 2, 0.1f, 3, 0.1f }, "a", "still");
        Assert.Contains("'still'", Assert.Throws<ArgumentException>(() => Scaler.Fit(kind, series)).Message, StringComparison.Ordinal);
        Scaler left = Scaler.Fit(kind, series, ConstantChannels.LeaveUnscaled);
        Assert.Equal((0.0, 1.0), (left.Offsets[1], left.Scales[1]));
    }

    [Fact]
    public void Values_that_are_not_finite_and_foreign_channels_are_refused()
    {
        Assert.Contains("'a' is NaN in row 1", Assert.Throws<ArgumentException>(() => Scaler.Fit(ScalerKind.Standard, new TimeSeries(new[] { 1, float.NaN }, "a"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Scaler.Fit(ScalerKind.Standard, Table).Transform(Table.Select("b", "a")));
        Assert.Throws<ArgumentException>(() => Scaler.Fit(ScalerKind.Standard, Table).Transform([1, 2, 3], new float[3]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"kind":"other","channels":["a"],"offset":[0],"scale":[1]}""")]
    [InlineData("""{"kind":"minmax","channels":["a"],"offset":[0],"scale":[0]}""")]
    [InlineData("""{"kind":"minmax","channels":["a","b"],"offset":[0],"scale":[1]}""")]
    [InlineData("""{"kind":"minmax","channels":["a"],"offset":[0],"scale":["x"]}""")]
    [InlineData("""{"kind":"minmax","channels":["a"],"offset":[0],"scale":[1e999]}""")]
    [InlineData("""{"kind":3,"channels":"a","offset":[0],"scale":[1]}""")]
    public void Other_JSON_is_refused(string json)
    {
        Assert.Throws<DataFormatException>(() => Scaler.FromJson(json));
    }

    [Fact]
    public void Calendar_features_lie_on_circles_that_close()
    {
        TimeSeries features = CalendarFeatures.Of(new DateTime(2026, 1, 5), TimeSpan.FromHours(6), 366 * 4); // a Monday
        Assert.Equal(["day_sin", "day_cos", "week_sin", "week_cos", "year_sin", "year_cos"], features.Names.AsEnumerable());
        Assert.Equal([0, 1, 1, 0], [features[0, 0], features[0, 1], features[1, 0], MathF.Round(features[1, 1], 6)]);
        Assert.Equal(0, features[28, 2], 1e-6); // a week on
        Assert.Equal(1, features[28, 3], 1e-6);
        for (int t = 0; t < features.Length; t++)
            for (int c = 0; c < 6; c += 2)
                Assert.Equal(1, (features[t, c] * features[t, c]) + (features[t, c + 1] * features[t, c + 1]), 1e-5);
        Assert.Equal(features[0, 4], features[365 * 4, 4], 1e-5);
        Assert.Throws<ArgumentException>(() => CalendarFeatures.Of([], 0));
    }
}
