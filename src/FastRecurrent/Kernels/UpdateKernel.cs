using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>What one step of an optimizer takes beside weights, gradients and moments; which of them a rule reads is the rule's.</summary>
internal readonly struct UpdateConstants
{
    /// <summary>The factor of the gradients, from clipping by norm.</summary>
    public float GradientScale { get; init; }

    /// <summary>Scaled gradients are clamped to +- this; the largest float for none.</summary>
    public float GradientLimit { get; init; }

    /// <summary>What is added to the gradient for a weight of 1: coupled decay.</summary>
    public float Coupled { get; init; }

    /// <summary>What is left of a weight: 1, or less with decoupled decay.</summary>
    public float Keep { get; init; }

    /// <summary>The step size.</summary>
    public float Rate { get; init; }

    /// <summary>How much of the first moment stays.</summary>
    public float FirstDecay { get; init; }

    /// <summary>How much of the gradient the first moment takes.</summary>
    public float FirstShare { get; init; }

    /// <summary>How much of the second moment stays.</summary>
    public float SecondDecay { get; init; }

    /// <summary>How much of the squared gradient the second moment takes.</summary>
    public float SecondShare { get; init; }

    /// <summary>Epsilon under the root.</summary>
    public float InnerEpsilon { get; init; }

    /// <summary>Epsilon beside the root.</summary>
    public float OuterEpsilon { get; init; }
}

/// <summary>
/// The constants as vectors, made before the pass: the compiler leaves a broadcast of a register where it stands, in the loop, and ten of
/// them were a quarter of Adam's time.
/// </summary>
internal readonly struct UpdateVectors<TVector>(in UpdateConstants constants)
    where TVector : unmanaged, ISimdVector<TVector>
{
    public readonly TVector GradientScale = TVector.Broadcast(constants.GradientScale);
    public readonly TVector HighestGradient = TVector.Broadcast(constants.GradientLimit);
    public readonly TVector LowestGradient = TVector.Broadcast(-constants.GradientLimit);
    public readonly TVector Coupled = TVector.Broadcast(constants.Coupled);
    public readonly TVector Keep = TVector.Broadcast(constants.Keep);
    public readonly TVector Rate = TVector.Broadcast(constants.Rate);
    public readonly TVector NegativeRate = TVector.Broadcast(-constants.Rate);
    public readonly TVector FirstDecay = TVector.Broadcast(constants.FirstDecay);
    public readonly TVector FirstShare = TVector.Broadcast(constants.FirstShare);
    public readonly TVector SecondDecay = TVector.Broadcast(constants.SecondDecay);
    public readonly TVector SecondShare = TVector.Broadcast(constants.SecondShare);
    public readonly TVector InnerEpsilon = TVector.Broadcast(constants.InnerEpsilon);
    public readonly TVector OuterEpsilon = TVector.Broadcast(constants.OuterEpsilon);
}

/// <summary>The equations of an optimizer for one vector of parameters. Element by element: any cut of a block gives the same bits.</summary>
internal interface IUpdateRule
{
    /// <summary>How many moments a parameter has, 0 to 2.</summary>
    static abstract int Moments { get; }

    /// <summary>
    /// The new weight, from the weight after decoupled decay and the gradient after clipping and coupled decay. A weight of 0
    /// whose gradients are 0, which is padding, must stay 0.
    /// </summary>
    static abstract TVector Update<TVector>(
        TVector weight, TVector gradient, ref TVector first, ref TVector second, in UpdateVectors<TVector> constants)
        where TVector : unmanaged, ISimdVector<TVector>;
}

/// <summary>One pass over weights, gradients and moments.</summary>
internal abstract unsafe class UpdateKernel
{
    /// <summary>How many moments a parameter has, 0 to 2.</summary>
    public abstract int Moments { get; }

    /// <summary>Updates <paramref name="length"/> parameters, whole vectors; a moment that the rule has not is never touched.</summary>
    public abstract void Run(float* weights, float* gradients, float* first, float* second, int length, in UpdateConstants constants);
}

/// <summary>The pass, closed over the instruction set and the optimizer's equations.</summary>
internal sealed unsafe class UpdateKernel<TVector, TRule> : UpdateKernel
    where TVector : unmanaged, ISimdVector<TVector>
    where TRule : struct, IUpdateRule
{
    public override int Moments => TRule.Moments;

    public override void Run(float* weights, float* gradients, float* first, float* second, int length, in UpdateConstants constants)
    {
        UpdateVectors<TVector> c = new(constants);
        TVector zero = TVector.Broadcast(0);
        for (int i = 0; i < length; i += TVector.Count)
        {
            TVector weight = TVector.Load(weights + i);
            TVector gradient = TVector.Load(gradients + i) * c.GradientScale;
            gradient = TVector.Clamp(gradient, c.LowestGradient, c.HighestGradient);
            gradient = TVector.MultiplyAdd(weight, c.Coupled, gradient);
            TVector m = TRule.Moments > 0 ? TVector.Load(first + i) : zero;
            TVector v = TRule.Moments > 1 ? TVector.Load(second + i) : zero;
            weight = TRule.Update(weight * c.Keep, gradient, ref m, ref v, c);
            TVector.Store(SimdMath.FlushTiny(weight), weights + i);
            if (TRule.Moments > 0)
            {
                TVector.Store(m, first + i);
            }

            if (TRule.Moments > 1)
            {
                TVector.Store(v, second + i);
            }
        }
    }
}
