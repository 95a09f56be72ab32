namespace FastRecurrent;

/// <summary>
/// <see cref="Adam"/> with decoupled weight decay (Loshchilov and Hutter 2019): w = w (1 - rate WeightDecay) before Adam's step, and
/// nothing added to g.
/// </summary>
public sealed record AdamW : AdamOptimizer
{
    /// <summary>PyTorch's defaults: those of Adam, decay 0.01.</summary>
    public AdamW()
    {
        WeightDecay = 1e-2;
    }

    /// <summary>Keras's defaults and equation: decay 0.004, epsilon 1e-7 beside the uncorrected root.</summary>
    public static AdamW Keras { get; } = new() { WeightDecay = 4e-3, Epsilon = 1e-7, Style = EpsilonStyle.Keras };

    internal override double Coupled => 0;

    internal override double Keep(double learningRate) => 1 - (learningRate * WeightDecay);
}
