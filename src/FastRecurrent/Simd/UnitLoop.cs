using System.Runtime.CompilerServices;

namespace FastRecurrent.Simd;

/// <summary>Work on units that lie side by side, written once for every vector width.</summary>
internal interface IUnitLoop
{
    /// <summary>Works on units [first, first + count), whole vectors of them.</summary>
    void Run<TVector>(int first, int count)
        where TVector : unmanaged, ISimdVector<TVector>;
}

/// <summary>A function for each vector width, as an address: a type argument cannot be a function pointer.</summary>
internal interface IWidthFunction
{
    static abstract nint Of<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>;
}

/// <summary>
/// Two rows as one vector. An activation is a long chain of operations; the next row's then stand beside it instead of behind it.
/// </summary>
internal static class RowPairs
{
    /// <summary>Rows of a pair.</summary>
    public const int Rows = 2;

    /// <summary>A function for pairs of TVector's rows; null where TVector has none, because its registers would not hold them.</summary>
    public static nint Of<TVector, TFunction>()
        where TVector : unmanaged, ISimdVector<TVector>
        where TFunction : struct, IWidthFunction => typeof(TVector) == typeof(Vector512F) ? TFunction.Of<Vector512Pair>() : 0;
}

/// <summary>
/// Covers any number of units with whole vectors: wide ones first, then narrower ones for the rest. Every width gives the same
/// bits, so nothing needs to load or store a part of a vector.
/// </summary>
internal static class UnitLoop
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TVector, TLoop>(int count, in TLoop loop)
        where TVector : unmanaged, ISimdVector<TVector>
        where TLoop : struct, IUnitLoop
    {
        int done = count / TVector.Count * TVector.Count;
        if (done > 0)
        {
            loop.Run<TVector>(0, done);
        }

        if (done < count)
        {
            Rest<TVector, TLoop>(done, count, loop);
        }
    }

    /// <summary>The function of the narrowest vector that holds this many units, or of the widest one, TVector.</summary>
    public static nint Narrowest<TVector, TFunction>(int units)
        where TVector : unmanaged, ISimdVector<TVector>
        where TFunction : struct, IWidthFunction =>
        units <= Vector128F.Count && TVector.Count > Vector128F.Count ? TFunction.Of<Vector128F>()
        : units <= Vector256F.Count && TVector.Count > Vector256F.Count ? TFunction.Of<Vector256F>()
        : TFunction.Of<TVector>();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Rest<TVector, TLoop>(int done, int count, in TLoop loop)
        where TVector : unmanaged, ISimdVector<TVector>
        where TLoop : struct, IUnitLoop
    {
        done = Rest<TVector, Vector256F, TLoop>(done, count, loop);
        done = Rest<TVector, Vector128F, TLoop>(done, count, loop);
        Rest<TVector, ScalarF, TLoop>(done, count, loop);
    }

    private static int Rest<TVector, TNarrow, TLoop>(int done, int count, in TLoop loop)
        where TVector : unmanaged, ISimdVector<TVector>
        where TNarrow : unmanaged, ISimdVector<TNarrow>
        where TLoop : struct, IUnitLoop
    {
        int units = (count - done) / TNarrow.Count * TNarrow.Count;
        if (TNarrow.Count < TVector.Count && units > 0)
        {
            loop.Run<TNarrow>(done, units);
            return done + units;
        }

        return done;
    }
}
