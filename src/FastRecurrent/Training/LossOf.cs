namespace FastRecurrent.Training;

/// <summary>The equations of one loss.</summary>
internal interface ILossTerm
{
    /// <summary>Values of one step's target; throws where the output's size does not fit.</summary>
    int TargetSize(int outputSize);

    /// <summary>E: what the mean divides by, for a step of weight 1.</summary>
    int Elements(int outputSize);

    /// <summary>
    /// The sum of one step's elements. Where <paramref name="gradient"/> is not empty it takes scale * d(sum)/dy through
    /// <see cref="LossGradient.Rounded"/>.
    /// </summary>
    double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient);
}

/// <summary>What all losses share of a gradient.</summary>
internal static class LossGradient
{
    private const float TinyValue = 1e-30f;

    /// <summary>The nearest float, or 0 below 1e-30: no subnormal enters the way back.</summary>
    public static float Rounded(double value)
    {
        float rounded = (float)value;
        return MathF.Abs(rounded) < TinyValue ? 0 : rounded;
    }
}

/// <summary>The loop over steps, closed over the equations of one loss.</summary>
internal sealed class LossOf<TTerm>(TTerm term) : Loss
    where TTerm : struct, ILossTerm
{
    public override int TargetSize(int outputSize) => term.TargetSize(outputSize);

    private protected override LossValue Evaluate(
        ReadOnlySpan<float> y, ReadOnlySpan<float> target, int outputSize, Span<float> gradient, StepWeights weights)
    {
        int targetSize = term.TargetSize(outputSize);
        double weight = weights.Sum * term.Elements(outputSize);
        double sum = 0;
        for (int step = 0; step < weights.Steps; step++)
        {
            Span<float> stepGradient = gradient.IsEmpty ? default : gradient.Slice(step * outputSize, outputSize);
            double stepWeight = weights[step];
            if (stepWeight == 0)
            {
                // Not multiplied by 0: what stands in a step that does not count may be no number.
                stepGradient.Clear();
                continue;
            }

            sum += stepWeight * term.Step(
                y.Slice(step * outputSize, outputSize), target.Slice(step * targetSize, targetSize), stepWeight / weight, stepGradient);
        }

        return weight == 0 ? default : new(sum / weight, weight);
    }
}
