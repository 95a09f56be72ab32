namespace FastRecurrent;

/// <summary>Which steps of a batch a <see cref="Loss"/> counts, and how much. Default: all of them, equally.</summary>
public readonly ref struct LossOptions
{
    /// <summary>
    /// One weight a step, 0 or above and finite: [T, N], or [N, T] where the layout is batch-major; [N] for a vector. 0 leaves the
    /// step out, whatever its values are. Empty, the default: 1 everywhere.
    /// </summary>
    public ReadOnlySpan<float> Weights { get; init; }

    /// <summary>Row n counts up to step Lengths[n] - 1, each 0..T. Empty, the default: every row has T steps.</summary>
    public ReadOnlySpan<int> Lengths { get; init; }

    /// <summary>The order of steps and rows in y, target, weights and gradient; time-major by default.</summary>
    public SequenceLayout Layout { get; init; }
}

/// <summary>The value of a loss over some steps.</summary>
/// <param name="Mean">The weighted mean over the elements; 0 where nothing counts.</param>
/// <param name="Weight">The sum of the elements' weights: what the mean was divided by. It weighs batches against each other.</param>
public readonly record struct LossValue(double Mean, double Weight)
{
    /// <summary>The value over the steps of both.</summary>
    public static LossValue operator +(LossValue left, LossValue right)
    {
        double weight = left.Weight + right.Weight;
        return weight == 0 ? default : new(((left.Mean * left.Weight) + (right.Mean * right.Weight)) / weight, weight);
    }

    /// <summary>The value over the steps of both.</summary>
    public static LossValue Add(LossValue left, LossValue right) => left + right;
}
