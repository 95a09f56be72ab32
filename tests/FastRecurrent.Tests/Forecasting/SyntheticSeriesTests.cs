using FastRecurrent.Forecasting;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Forecasting;

public class SyntheticSeriesTests
{
    /// <summary>
    /// The first outputs of MT19937 for the seed 5489, the default of the reference implementation and of C++'s std::mt19937, and its
    /// 10,000th, which the C++ standard fixes ([rand.predef]).
    /// </summary>
    [Fact]
    public void The_twister_is_the_published_one()
    {
        NumPyRandom random = new(5489);
        Assert.Equal(3499211612u, random.Bits());
        Assert.Equal(581869302u, random.Bits());
        for (int i = 2; i < 9999; i++)
            random.Bits();
        Assert.Equal(4123659995u, random.Bits());
    }

    /// <summary>numpy.random.seed(42); numpy.random.rand(6), as NumPy prints it.</summary>
    [Fact]
    public void Doubles_are_those_of_NumPy()
    {
        Assert.Equal([0.37454012, 0.95071431, 0.73199394, 0.59865848, 0.15601864, 0.15599452], new NumPyRandom(42).Doubles(6).Select(value => Math.Round(value, 8)));
    }

    /// <summary>The first values of the lecture's series, 51 and 60 steps, from NumPy with the seed 42.</summary>
    [Theory]
    [InlineData(51, new[] { 0.4596948027610779f, 0.3148667812347412f, 0.12497122585773468f, -0.10391340404748917f }, new[] { 0.2451137751340866f, 0.23174433410167694f })]
    [InlineData(60, new[] { 0.4596948027610779f, 0.33874455094337463f, 0.18980233371257782f, 0.006119990721344948f }, new[] { 0.26552480459213257f, 0.23108747601509094f })]
    public void The_series_begin_as_the_published_ones(int steps, float[] first, float[] second)
    {
        float[] series = SyntheticSeries.GenerateTimeSeries(10_000, steps);
        Assert.Equal(first, series[..4]);
        Assert.Equal(second, series[steps..(steps + 2)]);
    }

    [SharedTheory("data/generated_series")]
    [InlineData(51)]
    [InlineData(60)]
    public void Every_value_of_the_published_series_is_met(int steps)
    {
        float[] expected = RawFloatReader.Read(Path.Combine(Repository.Shared!, "data", "generated_series", $"series_10000x{steps}.f32"));
        float[] found = SyntheticSeries.GenerateTimeSeries(10_000, steps);
        Assert.Equal(expected.Length, found.Length);
        int different = expected.Zip(found).Count(pair => pair.First != pair.Second);
        Assert.True(different <= 2, $"{different} values differ; a libm's last bit may show in one or two.");
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public void Naive_errors_are_the_published_ones()
    {
        Assert.Equal(0.020211367, Course.Score(Course.Validation(51, 1), new NaiveForecaster(1, 1)), 2e-9);
        Assert.Equal(0.25697407, Course.Score(Course.Validation(60, 10), new NaiveForecaster(1, 10)), 2e-8);
    }

    /// <summary>Least squares of 50 values: 0.0029311465 for the next value, 0.015488284 for ten values (exact solution in double).</summary>
    [Theory]
    [InlineData(51, 1, 0.0029311465)]
    [InlineData(60, 10, 0.015488284)]
    public void Linear_autoregression_reaches_the_exact_least_squares(int steps, int horizon, double published)
    {
        LinearForecaster linear = LinearForecaster.Fit(Course.Windows(steps, horizon, 0, 7000));
        Assert.Equal(published, ForecastTable.Of(linear, Course.Validation(steps, horizon)).Score(ForecastMetric.Mse), 1e-7);
    }

    /// <summary>The lecture's third way: the next value, ten times; it must lie far above the direct one.</summary>
    [Fact]
    public void A_recursive_linear_forecast_is_worse_than_a_direct_one()
    {
        LinearForecaster next = LinearForecaster.Fit(Course.Windows(51, 1, 0, 7000));
        using RecursiveForecaster recursive = new(next, 10);
        double ten = ForecastTable.Of(recursive, Course.Validation(60, 10)).Score(ForecastMetric.Mse);
        Assert.InRange(ten, 0.0156, 0.25);
    }
}
