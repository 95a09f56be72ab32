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
        Vector128<float> four = (Vector128.Load(lanes) + Vector128.Load(lanes + 8)) + (Vector128.Load(lanes + 4) + Vector128.Load(lanes + 12));
        Vector64<float> two = four.GetLower() + four.GetUpper();
        return two.GetElement(0) + two.GetElement(1);
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
        Vector512<float> lanes;
        int whole = length & ~(Lanes - 1);
        for (int lane = 0; lane < Lanes; lane += TVector.Count)
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

            TVector.Store(sum, (float*)&lanes + lane);
        }

        return Tree((float*)&lanes);
    }
}
