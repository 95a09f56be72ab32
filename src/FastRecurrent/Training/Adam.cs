using System.Runtime.CompilerServices;
using FastRecurrent.Kernels;
using FastRecurrent.Simd;
using FastRecurrent.Training;

namespace FastRecurrent
{
    /// <summary>
    /// What <see cref="Adam"/> and <see cref="AdamW"/> share (Kingma and Ba 2015):
    /// <code>
    /// m = Beta1 m + (1 - Beta1) g      v = Beta2 v + (1 - Beta2) g^2
    /// w = w - rate (m / (1 - Beta1^k)) / (sqrt(v / (1 - Beta2^k)) + Epsilon)
    /// Keras: w = w - rate sqrt(1 - Beta2^k) / (1 - Beta1^k) m / (sqrt(v) + Epsilon)
    /// </code>
    /// </summary>
    public abstract record AdamOptimizer : Optimizer
    {
        /// <summary>PyTorch's defaults: rate 0.001, betas 0.9 and 0.999, epsilon 1e-8.</summary>
        private protected AdamOptimizer()
        {
            LearningRate = 1e-3;
        }

        /// <summary>How much of m stays, at least 0 and below 1.</summary>
        public double Beta1 { get; init; } = 0.9;

        /// <summary>How much of v stays, at least 0 and below 1.</summary>
        public double Beta2 { get; init; } = 0.999;

        /// <summary>1e-20 to 1.</summary>
        public double Epsilon { get; init; } = 1e-8;

        /// <summary>Where epsilon stands.</summary>
        public EpsilonStyle Style { get; init; }

        internal override IReadOnlyList<string> MomentNames => AdamRule.MomentNames;

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

    /// <summary>Adam (Kingma and Ba 2015), weight decay added to the gradient.</summary>
    public sealed record Adam : AdamOptimizer
    {
        /// <summary>Keras's defaults and equation: the same, epsilon 1e-7 beside the uncorrected root.</summary>
        public static Adam Keras { get; } = new() { Epsilon = 1e-7, Style = EpsilonStyle.Keras };
    }
}

namespace FastRecurrent.Training
{
    /// <summary>m, v; w - rate m / (sqrt(v) + outer epsilon), both bias corrections folded into rate and epsilon.</summary>
    internal readonly struct AdamRule : IUpdateRule
    {
        /// <summary>Above it epsilon stays a normal float after the correction by sqrt(1 - beta2).</summary>
        public const double SmallestEpsilon = 1e-20;

        public static readonly IReadOnlyList<string> MomentNames = ["mean", "square"];

        public static int Moments => 2;

        /// <summary>
        /// With the corrections b = 1 - beta^k: rate (m / b1) / (sqrt(v / b2) + e) = (rate sqrt(b2) / b1) m / (sqrt(v) + e sqrt(b2)).
        /// </summary>
        public static UpdateConstants Constants(
            double rate, double beta1, double beta2, double epsilon, EpsilonStyle style, double correction1, double correction2) => new()
            {
                Rate = (float)(rate * Math.Sqrt(correction2) / correction1),
                FirstDecay = (float)beta1,
                FirstShare = (float)(1 - beta1),
                SecondDecay = (float)beta2,
                SecondShare = (float)(1 - beta2),
                OuterEpsilon = (float)(style == EpsilonStyle.Keras ? epsilon : epsilon * Math.Sqrt(correction2)),
            };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static TVector Update<TVector>(TVector weight, TVector gradient, ref TVector first, ref TVector second, in UpdateVectors<TVector> constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector share = gradient * constants.FirstShare;
            TVector squareShare = gradient * constants.SecondShare;
            first = SimdMath.FlushTiny(TVector.MultiplyAdd(first, constants.FirstDecay, share));
            second = SimdMath.FlushTiny(TVector.MultiplyAdd(second, constants.SecondDecay, squareShare * gradient));
            TVector root = TVector.Sqrt(second) + constants.OuterEpsilon;
            return weight - (first * constants.Rate / root);
        }
    }
}
