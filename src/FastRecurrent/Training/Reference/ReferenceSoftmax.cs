namespace FastRecurrent.Training.Reference;

/// <summary>y_i = exp(x_i) / sum_j exp(x_j) over the features of a step; dx = y * (dy - sum(y * dy)).</summary>
internal sealed class ReferenceSoftmax : ReferenceLayer
{
    private ReferenceSequence _y = null!;

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        _y = x.Like(x.Features);
        foreach ((int t, int n) in x.Steps)
        {
            // The largest exponent is 0: nothing overflows, and the quotient stays the same.
            double largest = double.NegativeInfinity, sum = 0;
            foreach (double value in x[t, n])
            {
                largest = Math.Max(largest, value);
            }

            foreach (double value in x[t, n])
            {
                sum += Math.Exp(value - largest);
            }

            for (int k = 0; k < x.Features; k++)
            {
                _y[t, n][k] = Math.Exp(x[t, n][k] - largest) / sum;
            }
        }

        return _y;
    }

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        ReferenceSequence inputGradient = outputGradient.Like(outputGradient.Features);
        foreach ((int t, int n) in outputGradient.Steps)
        {
            Span<double> y = _y[t, n], dy = outputGradient[t, n], dx = inputGradient[t, n];
            double projection = 0;
            for (int k = 0; k < y.Length; k++)
            {
                projection += y[k] * dy[k];
            }

            for (int k = 0; k < y.Length; k++)
            {
                dx[k] = y[k] * (dy[k] - projection);
            }
        }

        return inputGradient;
    }
}
