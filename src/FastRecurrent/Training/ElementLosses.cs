using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>A loss of one output and one target: l and dl/dy.</summary>
internal interface IElementLoss
{
    (double Value, double Slope) Of(double y, double target);
}

/// <summary>l = (y - t)^2, l' = 2 (y - t).</summary>
internal readonly struct SquaredError : ILossTerm, IElementLoss
{
    public int TargetSize(int outputSize) => outputSize;

    public int Elements(int outputSize) => outputSize;

    public (double Value, double Slope) Of(double y, double target) => ((y - target) * (y - target), 2 * (y - target));

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient) =>
        ElementLoop.Step(this, y, target, scale, gradient);
}

/// <summary>l = |y - t|, l' = sign(y - t).</summary>
internal readonly struct AbsoluteError : ILossTerm, IElementLoss
{
    public int TargetSize(int outputSize) => outputSize;

    public int Elements(int outputSize) => outputSize;

    public (double Value, double Slope) Of(double y, double target)
    {
        double d = y - target;
        return (Math.Abs(d), d > 0 ? 1 : d < 0 ? -1 : d);
    }

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient) =>
        ElementLoop.Step(this, y, target, scale, gradient);
}

/// <summary>l = d^2 / 2, l' = d within delta; l = delta (|d| - delta / 2), l' = delta sign(d) beyond.</summary>
internal readonly struct HuberError(double delta) : ILossTerm, IElementLoss
{
    public int TargetSize(int outputSize) => outputSize;

    public int Elements(int outputSize) => outputSize;

    public (double Value, double Slope) Of(double y, double target)
    {
        double d = y - target;
        return Math.Abs(d) > delta ? (delta * (Math.Abs(d) - (delta / 2)), d > 0 ? delta : -delta) : (d * d / 2, d);
    }

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient) =>
        ElementLoop.Step(this, y, target, scale, gradient);
}

/// <summary>l = max(z, 0) - z t + ln(1 + e^-|z|), l' = sigmoid(z) - t.</summary>
internal readonly struct BinaryCrossEntropy : ILossTerm, IElementLoss
{
    public int TargetSize(int outputSize) => outputSize;

    public int Elements(int outputSize) => outputSize;

    public (double Value, double Slope) Of(double y, double target)
    {
        if (!(target >= 0 && target <= 1))
        {
            throw new ArgumentException($"A target is {target}; binary cross-entropy wants probabilities, 0 to 1.", nameof(target));
        }

        double e = PortableMath.Exp(-Math.Abs(y));
        double sigmoid = (y < 0 ? e : 1) / (1 + e);
        return (Math.Max(y, 0) - (y * target) + PortableMath.LogOf1Plus(e), sigmoid - target);
    }

    public double Step(ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient) =>
        ElementLoop.Step(this, y, target, scale, gradient);
}

/// <summary>The loop over one step's elements.</summary>
internal static class ElementLoop
{
    public static double Step<TLoss>(TLoss loss, ReadOnlySpan<float> y, ReadOnlySpan<float> target, double scale, Span<float> gradient)
        where TLoss : struct, IElementLoss
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            (double value, double slope) = loss.Of(y[i], target[i]);
            sum += value;
            if (!gradient.IsEmpty)
            {
                gradient[i] = LossGradient.Rounded(scale * slope);
            }
        }

        return sum;
    }
}
