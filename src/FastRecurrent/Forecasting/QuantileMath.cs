namespace FastRecurrent.Forecasting;

/// <summary>Quantiles of samples and of the normal distribution.</summary>
internal static class QuantileMath
{
    /// <summary>
    /// The p-quantile of sorted values, linear between the two neighbours of rank p (n - 1) (definition 7 of Hyndman and Fan 1996).
    /// </summary>
    public static double OfSorted(ReadOnlySpan<float> sorted, double p)
    {
        double rank = p * (sorted.Length - 1);
        int below = (int)Math.Floor(rank);
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((rank - below) * ((double)sorted[above] - sorted[below]));
    }

    /// <summary>
    /// The p-quantile of the standard normal distribution: the rational start of Abramowitz and Stegun 26.2.23 (error below 4.5e-4),
    /// then Newton steps on the distribution function, which reach double precision's 1e-12 for p in 1e-12 .. 1 - 1e-12.
    /// </summary>
    public static double OfNormal(double p)
    {
        if (p is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability between 0 and 1, both excluded, is wanted.");
        }

        if (p > 0.5)
        {
            return -OfNormal(1 - p);
        }

        double t = Math.Sqrt(-2 * Math.Log(p));
        double z = (((((0.010328 * t) + 0.802853) * t) + 2.515517) / ((((((0.001308 * t) + 0.189269) * t) + 1.432788) * t) + 1)) - t;
        for (int i = 0; i < 3; i++)
        {
            double density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
            z -= (NormalTail(-z) - p) / density;
        }

        return z;
    }

    /// <summary>
    /// P(Z &gt; z) of a standard normal Z for z &gt;= 0: below 3 the series of the distribution function (Abramowitz and Stegun 26.2.11),
    /// from there Laplace's continued fraction (26.2.14).
    /// </summary>
    private static double NormalTail(double z)
    {
        double density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
        if (z < 3)
        {
            double term = z, sum = z;
            for (int k = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); k += 2)
            {
                term *= z * z / k;
                sum += term;
            }

            return 0.5 - (density * sum);
        }

        double fraction = z;
        for (int k = 100; k > 0; k--)
        {
            fraction = z + (k / fraction);
        }

        return density / fraction;
    }
}
