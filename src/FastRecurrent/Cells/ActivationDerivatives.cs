using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// da/dx of an <see cref="Activation"/> from its value y = a(x), so that the backward pass needs no pre-activations. At a kink
/// the derivative is the one of the smaller slope's side: relu'(0) = 0.
/// </summary>
internal static class ActivationDerivatives
{
    /// <summary>Whether x can be told from y as far as the derivative needs it: a negative slope below 0 cannot.</summary>
    public static bool Exists(in Activation activation) =>
        activation.Kind is not (ActivationKind.LeakyRelu or ActivationKind.Elu) || activation.Alpha >= 0;

    /// <summary>sigmoid' = y (1 - y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid<TVector>(TVector y)
        where TVector : unmanaged, ISimdVector<TVector> => y * (TVector.Broadcast(1) - y);

    /// <summary>tanh' = 1 - y^2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh<TVector>(TVector y)
        where TVector : unmanaged, ISimdVector<TVector> => TVector.Broadcast(1) - (y * y);

    /// <summary>The derivative where the activation's input was clamped to [-clip, clip] (0: was not): 0 where the clamp acted.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TVector Of<TVector>(in Activation activation, TVector y, float clip = 0)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector derivative = Of(activation, y);
        if (clip <= 0)
        {
            return derivative;
        }

        // A thresholded ReLU falls to 0 below a negative threshold: its values at the clamp bound nothing, but where it is not 0, y is x.
        TVector atLow = TVector.Broadcast(-clip);
        TVector atHigh = TVector.Broadcast(clip);
        if (activation.Kind != ActivationKind.ThresholdedRelu)
        {
            atLow = ActivationFunctions.Apply(activation, atLow);
            atHigh = ActivationFunctions.Apply(activation, atHigh);
        }

        TVector low = TVector.SelectLess(atLow, atHigh, atLow, atHigh);
        TVector high = TVector.SelectLess(atLow, atHigh, atHigh, atLow);
        TVector zero = TVector.Broadcast(0);
        return TVector.SelectLess(low, y, TVector.SelectLess(y, high, derivative, zero), zero);
    }

    private static TVector Of<TVector>(in Activation activation, TVector y)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector zero = TVector.Broadcast(0);
        TVector one = TVector.Broadcast(1);
        TVector alpha = TVector.Broadcast(activation.Alpha);
        switch (activation.Kind)
        {
            case ActivationKind.Sigmoid:
                return Sigmoid(y);
            case ActivationKind.Tanh:
                return Tanh(y);
            case ActivationKind.Relu:
                return TVector.SelectLess(zero, y, one, zero);
            case ActivationKind.Affine:
                return alpha;
            case ActivationKind.LeakyRelu:
                return TVector.SelectLess(zero, y, one, alpha);
            case ActivationKind.ThresholdedRelu:
                return TVector.SelectLess(zero, TVector.Abs(y), one, zero);
            case ActivationKind.ScaledTanh:
                // y / alpha = tanh(beta x); alpha 0 makes a constant.
                return activation.Alpha == 0 ? zero : TVector.Broadcast(activation.Beta) * (alpha - (y * (y / alpha)));
            case ActivationKind.HardSigmoid:
                return TVector.SelectLess(zero, y, TVector.SelectLess(y, one, alpha, zero), zero);
            case ActivationKind.Elu:
                return TVector.SelectLess(zero, y, one, y + alpha);
            case ActivationKind.Softsign:
                TVector rest = one - TVector.Abs(y);
                return rest * rest;
            default:
                // softplus: y = log(1 + e^x), so e^x / (1 + e^x) = 1 - e^-y.
                return one - SimdMath.Exp(zero - y);
        }
    }
}
