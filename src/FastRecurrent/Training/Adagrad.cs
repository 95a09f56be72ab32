using FastRecurrent.Kernels;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// Adagrad (Duchi, Hazan and Singer 2011):
/// <code>
/// v = v + g^2      w = w - rate g / (sqrt(v) + Epsilon)      Keras: w - rate g / sqrt(v + Epsilon)
/// </code>
/// </summary>
public sealed record Adagrad : Optimizer
{
    /// <summary>PyTorch's defaults: rate 0.01, v starting from 0, epsilon 1e-10.</summary>
    public Adagrad()
    {
        LearningRate = 1e-2;
    }

    /// <summary>Keras's defaults and equation: rate 0.001, v starting from 0.1, epsilon 1e-7 under the root.</summary>
    public static Adagrad Keras { get; } =
        new() { LearningRate = 1e-3, InitialAccumulator = 0.1, Epsilon = 1e-7, Style = EpsilonStyle.Keras };

    /// <summary>What v starts from, 0 or above.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>1e-30 to 1.</summary>
    public double Epsilon { get; init; } = 1e-10;

    /// <summary>Where epsilon stands.</summary>
    public EpsilonStyle Style { get; init; }

    internal override IReadOnlyList<string> MomentNames => ["square"];

    internal override float InitialMoment => (float)InitialAccumulator;

    internal override UpdateKernel CreateKernel(KernelFactory factory) => factory.Update<RootRule>();

    internal override UpdateConstants Constants(double learningRate, long step) => new()
    {
        Rate = (float)learningRate,
        SecondDecay = 1,
        SecondShare = 1,
        InnerEpsilon = Style == EpsilonStyle.Keras ? (float)Epsilon : 0,
        OuterEpsilon = Style == EpsilonStyle.Keras ? 0 : (float)Epsilon,
    };

    internal override void Validate()
    {
        base.Validate();
        RequireRange(InitialAccumulator, 0, 1e30, nameof(InitialAccumulator));
        RequireEpsilon(Epsilon);
    }
}
