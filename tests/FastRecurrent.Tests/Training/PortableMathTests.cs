using FastRecurrent.Memory;

namespace FastRecurrent.Tests.Training;

/// <summary>The double functions that training uses in place of the platform's: near the platform's, and the same bits everywhere.</summary>
public class PortableMathTests
{
    // A few roundings beyond the platform's half unit in the last place.
    private const double Tolerance = 8 * 2.220446049250313e-16;

    [Fact]
    public void Exp_is_near_the_platforms_over_its_whole_range()
    {
        for (double x = -707; x < 709.7; x += 0.037)
            Near(Math.Exp(x), PortableMath.Exp(x), $"exp({x})");

        Assert.Equal(1, PortableMath.Exp(0));
        Assert.Equal(0, PortableMath.Exp(-800));
        Assert.Equal(0, PortableMath.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(710));
        Assert.Equal(double.PositiveInfinity, PortableMath.Exp(double.PositiveInfinity));
        Assert.True(double.IsNaN(PortableMath.Exp(double.NaN)));
    }

    [Fact]
    public void Log_is_near_the_platforms_from_the_smallest_to_the_largest_number()
    {
        for (double x = 1e-307; x < 1e307; x *= 1.37)
            Near(Math.Log(x), PortableMath.Log(x), $"log({x})");
        for (double x = 0.5; x < 2; x += 0.00037)
            Near(Math.Log(x), PortableMath.Log(x), $"log({x})");

        Assert.Equal(0, PortableMath.Log(1));
        Assert.Equal(double.NegativeInfinity, PortableMath.Log(0));
        Assert.Equal(double.PositiveInfinity, PortableMath.Log(double.PositiveInfinity));
        Assert.True(double.IsNaN(PortableMath.Log(-1)));
        Assert.True(double.IsNaN(PortableMath.Log(double.NaN)));
    }

    [Fact]
    public void Log_of_1_plus_u_keeps_small_u()
    {
        Assert.Equal(1e-20, PortableMath.LogOf1Plus(1e-20));
        Near(1e-10 - 5e-21, PortableMath.LogOf1Plus(1e-10), "log(1 + 1e-10)");
        Near(Math.Log(2), PortableMath.LogOf1Plus(1), "log(2)");
    }

    [Fact]
    public void Sine_and_cosine_of_turns_are_near_the_platforms_and_exact_at_quarters()
    {
        for (double v = 0; v < 1; v += 0.00037)
        {
            (double sin, double cos) = PortableMath.SinCosOfTurns(v);
            Assert.Equal(Math.Sin(2 * Math.PI * v), sin, 2e-15);
            Assert.Equal(Math.Cos(2 * Math.PI * v), cos, 2e-15);
        }

        Assert.Equal((0, 1), PortableMath.SinCosOfTurns(0));
        Assert.Equal((1, 0), PortableMath.SinCosOfTurns(0.25));
        Assert.Equal((0, -1), PortableMath.SinCosOfTurns(0.5));
        Assert.Equal((-1, 0), PortableMath.SinCosOfTurns(0.75));
    }

    [Fact]
    public void Power_is_repeated_multiplication()
    {
        Assert.Equal(1, PortableMath.Power(0.3, 0));
        Assert.Equal(0.3, PortableMath.Power(0.3, 1));
        Assert.Equal(1024, PortableMath.Power(2, 10));

        // Each squaring doubles the error before it: at most n units in the last place.
        double wanted = Math.Pow(0.999, 12_345);
        Assert.Equal(wanted, PortableMath.Power(0.999, 12_345), wanted * 12_345 * 2.220446049250313e-16);
        Assert.Equal(0, PortableMath.Power(0.9, long.MaxValue));
    }

    [Fact]
    public void Normal_numbers_have_the_moments_of_the_normal_distribution()
    {
        const int Count = 200_000;
        CounterRandom random = new(11, 3);
        double[] values = [.. Enumerable.Range(0, Count).Select(i => random.Normal((ulong)i))];

        // Five standard errors: 1, sqrt(2), sqrt(6), sqrt(24) over the root of the count for moments 1 to 4.
        double unit = 5 / Math.Sqrt(Count);
        Assert.Equal(0, values.Average(), unit);
        Assert.Equal(1, values.Average(x => x * x), unit * Math.Sqrt(2));
        Assert.Equal(0, values.Average(x => x * x * x), unit * Math.Sqrt(15));
        Assert.Equal(3, values.Average(x => x * x * x * x), unit * Math.Sqrt(96));
        Assert.Equal(0, values.Zip(values.Skip(1), (a, b) => a * b).Average(), unit);
        Assert.Equal(0.6827, values.Average(x => Math.Abs(x) < 1 ? 1.0 : 0), unit);
    }

    [Fact]
    [Trait("Category", "arm64")]
    public void Every_platform_gives_the_recorded_bits()
    {
        CounterRandom random = new(42, 0);
        ulong hash = 0;
        for (ulong i = 0; i < 10_000; i++)
        {
            double x = random.Normal(i);
            hash = (hash * 31) + (ulong)BitConverter.DoubleToInt64Bits(x);
            hash = (hash * 31) + (ulong)BitConverter.DoubleToInt64Bits(PortableMath.Exp(20 * x));
        }

        Assert.Equal(10_422_617_098_829_352_825, hash);
    }

    private static void Near(double wanted, double found, string what) =>
        Assert.True(Math.Abs(found - wanted) <= Tolerance * Math.Abs(wanted), $"{what} is {found:r}; wanted {wanted:r}.");
}
