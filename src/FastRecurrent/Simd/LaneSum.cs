using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace FastRecurrent.Simd;

/// <summary>
/// Sums in 16 virtual lanes: element i goes to lane i mod 16 in the order of i, then the lanes are added as a fixed tree
/// (8 + 8, 4 + 4, 2 + 2, 1 + 1). The same bits for every vector width.
/// </summary>
internal static unsafe class LaneSum
{
    public const int Lanes = 16;

    /// <summary>The tree over 16 lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tree(float* lanes)
    {
        Vector256<float> eight = Vector256.Load(lanes) + Vector256.Load(lanes + 8);
        return Tree(eight);
    }

    /// <summary>The tree from 8 lanes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Tree(Vector256<float> eight)
    {
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1));
        return two.ToScalar() + two.GetElement(1);
    }

    /// <summary>lane[offset..] += value.</summary>
    public static void Accumulate<TVector>(float* lanes, int offset, TVector value)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        float* lane = lanes + (offset & (Lanes - 1));
        TVector.Store(TVector.Load(lane) + value, lane);
    }

    /// <summary>The sum over k of a[k] * b[k] in 16 lanes of fused multiply-adds; b is padded with zeros to a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot<TVector>(float* a, float* b, int length)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        int whole = length & ~(Lanes - 1);
        if (TVector.Count == Lanes)
        {
            Vector512<float> all = Unsafe.BitCast<TVector, Vector512<float>>(Lane<TVector>(a, b, length, whole, 0));
            return Tree(all.GetLower() + all.GetUpper());
        }

        Vector512<float> lanes;
        for (int lane = 0; lane < Lanes; lane += TVector.Count)
        {
            TVector.Store(Lane<TVector>(a, b, length, whole, lane), (float*)&lanes + lane);
        }

        return Tree((float*)&lanes);
    }

    /// <summary>The sums of lanes lane, lane + 1, ... of one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Lane<TVector>(float* a, float* b, int length, int whole, int lane)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector sum = TVector.Broadcast(0);
        for (int k = lane; k < whole; k += Lanes)
        {
            sum = TVector.MultiplyAdd(TVector.Load(a + k), TVector.Load(b + k), sum);
        }

        if (whole < length)
        {
            int first = whole + lane;
            TVector tail = length - first >= TVector.Count ? TVector.Load(a + first)
                : length > first ? TVector.LoadPartial(a + first, length - first)
                : TVector.Broadcast(0);
            sum = TVector.MultiplyAdd(tail, TVector.Load(b + first), sum);
        }

        return sum;
    }
}
