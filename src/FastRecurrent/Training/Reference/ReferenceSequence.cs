namespace FastRecurrent.Training.Reference;

/// <summary>
/// Values [T, N, F], or the gradient by them. A vector [N, F] is a sequence of one step. Row n has Length(n) valid steps;
/// behind them every value is 0 and nothing is read.
/// </summary>
internal sealed class ReferenceSequence(int time, int batch, int features, int[]? lengths, double[]? values = null)
{
    public int Time => time;

    public int Batch => batch;

    public int Features => features;

    /// <summary>Null where every row has T steps.</summary>
    public int[]? Lengths => lengths;

    public double[] Values { get; } = values ?? new double[time * batch * features];

    /// <summary>The features of step t of row n.</summary>
    public Span<double> this[int t, int n] => Values.AsSpan(((t * batch) + n) * features, features);

    public int Length(int n) => lengths is null ? time : lengths[n];

    /// <summary>Every valid step, row by row.</summary>
    public IEnumerable<(int T, int N)> Steps =>
        from n in Enumerable.Range(0, batch)
        from t in Enumerable.Range(0, Length(n))
        select (t, n);

    /// <summary>Zeros with the same steps.</summary>
    public ReferenceSequence Like(int otherFeatures) => new(time, batch, otherFeatures, lengths);

    /// <summary>This, element by element times a mask [T, N, F]; without a mask, this itself.</summary>
    public ReferenceSequence Times(double[]? mask)
    {
        if (mask is null)
        {
            return this;
        }

        ReferenceSequence product = Like(features);
        for (int i = 0; i < Values.Length; i++)
        {
            product.Values[i] = Values[i] * mask[i];
        }

        return product;
    }
}
