using System.Runtime.CompilerServices;
using FastRecurrent.Kernels;
using FastRecurrent.Simd;
using FastRecurrent.Training;

namespace FastRecurrent
{
    /// <summary>
    /// RMSProp (Tieleman and Hinton 2012), plain: neither centered nor with momentum.
    /// <code>
    /// v = Decay v + (1 - Decay) g^2      w = w - rate g / (sqrt(v) + Epsilon)      Keras: w - rate g / sqrt(v + Epsilon)
    /// </code>
    /// </summary>
    public sealed record RmsProp : Optimizer
    {
        /// <summary>PyTorch's defaults: rate 0.01, decay 0.99 (its alpha), epsilon 1e-8.</summary>
        public RmsProp()
        {
            LearningRate = 1e-2;
        }

        /// <summary>Keras's defaults and equation: rate 0.001, decay 0.9 (its rho), epsilon 1e-7 under the root.</summary>
        public static RmsProp Keras { get; } = new() { LearningRate = 1e-3, Decay = 0.9, Epsilon = 1e-7, Style = EpsilonStyle.Keras };

        /// <summary>How much of v stays, at least 0 and below 1.</summary>
        public double Decay { get; init; } = 0.99;

        /// <summary>1e-30 to 1.</summary>
        public double Epsilon { get; init; } = 1e-8;

        /// <summary>Where epsilon stands.</summary>
        public EpsilonStyle Style { get; init; }

        internal override IReadOnlyList<string> MomentNames => ["square"];

        internal override UpdateKernel CreateKernel(KernelFactory factory) => factory.Update<RootRule>();

        internal override UpdateConstants Constants(double learningRate, long step) => new()
        {
            Rate = (float)learningRate,
            SecondDecay = (float)Decay,
            SecondShare = (float)(1 - Decay),
            InnerEpsilon = Style == EpsilonStyle.Keras ? (float)Epsilon : 0,
            OuterEpsilon = Style == EpsilonStyle.Keras ? 0 : (float)Epsilon,
        };

        internal override void Validate()
        {
            base.Validate();
            RequireDecay(Decay, nameof(Decay));
            RequireEpsilon(Epsilon);
        }
    }
}

namespace FastRecurrent.Training
{
    /// <summary>v = decay v + share g^2; w - rate g / (sqrt(v + inner epsilon) + outer epsilon). v is the rule's one moment.</summary>
    internal readonly struct RootRule : IUpdateRule
    {
        public static int Moments => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Update<TVector>(TVector weight, TVector gradient, ref TVector first, ref TVector second, in UpdateVectors<TVector> constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector share = gradient * constants.SecondShare;
            TVector square = TVector.MultiplyAdd(first, constants.SecondDecay, share * gradient);
            first = SimdMath.FlushTiny(square);
            TVector root = TVector.Sqrt(first + constants.InnerEpsilon) + constants.OuterEpsilon;
            return weight - (gradient * constants.Rate / root);
        }
    }
}
