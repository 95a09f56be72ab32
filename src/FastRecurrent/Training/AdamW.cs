using FastRecurrent.Kernels;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// <see cref="Adam"/> with decoupled weight decay (Loshchilov and Hutter 2019): w = w (1 - rate WeightDecay) before Adam's step, and
/// nothing added to g.
/// </summary>
public sealed record AdamW : Optimizer
{
    /// <summary>PyTorch's defaults: rate 0.001, decay 0.01, betas 0.9 and 0.999, epsilon 1e-8.</summary>
    public AdamW()
    {
        LearningRate = 1e-3;
        WeightDecay = 1e-2;
    }

    /// <summary>Keras's defaults and equation: decay 0.004, epsilon 1e-7 beside the uncorrected root.</summary>
    public static AdamW Keras { get; } = new() { WeightDecay = 4e-3, Epsilon = 1e-7, Style = EpsilonStyle.Keras };

    /// <summary>How much of m stays, at least 0 and below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much of v stays, at least 0 and below 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>1e-20 to 1.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Where epsilon stands.</summary>
    public EpsilonStyle Style { get; init; }

    internal override IReadOnlyList<string> MomentNames => AdamRule.MomentNames;

    internal override double Coupled => 0;

    internal override double Keep(double learningRate) => 1 - (learningRate * WeightDecay);

    internal override UpdateKernel CreateKernel(KernelFactory factory) => factory.Update<AdamRule>();

    internal override UpdateConstants Constants(double learningRate, long step) =>
        AdamRule.Constants(learningRate, Beta1, Beta2, Epsilon, Style, Correction(Beta1, step), Correction(Beta2, step));

    internal override void Validate()
    {
        base.Validate();
        RequireDecay(Beta1, nameof(Beta1));
        RequireDecay(Beta2, nameof(Beta2));
        RequireRange(Epsilon, AdamRule.SmallestEpsilon, 1, nameof(Epsilon));
    }
}
