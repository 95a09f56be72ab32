namespace FastRecurrent.Cli.Lecture;

/// <summary>
/// A mean squared error as the lecture computes it, numpy.mean(keras.losses.mean_squared_error(y, forecast)): everything in 32-bit floats,
/// rows first, sums in NumPy's order. It differs from the true mean in the last digits; published figures can only be met exactly by it.
/// </summary>
internal static class NumPyMean
{
    // NumPy adds eight interleaved sums up to this length, and halves what is longer.
    private const int Block = 128, Sums = 8;

    /// <summary>The mean over rows of their mean squared errors.</summary>
    /// <param name="truth">[n, H].</param>
    /// <param name="forecast">[n, H].</param>
    /// <param name="horizon">H.</param>
    public static float SquaredError(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast, int horizon)
    {
        float[] rows = new float[truth.Length / horizon], squares = new float[horizon];
        for (int row = 0; row < rows.Length; row++)
        {
            for (int h = 0; h < horizon; h++)
            {
                float error = truth[(row * horizon) + h] - forecast[(row * horizon) + h];
                squares[h] = error * error;
            }

            rows[row] = Sum(squares) / horizon;
        }

        return Sum(rows) / rows.Length;
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        if (values.Length > Block)
        {
            int half = values.Length / 2 / Sums * Sums;
            return Sum(values[..half]) + Sum(values[half..]);
        }

        int whole = values.Length / Sums * Sums;
        float sum = 0;
        if (whole > 0)
        {
            Span<float> r = stackalloc float[Sums];
            for (int i = 0; i < whole; i++)
            {
                r[i % Sums] += values[i];
            }

            sum = (r[0] + r[1] + (r[2] + r[3])) + (r[4] + r[5] + (r[6] + r[7]));
        }

        foreach (float value in values[whole..])
        {
            sum += value;
        }

        return sum;
    }
}
