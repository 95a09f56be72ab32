using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Whole and partial vectors of a row of features whose end is not padded.</summary>
internal static unsafe class RowVector
{
    /// <summary>The first <paramref name="valid"/> floats, or a whole vector where there are as many; zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector>(float* source, int valid)
        where TVector : unmanaged, ISimdVector<TVector> =>
        valid >= TVector.Count ? TVector.Load(source) : TVector.LoadPartial(source, valid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector>(TVector value, float* destination, int valid)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        if (valid >= TVector.Count)
        {
            TVector.Store(value, destination);
        }
        else
        {
            TVector.StorePartial(value, destination, valid);
        }
    }

    /// <summary>The value with zeros behind the first <paramref name="valid"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OnlyValid<TVector>(TVector value, int valid)
        where TVector : unmanaged, ISimdVector<TVector> =>
        valid >= TVector.Count ? value : TVector.LoadPartial((float*)&value, valid);
}
