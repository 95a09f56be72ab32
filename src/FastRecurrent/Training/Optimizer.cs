using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>Whose equation an optimizer follows, where the frameworks differ: it decides where epsilon stands.</summary>
public enum EpsilonStyle
{
    /// <summary>Beside the root, after Adam's bias correction: g / (sqrt(v) + epsilon).</summary>
    PyTorch,

    /// <summary>Under the root, g / sqrt(v + epsilon), in RMSProp and Adagrad; beside the uncorrected root ("epsilon hat") in Adam.</summary>
    Keras,
}

/// <summary>
/// How weights follow their gradients; options without state. w is a weight, g its gradient after clipping, k = 1, 2, ... the
/// step. The step size is <see cref="LearningRate"/>, times the schedule's factor where there is one.
/// </summary>
public abstract record Optimizer
{
    private const double MaxRate = 1e30;
    private const double SmallestEpsilon = 1e-30;

    private protected Optimizer()
    {
    }

    /// <summary>The learning rate, 0 or above.</summary>
    public double LearningRate { get; init; }

    /// <summary>
    /// L2, 0 or above: this times w is added to g, as in PyTorch, the gradient of (WeightDecay / 2) w^2. Keras's
    /// <c>kernel_regularizer=L2(l)</c> adds l w^2 and is WeightDecay = 2 l. In <see cref="AdamW"/> it is decoupled instead.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>Whether biases, norms and peepholes decay as well, as they do in PyTorch. Default false: weight matrices alone.</summary>
    public bool DecayVectors { get; init; }

    /// <summary>The names of the moments, one a moment that a parameter has.</summary>
    internal virtual IReadOnlyList<string> MomentNames => [];

    /// <summary>What moments start from.</summary>
    internal virtual float InitialMoment => 0;

    internal abstract UpdateKernel CreateKernel(KernelFactory factory);

    /// <summary>The constants of step k &gt;= 1, clipping and decay left out, worked out in double.</summary>
    internal abstract UpdateConstants Constants(double learningRate, long step);

    /// <summary>What stays of a weight that decays, before the step.</summary>
    internal virtual double Keep(double learningRate) => 1;

    /// <summary>What is added to the gradient of a weight of 1 that decays.</summary>
    internal virtual double Coupled => WeightDecay;

    /// <summary>Throws where an option is out of its range.</summary>
    internal virtual void Validate()
    {
        RequireRange(LearningRate, 0, MaxRate, nameof(LearningRate));
        RequireRange(WeightDecay, 0, MaxRate, nameof(WeightDecay));
    }

    /// <summary>Throws unless value is a number in [low, high].</summary>
    private protected static void RequireRange(double value, double low, double high, string name)
    {
        if (!(value >= low && value <= high))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {low} to {high}.");
        }
    }

    /// <summary>Throws unless value is in [0, 1).</summary>
    private protected static void RequireDecay(double value, string name)
    {
        if (!(value >= 0 && value < 1))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 0 and below 1.");
        }
    }

    /// <summary>Throws unless epsilon keeps 0 / (0 + epsilon) a number in float arithmetic.</summary>
    private protected static void RequireEpsilon(double epsilon) => RequireRange(epsilon, SmallestEpsilon, 1, "Epsilon");

    /// <summary>1 - decay^step, Adam's correction of a moment that started from 0.</summary>
    private protected static double Correction(double decay, long step) => 1 - PortableMath.Power(decay, step);
}
