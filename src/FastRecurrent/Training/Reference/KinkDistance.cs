namespace FastRecurrent.Training.Reference;

/// <summary>
/// How close a forward pass came to a point where a function of it has no derivative: the bound of a clip, the corner of a
/// relu. A difference quotient across such a point says nothing about the gradient, so gradient checks keep their distance.
/// </summary>
internal sealed class KinkDistance
{
    /// <summary>The smallest distance seen since <see cref="Reset"/>.</summary>
    public double Smallest { get; private set; } = double.PositiveInfinity;

    public void Reset() => Smallest = double.PositiveInfinity;

    public void See(double distance) => Smallest = Math.Min(Smallest, Math.Abs(distance));
}

/// <summary>clamp(v) to [-bound, bound]; a bound of 0 leaves v as it is.</summary>
internal readonly struct ReferenceClip(double bound, KinkDistance kinks)
{
    public double Apply(double v)
    {
        if (bound == 0)
        {
            return v;
        }

        kinks.See(Math.Abs(v) - bound);
        return double.IsNaN(v) ? v : Math.Clamp(v, -bound, bound);
    }

    /// <summary>0 where the clamp is active, else 1; a value at the bound passes.</summary>
    public double Derivative(double v) => IsActive(v) ? 0 : 1;

    public bool IsActive(double v) => bound != 0 && Math.Abs(v) > bound;
}
