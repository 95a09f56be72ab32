namespace FastRecurrent.Tests.Goldens;

/// <summary>
/// Keras's mask, [N][T]: a step with 0 is skipped, wherever it is. FastRecurrent has lengths and no mask: the steps that
/// count are gathered to the front, run with lengths, and their outputs scattered back.
/// </summary>
internal sealed class KerasMask(int[][] mask)
{
    private readonly int _time = mask[0].Length;

    public int[] Lengths { get; } = [.. mask.Select(row => row.Sum())];

    /// <summary>[N, T, F] with each row's steps that count in front; zeros behind them.</summary>
    public float[] Gather(float[] x, int features)
    {
        float[] result = new float[x.Length];
        foreach ((int row, int t, int packed) in Steps())
            x.AsSpan(((row * _time) + t) * features, features).CopyTo(result.AsSpan(((row * _time) + packed) * features));
        return result;
    }

    /// <summary>The outputs in their places; a skipped step repeats the output before it, or is 0 at first or where asked.</summary>
    public float[] Scatter(float[] y, int features, bool zeroOutputForMask)
    {
        float[] result = new float[y.Length];
        foreach ((int row, int t, int packed) in Steps())
        {
            int end = zeroOutputForMask ? t + 1 : _time;
            for (int step = t; step < end; step++)
                y.AsSpan(((row * _time) + packed) * features, features).CopyTo(result.AsSpan(((row * _time) + step) * features));
        }

        return result;
    }

    private IEnumerable<(int Row, int T, int Packed)> Steps()
    {
        for (int row = 0; row < mask.Length; row++)
        {
            int packed = 0;
            for (int t = 0; t < _time; t++)
                if (mask[row][t] != 0)
                    yield return (row, t, packed++);
        }
    }
}
