using FastRecurrent.Forecasting;

namespace FastRecurrent.Tests.Forecasting;

public class ProbabilityTests
{
    // The levels' normal quantiles, from tables.
    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.1, -1.2815515655446004)]
    [InlineData(0.999, 3.090232306167814)]
    [InlineData(1e-6, -4.753424308822899)]
    [InlineData(1e-10, -6.361340902404056)]
    public void Normal_quantiles(double p, double z)
    {
        Assert.Equal(z, QuantileMath.OfNormal(p), 1e-9);
    }

    [Fact]
    public void A_quantile_head_reads_levels_and_uncrosses_them()
    {
        QuantileHead head = new(2, 1, 0.1, 0.5, 0.9);
        float[] output = [1, 3, 2, 4, 5, 6], median = new float[2];
        Assert.Equal(6, head.OutputSize);
        head.Rearrange(output);
        Assert.Equal([1, 2, 3, 4, 5, 6], output);
        head.CopyLevel(output, 1, median);
        Assert.Equal([2, 5], median);
        // Truth 3 and 4 against 1, 2, 3 and 4, 5, 6 at levels 0.1, 0.5, 0.9.
        Assert.Equal((0.2 + 0.5 + 0 + 0 + 0.5 + 0.2) / 6, head.Pinball(output, [3, 4]), 1e-12);
        Assert.Throws<ArgumentException>(() => new QuantileHead(1, 1, 0.5, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileHead(1, 1, 0.5, 1));
        Assert.Throws<ArgumentException>(() => head.CopyLevel(output, 1, new float[3]));
    }

    [Fact]
    public void A_Gaussian_head_reads_mean_and_variance()
    {
        GaussianHead head = new(2, 1);
        float[] output = [1, 0, -2, 2 * MathF.Log(3)], mean = new float[2], deviation = new float[2], quantile = new float[2];
        head.Copy(output, mean, deviation);
        Assert.Equal([1, -2], mean);
        Assert.Equal([1, 3], deviation.Select(value => MathF.Round(value, 5)));
        head.CopyQuantile(output, 0.975, quantile);
        Assert.Equal([1 + 1.959964f, -2 + (3 * 1.959964f)], quantile, (x, y) => Math.Abs(x - y) < 1e-4);
        // Densities at 1 and 1: exp(0) / sqrt(2 pi), and exp(-1/2) / (3 sqrt(2 pi)).
        Assert.Equal((Math.Log(2 * Math.PI) + Math.Log(3) + 0.5) / 2, head.NegativeLogLikelihood(output, [1, 1]), 1e-6);
        head.Copy([0, 1e9f, 0, -1e9f], mean, deviation);
        Assert.All(deviation, value => Assert.True(float.IsFinite(value) && value > 0));
    }

    /// <summary>
    /// Errors that grow with the step and are not normal: on new data, each step's interval holds its nominal share. The share of 20,000
    /// has a standard deviation below 0.004, that of calibrating on 2,000 below 0.009.
    /// </summary>
    [Theory]
    [InlineData(0.8)]
    [InlineData(0.9)]
    [InlineData(0.95)]
    public void Conformal_intervals_hold_their_share_at_every_step(double coverage)
    {
        const int Steps = 3, New = 20_000;
        float[] calibration = Errors(1, 2000), fresh = Errors(2, New);
        ConformalInterval interval = ConformalInterval.Calibrate(calibration, new float[calibration.Length], Steps, coverage);
        float[] lower = new float[fresh.Length], upper = new float[fresh.Length];
        interval.Around(new float[fresh.Length], lower, upper);
        for (int step = 0; step < Steps; step++)
        {
            double share = ForecastMetrics.Coverage(Step(fresh, step), Step(lower, step), Step(upper, step));
            Assert.InRange(share, coverage - 0.03, coverage + 0.03);
        }

        Assert.True(interval.HalfWidths[2] > 2 * interval.HalfWidths[0]);

        static float[] Step(float[] values, int step) => [.. values.Where((_, i) => i % Steps == step)];
    }

    [Fact]
    public void Conformal_intervals_take_the_exact_rank_and_refuse_too_few()
    {
        float[] errors = [5, -1, 3, -2, 4, 9, -8, 7, 6];
        Assert.Equal(9, ConformalInterval.Calibrate(errors, new float[9], 1, 0.9).HalfWidths[0]); // k = ceil(10 x 0.9) = 9
        Assert.Equal(5, ConformalInterval.Calibrate(errors, new float[9], 1, 0.5).HalfWidths[0]);
        Assert.Contains("at least 19", Assert.Throws<ArgumentException>(() => ConformalInterval.Calibrate(errors, new float[9], 1, 0.95)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ConformalInterval.Calibrate([1, float.NaN], new float[2], 1, 0.5));
    }

    private static float[] Errors(int stream, int count)
    {
        Draw draw = new(9, stream);
        float[] errors = new float[count * 3];
        for (int i = 0; i < errors.Length; i++)
            errors[i] = ((i % 3) + 1) * MathF.Pow(draw.Float(-1, 1), 3);
        return errors;
    }
}
