using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Zoneout at inference: the expectation of a state that keeps its old value with a probability (Krueger et al. 2017).</summary>
/// <param name="Hidden">The probability for h; 0 for none.</param>
/// <param name="Cell">The probability for c; without meaning where the cell has none.</param>
internal readonly record struct Zoneout(float Hidden, float Cell)
{
    public bool IsNone => Hidden == 0 && Cell == 0;

    /// <summary>value = kept * old + (1 - kept) * value.</summary>
    public static unsafe void Blend<TVector>(float* old, nint oldRow, float* value, nint valueRow, int rows, int count, float kept)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector ofOld = TVector.Broadcast(kept);
        TVector ofNew = TVector.Broadcast(1 - kept);
        for (int row = 0; row < rows; row++, old += oldRow, value += valueRow)
        {
            for (int i = 0; i < count; i += TVector.Count)
            {
                TVector blend = TVector.MultiplyAdd(ofOld, RowVector.Load<TVector>(old + i, count - i), ofNew * RowVector.Load<TVector>(value + i, count - i));
                RowVector.Store(SimdMath.FlushTiny(blend), value + i, count - i);
            }
        }
    }
}
