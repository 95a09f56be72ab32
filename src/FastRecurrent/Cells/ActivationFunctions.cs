using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>Applies an <see cref="Activation"/> that is known only at run time: one predictable branch a vector.</summary>
internal static class ActivationFunctions
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TVector Apply<TVector>(in Activation activation, TVector x)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector zero = TVector.Broadcast(0);
        TVector alpha = TVector.Broadcast(activation.Alpha);
        TVector beta = TVector.Broadcast(activation.Beta);
        switch (activation.Kind)
        {
            case ActivationKind.Sigmoid:
                return SimdMath.Sigmoid(x);
            case ActivationKind.Tanh:
                return SimdMath.Tanh(x);
            case ActivationKind.Relu:
                return SimdMath.Relu(x);
            case ActivationKind.Affine:
                return TVector.MultiplyAdd(alpha, x, beta);
            case ActivationKind.LeakyRelu:
                return TVector.SelectLess(x, zero, alpha * x, x);
            case ActivationKind.ThresholdedRelu:
                return TVector.SelectLess(x, alpha, zero, x);
            case ActivationKind.ScaledTanh:
                return alpha * SimdMath.Tanh(beta * x);
            case ActivationKind.HardSigmoid:
                TVector line = TVector.MultiplyAdd(alpha, x, beta);
                TVector one = TVector.Broadcast(1);
                return TVector.SelectLess(line, zero, zero, TVector.SelectLess(one, line, one, line));
            case ActivationKind.Elu:
                return SimdMath.Elu(x, alpha);
            case ActivationKind.Softsign:
                return x / (TVector.Broadcast(1) + TVector.Abs(x));
            default:
                return SimdMath.Softplus(x);
        }
    }
}
