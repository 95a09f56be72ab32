using FastRecurrent.Simd;

namespace FastRecurrent.Tests;

/// <summary>A function of <see cref="SimdMath"/>, and the same in double precision.</summary>
internal interface IVectorFunction
{
    static abstract TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector>;

    static abstract double Exact(double x);
}

internal readonly struct TanhFunction : IVectorFunction
{
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Tanh(x);

    public static double Exact(double x) => Math.Tanh(x);
}

internal readonly struct SigmoidFunction : IVectorFunction
{
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Sigmoid(x);

    public static double Exact(double x) => 1 / (1 + Math.Exp(-x));
}

internal readonly struct ExpFunction : IVectorFunction
{
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Exp(x);

    public static double Exact(double x) => Math.Exp(x);
}

internal readonly struct EluFunction : IVectorFunction
{
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Elu(x, TVector.Broadcast(1));

    public static double Exact(double x) => x >= 0 ? x : ExpMinus1(x);

    /// <summary>Kahan's exp(x) - 1: the rounding of exp(x) is divided out by its own logarithm.</summary>
    private static double ExpMinus1(double x)
    {
        double e = Math.Exp(x);
        return e == 1 ? x : e - 1 == -1 ? -1 : (e - 1) * x / Math.Log(e);
    }
}

internal readonly struct SoftplusFunction : IVectorFunction
{
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Softplus(x);

    public static double Exact(double x) => Math.Max(x, 0) + LogOf1Plus(Math.Exp(-Math.Abs(x)));

    /// <summary>Kahan's log(1 + u).</summary>
    private static double LogOf1Plus(double u) => 1 + u == 1 ? u : Math.Log(1 + u) * u / (1 + u - 1);
}

/// <summary>Applies a function to arrays with the vectors of an instruction set.</summary>
internal static unsafe class VectorFunctions
{
    public static float[] Apply<TFunction>(KernelSet set, float[] x)
        where TFunction : struct, IVectorFunction
    {
        float[] y = new float[x.Length];
        Apply<TFunction>(set, x, y);
        return y;
    }

    public static void Apply<TFunction>(KernelSet set, float[] x, float[] y)
        where TFunction : struct, IVectorFunction
    {
        switch (set)
        {
            case KernelSet.Avx512: Apply<Vector512F, TFunction>(x, y); break;
            case KernelSet.Avx2: Apply<Vector256F, TFunction>(x, y); break;
            case KernelSet.Vector128: Apply<Vector128F, TFunction>(x, y); break;
            case KernelSet.Vector: Apply<VectorTF, TFunction>(x, y); break;
            default: Apply<ScalarF, TFunction>(x, y); break;
        }
    }

    private static void Apply<TVector, TFunction>(float[] x, float[] y)
        where TVector : unmanaged, ISimdVector<TVector>
        where TFunction : struct, IVectorFunction
    {
        fixed (float* from = x, to = y)
        {
            int i = 0;
            for (; i + TVector.Count <= x.Length; i += TVector.Count)
                TVector.Store(TFunction.Apply(TVector.Load(from + i)), to + i);

            if (i < x.Length)
                TVector.StorePartial(TFunction.Apply(TVector.LoadPartial(from + i, x.Length - i)), to + i, x.Length - i);
        }
    }
}
