using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// What training makes small: a number from a network's output and its targets, with dL/dy. Immutable and thread-safe. Every
/// loss is the weighted mean over its elements,
/// <code>L = sum_s w_s sum_e l_se / (E sum_s w_s)</code>
/// s being the steps of all rows, w_s the step's weight, e the E elements of a step. O is the size of the network's output.
/// <code>
/// loss                          y of a step, O values           target of a step          E
/// MeanSquaredError, ...         one value an element            O values                  O
/// BinaryCrossEntropy            one logit an element            O probabilities           O
/// SoftmaxCrossEntropy           O logits                        1 value, the class index  1
/// Quantile (Q of them)          [O / Q, Q]                      O / Q values              O
/// GaussianNegativeLogLikelihood [O / 2, 2]: mean, log variance  O / 2 values              O / 2
/// </code>
/// All sums are taken in double precision in the order of memory: the same bits everywhere.
/// </summary>
public abstract class Loss
{
    private protected Loss()
    {
    }

    /// <summary>l = (y - t)^2.</summary>
    public static Loss MeanSquaredError { get; } = new LossOf<SquaredError>(default);

    /// <summary>l = |y - t|; its gradient is 0 where y = t.</summary>
    public static Loss MeanAbsoluteError { get; } = new LossOf<AbsoluteError>(default);

    /// <summary>l = max(z, 0) - z t + ln(1 + e^-|z|) for logits z and targets t in 0..1: cross-entropy behind a sigmoid, which the network leaves out.</summary>
    public static Loss BinaryCrossEntropy { get; } = new LossOf<BinaryCrossEntropy>(default);

    /// <summary>l = ln sum_j e^z_j - z_t for logits z and the class index t, 0..O-1: cross-entropy behind a softmax, which the network leaves out.</summary>
    public static Loss SoftmaxCrossEntropy { get; } = new LossOf<SoftmaxCrossEntropy>(default);

    /// <summary>
    /// l = (s + (t - m)^2 e^-s) / 2 for a predicted mean m and log variance s, beside each other in y. The constant ln(2 pi) / 2
    /// is left out, as PyTorch does by default. (Nix and Weigend 1994)
    /// </summary>
    public static Loss GaussianNegativeLogLikelihood { get; } = new LossOf<GaussianNegativeLogLikelihood>(default);

    /// <summary>
    /// With d = y - t: l = d^2 / 2 where |d| is at most <paramref name="delta"/>, delta (|d| - delta / 2) beyond. (Huber 1964; as
    /// in PyTorch's HuberLoss and Keras)
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Delta is not a finite value above 0.</exception>
    public static Loss Huber(double delta = 1)
    {
        if (!double.IsFinite(delta) || delta <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "Delta must be a finite value above 0.");
        }

        return new LossOf<HuberError>(new(delta));
    }

    /// <summary>
    /// The pinball loss: l = max(q (t - y), (q - 1) (t - y)) for each quantile q; its gradient is 0 where y = t. The quantiles of one
    /// target stand beside each other in y. (Koenker and Bassett 1978)
    /// </summary>
    /// <exception cref="ArgumentException">There is no quantile, or one is not between 0 and 1, both excluded.</exception>
    public static Loss Quantile(params ReadOnlySpan<double> quantiles)
    {
        if (quantiles.IsEmpty)
        {
            throw new ArgumentException("There must be at least one quantile, 0.5 for the median.", nameof(quantiles));
        }

        foreach (double quantile in quantiles)
        {
            if (!(quantile > 0 && quantile < 1))
            {
                throw new ArgumentOutOfRangeException(nameof(quantiles), quantile, "A quantile must lie between 0 and 1, both excluded.");
            }
        }

        return new LossOf<PinballError>(new(quantiles.ToArray()));
    }

    /// <summary>Values of one step's target for an output of O = <paramref name="outputSize"/> values.</summary>
    /// <exception cref="ArgumentException">The loss cannot take an output of this size.</exception>
    public abstract int TargetSize(int outputSize);

    /// <summary>The loss of N rows of T steps and, unless <paramref name="gradient"/> is empty, dL/dy. Allocates nothing.</summary>
    /// <param name="y">The network's output, [T, N, O]; for a vector T = 1.</param>
    /// <param name="target">[T, N, <see cref="TargetSize"/>].</param>
    /// <param name="time">T, at least 1.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="outputSize">O.</param>
    /// <param name="gradient">Where dL/dy goes, [T, N, O], 0 at the steps that do not count; empty for the value alone.</param>
    /// <param name="options">Weights, lengths and layout.</param>
    /// <returns>The mean, which is not finite where a value that counts is not, and the weight behind it. Where nothing counts both are 0.</returns>
    /// <exception cref="ArgumentException">A span has another length than its shape wants, a weight is negative or not finite, or a target is not one that this loss knows.</exception>
    public LossValue Evaluate(
        ReadOnlySpan<float> y, ReadOnlySpan<float> target, int time, int batch, int outputSize, Span<float> gradient, LossOptions options = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputSize, 1);
        Require.Length(y.Length, time, batch, outputSize, "T x N x O", nameof(y));
        Require.Length(target.Length, time, batch, TargetSize(outputSize), "T x N x target", nameof(target));
        if (!gradient.IsEmpty)
        {
            Require.Length(gradient.Length, time, batch, outputSize, "T x N x O", nameof(gradient));
            Require.NoOverlap(y, gradient, nameof(gradient));
            Require.NoOverlap(target, gradient, nameof(gradient));
        }

        return Evaluate(y, target, outputSize, gradient, new StepWeights(time, batch, options));
    }

    private protected abstract LossValue Evaluate(
        ReadOnlySpan<float> y, ReadOnlySpan<float> target, int outputSize, Span<float> gradient, StepWeights weights);
}
