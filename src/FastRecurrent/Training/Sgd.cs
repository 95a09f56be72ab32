using System.Runtime.CompilerServices;
using FastRecurrent.Kernels;
using FastRecurrent.Simd;
using FastRecurrent.Training;

namespace FastRecurrent
{
    /// <summary>
    /// Stochastic gradient descent with momentum:
    /// <code>
    /// v = Momentum v + g      w = w - rate v      or, with Nesterov,  w = w - rate (g + Momentum v)
    /// </code>
    /// as PyTorch writes it (Sutskever et al. 2013). Keras keeps rate * v in place of v: the same as long as the rate does not change.
    /// </summary>
    public sealed record Sgd : Optimizer
    {
        /// <summary>PyTorch's defaults: rate 0.001, no momentum.</summary>
        public Sgd()
        {
            LearningRate = 1e-3;
        }

        /// <summary>Keras's defaults: rate 0.01, no momentum.</summary>
        public static Sgd Keras { get; } = new() { LearningRate = 1e-2 };

        /// <summary>How much of v stays, at least 0 and below 1. Default 0.</summary>
        public double Momentum { get; init; }

        /// <summary>Nesterov's form; needs momentum.</summary>
        public bool Nesterov { get; init; }

        internal override IReadOnlyList<string> MomentNames => Momentum == 0 ? [] : ["momentum"];

        internal override UpdateKernel CreateKernel(KernelFactory factory) =>
            Momentum == 0 ? factory.Update<SgdRule>() : Nesterov ? factory.Update<NesterovRule>() : factory.Update<MomentumRule>();

        internal override UpdateConstants Constants(double learningRate, long step) =>
            new() { Rate = (float)learningRate, FirstDecay = (float)Momentum };

        internal override void Validate()
        {
            base.Validate();
            RequireDecay(Momentum, nameof(Momentum));
            if (Nesterov && Momentum == 0)
            {
                throw new ArgumentException("Nesterov needs a momentum above 0, 0.9 for example; it is 0.", nameof(Nesterov));
            }
        }
    }
}

namespace FastRecurrent.Training
{
    /// <summary>w - rate g.</summary>
    internal readonly struct SgdRule : IUpdateRule
    {
        public static int Moments => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Update<TVector>(TVector weight, TVector gradient, ref TVector first, ref TVector second, in UpdateVectors<TVector> constants)
            where TVector : unmanaged, ISimdVector<TVector> =>
            TVector.MultiplyAdd(gradient, constants.NegativeRate, weight);
    }

    /// <summary>v = momentum v + g; w - rate v.</summary>
    internal readonly struct MomentumRule : IUpdateRule
    {
        public static int Moments => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Update<TVector>(TVector weight, TVector gradient, ref TVector first, ref TVector second, in UpdateVectors<TVector> constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            first = SimdMath.FlushTiny(TVector.MultiplyAdd(first, constants.FirstDecay, gradient));
            return TVector.MultiplyAdd(first, constants.NegativeRate, weight);
        }
    }

    /// <summary>v = momentum v + g; w - rate (g + momentum v).</summary>
    internal readonly struct NesterovRule : IUpdateRule
    {
        public static int Moments => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Update<TVector>(TVector weight, TVector gradient, ref TVector first, ref TVector second, in UpdateVectors<TVector> constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector momentum = constants.FirstDecay;
            first = SimdMath.FlushTiny(TVector.MultiplyAdd(first, momentum, gradient));
            return TVector.MultiplyAdd(TVector.MultiplyAdd(first, momentum, gradient), constants.NegativeRate, weight);
        }
    }
}
