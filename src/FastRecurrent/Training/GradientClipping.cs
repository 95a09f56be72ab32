namespace FastRecurrent;

/// <summary>Limits gradients before the optimizer sees them. Made by the factories; <see cref="None"/> is the default.</summary>
public sealed record GradientClipping
{
    private GradientClipping(ClippingKind kind, double limit)
    {
        if (!double.IsFinite(limit) || limit < SmallestLimit)
        {
            throw new ArgumentOutOfRangeException(nameof(limit), limit, $"A clipping limit must be a finite value of at least {SmallestLimit}; GradientClipping.None does not clip.");
        }

        Kind = kind;
        Limit = limit;
    }

    private const double SmallestLimit = 1e-30;

    /// <summary>No limit.</summary>
    public static GradientClipping None { get; } = new(ClippingKind.None, double.MaxValue);

    /// <summary>The limit; the largest double for <see cref="None"/>.</summary>
    public double Limit { get; }

    internal ClippingKind Kind { get; }

    /// <summary>Clamps every gradient to [-limit, limit].</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not finite or below 1e-30.</exception>
    public static GradientClipping ByValue(double limit) => new(ClippingKind.Value, limit);

    /// <summary>Scales the gradients of each parameter block (a weight matrix or a vector) so that their Euclidean norm is at most the limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not finite or below 1e-30.</exception>
    public static GradientClipping ByNorm(double limit) => new(ClippingKind.Norm, limit);

    /// <summary>Scales all gradients together so that their Euclidean norm is at most the limit (Pascanu, Mikolov and Bengio 2013).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not finite or below 1e-30.</exception>
    public static GradientClipping ByGlobalNorm(double limit) => new(ClippingKind.GlobalNorm, limit);

    /// <summary>How, and to what limit.</summary>
    public override string ToString() => Kind == ClippingKind.None ? "None" : $"By{Kind}({Limit})";

    /// <summary>What gradients are clamped to.</summary>
    internal float ValueLimit => Kind == ClippingKind.Value && Limit < float.MaxValue ? (float)Limit : float.MaxValue;

    /// <summary>The factor of each block's gradients, for finite norms.</summary>
    internal void Scales(ReadOnlySpan<double> squaredNorms, Span<float> scales)
    {
        double total = 0;
        for (int i = 0; i < squaredNorms.Length; i++)
        {
            total += squaredNorms[i];
            scales[i] = Kind == ClippingKind.Norm ? Scale(squaredNorms[i]) : 1;
        }

        if (Kind == ClippingKind.GlobalNorm)
        {
            scales[..squaredNorms.Length].Fill(Scale(total));
        }
    }

    private float Scale(double squaredNorm)
    {
        double norm = Math.Sqrt(squaredNorm);
        return norm > Limit ? (float)(Limit / norm) : 1;
    }
}

/// <summary>What is limited.</summary>
internal enum ClippingKind
{
    None,
    Value,
    Norm,
    GlobalNorm,
}
