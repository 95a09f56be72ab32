using System.Runtime.CompilerServices;

namespace FastRecurrent.Simd;

/// <summary>
/// The functions behind the activations: one source for every vector width, fixed sequences of IEEE operations, no
/// approximate instruction. The polynomials are the project's own minimax fits, rounded to float and then searched for the
/// smallest error of the whole sequence over every float (docs/numerics.md has the errors and how to measure them again);
/// operation order and constants belong together, so changing either voids the bounds. Short dependency chains come first:
/// Estrin's scheme, and selects at the end in place of clamps at the start.
/// </summary>
internal static class SimdMath
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    private const float Log2E = 1.44269502f;
    private const float Ln2 = 0.693147182f;
    private const float Ln2Rest = -1.90465421e-09f;

    /// <summary>x + Magic has the integer nearest to x in its low mantissa bits.</summary>
    private const float Magic = 12582912f;

    /// <summary>The same for the nearest multiple of 1/2.</summary>
    private const float MagicHalves = 6291456f;

    /// <summary>Just inside 126 ln 2: below -NormalRange exp is no longer a normal number.</summary>
    private const float NormalRange = 87.3365402f;

    /// <summary>The first float whose exp overflows.</summary>
    private const float ExpOverflow = 88.7228394f;

    /// <summary>The last float below 8.05, from where on tanh is given as 1.</summary>
    private const float TanhRange = 8.04999924f;

    /// <summary>What is smaller in magnitude becomes 0.</summary>
    public const float Tiny = 1e-30f;


    /// <summary>
    /// tanh(x) = x P(u) / Q(u), u = x^2, P of degree 5, Q of degree 3. At most 4.2 ULP, odd bit for bit, never beyond 1,
    /// exactly 1 from 8.05 on, tanh(x) = x for tiny x; NaN stays.
    /// </summary>
    [MethodImpl(Inline)]
    public static TVector Tanh<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector u = x * x;
        TVector u2 = u * u;
        TVector xu = x * u;
        TVector p23 = TVector.MultiplyAdd(u, TVector.Broadcast(9.84827966e-06f), TVector.Broadcast(0.00298271724f));
        TVector p45 = TVector.MultiplyAdd(u, TVector.Broadcast(2.32148502e-11f), TVector.Broadcast(-1.46036081e-08f));
        TVector q01 = TVector.MultiplyAdd(u, TVector.Broadcast(0.463096648f), TVector.Broadcast(1));
        TVector q23 = TVector.MultiplyAdd(u, TVector.Broadcast(0.000236758569f), TVector.Broadcast(0.0240152087f));
        TVector denominator = TVector.MultiplyAdd(u2, q23, q01);
        TVector high = TVector.MultiplyAdd(u2, p45, p23);
        TVector low = TVector.MultiplyAdd(xu, TVector.Broadcast(0.129763484f), x);
        TVector numerator = TVector.MultiplyAdd(high, x * u2, low);
        TVector one = TVector.SelectLess(x, TVector.Broadcast(0), TVector.Broadcast(-1), TVector.Broadcast(1));
        return TVector.SelectLess(TVector.Broadcast(TanhRange), TVector.Abs(x), one, numerator / denominator);
    }

    /// <summary>
    /// 1 / (1 + exp(-x)) as S / (S + exp(-r)) with S = 2^n, n the nearest multiple of 1/2 to x / ln 2 and r = x - n ln 2, so
    /// that the polynomial needs degree 4 only. At most 1.0e-7 absolute and 4.6e-7 relative; within 0..1, exactly 0 and 1 beyond
    /// +-87.3, never subnormal; NaN stays.
    /// </summary>
    [MethodImpl(Inline)]
    public static TVector Sigmoid<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector magic = TVector.Broadcast(MagicHalves);
        TVector t = TVector.MultiplyAdd(x, TVector.Broadcast(Log2E), magic);
        TVector w0 = TVector.MultiplyAdd(x, TVector.Broadcast(0.0417271964f), TVector.Broadcast(-0.166963547f));
        TVector n = t - magic;
        TVector s = TVector.PowerOfHalves(t);
        TVector r = TVector.MultiplyAdd(n, TVector.Broadcast(-Ln2), x);
        TVector w = TVector.MultiplyAdd(n, TVector.Broadcast(-0.0289230887f), w0);
        TVector q = TVector.MultiplyAdd(r, w, TVector.Broadcast(0.499998748f));
        TVector p01 = TVector.MultiplyAdd(r, TVector.Broadcast(-0.999997973f), TVector.Broadcast(1));
        TVector p = TVector.MultiplyAdd(r * r, q, p01);
        TVector saturated = TVector.SelectLess(TVector.Broadcast(0), x, TVector.Broadcast(1), TVector.Broadcast(0));
        return TVector.SelectLess(TVector.Broadcast(NormalRange), TVector.Abs(x), saturated, s / (s + p));
    }

    /// <summary>exp(x), at most 1.7 ULP; 0 where the result would be subnormal, infinity above 88.72; NaN stays.</summary>
    [MethodImpl(Inline)]
    public static TVector Exp<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector t = Reduce(x, out TVector n, out TVector r);
        TVector correction = n * TVector.Broadcast(-Ln2Rest);
        TVector rho = TVector.MultiplyAdd(n, TVector.Broadcast(-Ln2Rest), TVector.Broadcast(1));
        TVector p01 = TVector.Broadcast(1) + TVector.MultiplyAdd(r, rho, correction);
        TVector p = TVector.MultiplyAdd(r * r, ExpTail(x, n, r), p01);
        TVector e = TVector.ScaleByExponent(p, t);
        TVector upper = TVector.SelectLess(x, TVector.Broadcast(ExpOverflow), e, x + TVector.Broadcast(float.PositiveInfinity));
        return TVector.SelectLess(x, TVector.Broadcast(-NormalRange), TVector.Broadcast(0), upper);
    }

    /// <summary>x where x >= 0, alpha (exp(x) - 1) elsewhere; at most 1.3 ULP for alpha = 1; NaN stays.</summary>
    [MethodImpl(Inline)]
    public static TVector Elu<TVector>(TVector x, TVector alpha)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector zero = TVector.Broadcast(0);
        TVector t = Reduce(x, out TVector n, out TVector r);
        TVector s = alpha * TVector.ScaleByExponent(TVector.Broadcast(1), t);
        TVector low = TVector.MultiplyAdd(s, r, s - alpha);
        TVector value = TVector.MultiplyAdd(s * (r * r), ExpTail(x, n, r), low);
        value = TVector.SelectLess(x, TVector.Broadcast(-17.5f), zero - alpha, value);
        return TVector.SelectLess(x, zero, value, x);
    }

    /// <summary>log(1 + exp(x)) = max(x, 0) + log1p(exp(-|x|)), at most 2.6 ULP; NaN stays.</summary>
    [MethodImpl(Inline)]
    public static TVector Softplus<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> =>
        Relu(x) + Log1P(Exp(TVector.Broadcast(0) - TVector.Abs(x)));

    /// <summary>max(x, 0), +0 for -0; NaN stays.</summary>
    [MethodImpl(Inline)]
    public static TVector Relu<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector zero = TVector.Broadcast(0);
        return TVector.SelectLess(x, zero, zero, x + zero);
    }

    /// <summary>The value, or 0 where it is smaller than 1e-30 in magnitude: no subnormal ever enters a state. NaN stays.</summary>
    [MethodImpl(Inline)]
    public static TVector FlushTiny<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> =>
        TVector.SelectLess(TVector.Abs(x), TVector.Broadcast(Tiny), TVector.Broadcast(0), x);

    /// <summary>log(1 + u) for u in [0, 1], at most 1.6 ULP: u + u^2 q(u), q of degree 7.</summary>
    [MethodImpl(Inline)]
    private static TVector Log1P<TVector>(TVector u)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector u2 = u * u;
        TVector a01 = TVector.MultiplyAdd(u, TVector.Broadcast(0.33321324f), TVector.Broadcast(-0.499996513f));
        TVector a23 = TVector.MultiplyAdd(u, TVector.Broadcast(0.191536501f), TVector.Broadcast(-0.24857159f));
        TVector b01 = TVector.MultiplyAdd(u, TVector.Broadcast(0.0792048797f), TVector.Broadcast(-0.137538135f));
        TVector b23 = TVector.MultiplyAdd(u, TVector.Broadcast(0.00536488974f), TVector.Broadcast(-0.0300660674f));
        TVector low = TVector.MultiplyAdd(u2, a23, a01);
        TVector high = TVector.MultiplyAdd(u2, b23, b01);
        return TVector.MultiplyAdd(u2, TVector.MultiplyAdd(u2 * u2, high, low), u);
    }

    /// <summary>x = n ln 2 + r, |r| at most ln 2 / 2; returns n in the form that ScaleByExponent takes.</summary>
    [MethodImpl(Inline)]
    private static TVector Reduce<TVector>(TVector x, out TVector n, out TVector r)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector magic = TVector.Broadcast(Magic);
        TVector t = TVector.MultiplyAdd(x, TVector.Broadcast(Log2E), magic);
        n = t - magic;
        r = TVector.MultiplyAdd(n, TVector.Broadcast(-Ln2), x);
        return t;
    }

    /// <summary>(exp(r) - 1 - r) / r^2, of degree 4 in r; its last coefficients start from x and n, beside the reduction.</summary>
    [MethodImpl(Inline)]
    private static TVector ExpTail<TVector>(TVector x, TVector n, TVector r)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector w0 = TVector.MultiplyAdd(x, TVector.Broadcast(0.00138214324f), TVector.Broadcast(0.00836694147f));
        TVector w = TVector.MultiplyAdd(n, TVector.Broadcast(-0.000958028715f), w0);
        TVector high = TVector.MultiplyAdd(r, w, TVector.Broadcast(0.041670613f));
        TVector p23 = TVector.MultiplyAdd(r, TVector.Broadcast(0.166665375f), TVector.Broadcast(0.499999702f));
        return TVector.MultiplyAdd(r * r, high, p23);
    }
}
