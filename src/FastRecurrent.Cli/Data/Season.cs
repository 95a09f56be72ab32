namespace FastRecurrent.Cli.Data;

/// <summary>Finds after how many steps a series comes closest to repeating itself.</summary>
internal static class Season
{
    private const int Repeats = 4;
    private const double NearlyMost = 0.9; // of the largest autocorrelation

    /// <summary>
    /// The first lag behind the first autocorrelation, sum of (x[t] - m)(x[t + k] - m) over all t, below 0 that is a peak and nearly the
    /// largest one up to <paramref name="longest"/>, so that of several periods in noise one is found; 1 where there is none.
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

        double[] sums = new double[Math.Min(longest, values.Length - 1) + 1];
        (double most, bool hasFallen) = (0, false);
        for (int lag = 1; lag < sums.Length; lag++)
        {
            double sum = Product(centred.AsSpan(0, centred.Length - lag), centred.AsSpan(lag));
            hasFallen |= sum < 0;
            sums[lag] = hasFallen ? sum : 0;
            most = Math.Max(most, sums[lag]);
        }

        int peak = Array.FindIndex(sums, sum => sum > 0 && sum >= NearlyMost * most);
        while (peak > 0 && peak + 1 < sums.Length && sums[peak + 1] > sums[peak])
        {
            peak++;
        }

        return Math.Max(1, peak);
    }

    /// <summary>
    /// The lag within an eighth of a candidate at which the values come closest to repeating themselves once, twice and up to
    /// <see cref="Repeats"/> times over, once slow changes (a moving mean over two candidates) are off: a lag that is wrong by one is wrong
    /// by four after four seasons, which noise does not hide.
    /// </summary>
    public static int Refine(ReadOnlySpan<float> values, int candidate, int longest)
    {
        double[] flat = WithoutSlow(values, candidate);
        int reach = candidate / 8, repeats = Math.Clamp(values.Length / (2 * (candidate + reach)), 1, Repeats);
        (int best, double most) = (candidate, double.NegativeInfinity);
        for (int lag = Math.Max(2, candidate - reach); lag <= Math.Min(longest, candidate + reach); lag++)
        {
            double sum = 0;
            for (int behind = lag; behind <= repeats * lag && behind < flat.Length; behind += lag)
            {
                sum += Product(flat.AsSpan(0, flat.Length - behind), flat.AsSpan(behind)) / (flat.Length - behind);
            }

            if (sum > most)
            {
                (best, most) = (lag, sum);
            }
        }

        return best;
    }

    /// <summary>Values less the mean of those up to a distance on both sides.</summary>
    public static double[] WithoutSlow(ReadOnlySpan<float> values, int distance)
    {
        double[] sums = new double[values.Length + 1], flat = new double[values.Length];
        for (int t = 0; t < values.Length; t++)
        {
            sums[t + 1] = sums[t] + values[t];
        }

        for (int t = 0; t < flat.Length; t++)
        {
            int reach = Math.Min(distance, Math.Min(t, flat.Length - 1 - t)); // as far on both sides, which leaves nothing of a slope
            int from = t - reach, to = t + reach + 1;
            flat[t] = values[t] - ((sums[to] - sums[from]) / (to - from));
        }

        return flat;
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
