using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>Q quantiles a target: l = q u where u = t - y is above 0, (q - 1) u below; l' = -q, 1 - q, and 0 at u = 0.</summary>
internal readonly struct PinballError(double[] quantiles) : ILossTerm
{
    public int TargetSize(int outputSize) => outputSize % quantiles.Length == 0
        ? outputSize / quantiles.Length
        : throw new ArgumentException(
            $"The output has {outputSize} values; {quantiles.Length} quantiles need a multiple of {quantiles.Length}, the quantiles of one target beside each other.", nameof(outputSize));

    public int Elements(int outputSize) => outputSize;

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            (int feature, int quantile) = Math.DivRem(i, quantiles.Length);
            double q = quantiles[quantile];
            double u = (double)target[feature] - y[i];
            double slope = u > 0 ? -q : u < 0 ? 1 - q : u;
            sum += -slope * u;
            if (!gradient.IsEmpty)
            {
                gradient[i] = LossGradient.Rounded(scale * slope);
            }
        }

        return sum;
    }
}

/// <summary>Mean m and log variance s: l = (s + d^2 e^-s) / 2 with d = m - t; dl/dm = d e^-s, dl/ds = (1 - d^2 e^-s) / 2.</summary>
internal readonly struct GaussianNegativeLogLikelihood : ILossTerm
{
    public int TargetSize(int outputSize) => outputSize % 2 == 0
        ? outputSize / 2
        : throw new ArgumentException($"The output has {outputSize} values; pairs of mean and log variance need an even number.", nameof(outputSize));

    public int Elements(int outputSize) => outputSize / 2;

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient)
    {
        double sum = 0;
        for (int i = 0; i < target.Length; i++)
        {
            double s = y[(2 * i) + 1];
            double d = (double)y[2 * i] - target[i];
            double precision = PortableMath.Exp(-s);
            sum += (s + (d * d * precision)) / 2;
            if (!gradient.IsEmpty)
            {
                gradient[2 * i] = LossGradient.Rounded(scale * d * precision);
                gradient[(2 * i) + 1] = LossGradient.Rounded(scale * (1 - (d * d * precision)) / 2);
            }
        }

        return sum;
    }
}

/// <summary>l = ln sum_j e^z_j - z_t, dl/dz_j = softmax(z)_j - (j = t), with the largest logit taken out first.</summary>
internal readonly struct SoftmaxCrossEntropy : ILossTerm
{
    public int TargetSize(int outputSize) => 1;

    public int Elements(int outputSize) => 1;

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient)
    {
        float wanted = target[0];
        if (!(wanted >= 0 && wanted < y.Length && wanted == MathF.Floor(wanted)))
        {
            throw new ArgumentException($"A target is {wanted}; softmax cross-entropy wants the index of a class, 0 to {y.Length - 1}.", nameof(target));
        }

        double largest = y[0];
        for (int j = 1; j < y.Length; j++)
        {
            largest = Math.Max(largest, y[j]);
        }

        double sum = 0;
        for (int j = 0; j < y.Length; j++)
        {
            sum += PortableMath.Exp(y[j] - largest);
        }

        if (!gradient.IsEmpty)
        {
            for (int j = 0; j < y.Length; j++)
            {
                double probability = PortableMath.Exp(y[j] - largest) / sum;
                gradient[j] = LossGradient.Rounded(scale * (probability - (j == (int)wanted ? 1 : 0)));
            }
        }

        return largest - y[(int)wanted] + PortableMath.Log(sum);
    }
}
