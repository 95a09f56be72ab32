namespace FastRecurrent.Cli.Data;

/// <summary>Finds after how many steps a series comes closest to repeating itself.</summary>
internal static class Season
{
    /// <summary>
    /// The lag with the largest autocorrelation, sum of (x[t] - m)(x[t + k] - m) over all t, behind the first one below 0, up to
    /// <paramref name="longest"/>; 1 where there is none. Later lags sum fewer products, so that of several periods one is found.
    /// </summary>
    public static int Find(ReadOnlySpan<float> values, int longest)
    {
        double mean = 0;
        foreach (float value in values)
        {
            mean += value;
        }

        mean /= values.Length;
        double[] centred = new double[values.Length];
        for (int t = 0; t < centred.Length; t++)
        {
            centred[t] = values[t] - mean;
        }

        (int best, double most, bool hasFallen) = (1, 0, false);
        for (int lag = 1; lag <= Math.Min(longest, values.Length - 1); lag++)
        {
            double sum = Product(centred.AsSpan(0, centred.Length - lag), centred.AsSpan(lag));
            hasFallen |= sum < 0;
            if (hasFallen && sum > most)
            {
                (best, most) = (lag, sum);
            }
        }

        return best;
    }

    private static double Product(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double sum = 0;
        for (int i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
