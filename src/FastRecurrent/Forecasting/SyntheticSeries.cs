using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>Series made by formula, for examples and comparisons.</summary>
public static class SyntheticSeries
{
    /// <summary>
    /// The series of the course (Geron, Hands-On Machine Learning, 2nd edition, chapter 15): two sine waves of random frequency and
    /// offset, and noise,
    /// s(t) = 0.5 sin((t - o1)(10 f1 + 10)) + 0.2 sin((t - o2)(20 f2 + 20)) + 0.1 (u - 0.5), t from 0 to 1,
    /// with the numbers of NumPy's seed: the values are those of the published notebook. Noise alone makes a mean squared error of
    /// 0.01 / 12 = 0.00083.
    /// </summary>
    /// <param name="count">How many series.</param>
    /// <param name="steps">T: steps a series, 2 or more.</param>
    /// <param name="seed">NumPy's seed.</param>
    /// <returns>[count, steps], one series behind the other.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no series, or it has fewer than two steps.</exception>
    public static float[] GenerateTimeSeries(int count, int steps, uint seed = 42)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        float[] series = new float[checked(count * steps)];
        NumPyRandom random = new(seed);
        double[] frequency1 = random.Doubles(count), frequency2 = random.Doubles(count);
        double[] offset1 = random.Doubles(count), offset2 = random.Doubles(count);
        double distance = 1.0 / (steps - 1);
        for (int i = 0; i < count; i++)
        {
            for (int t = 0; t < steps; t++)
            {
                double time = t == steps - 1 ? 1 : t * distance;
                double value = 0.5 * Math.Sin((time - offset1[i]) * ((frequency1[i] * 10) + 10));
                value += 0.2 * Math.Sin((time - offset2[i]) * ((frequency2[i] * 20) + 20));
                value += 0.1 * (random.Double() - 0.5);
                series[(i * steps) + t] = (float)value;
            }
        }

        return series;
    }
}
