using System.Runtime.CompilerServices;
using FastRecurrent.Kernels;
using FastRecurrent.Simd;

namespace FastRecurrent.Bench.Price;

/// <summary>
/// The engine's products with what the numbers contract forbids: K dealt out to several accumulators, which are added at the
/// end. All variants are unrolled by four, so that the chains are all that differs; one chain keeps the contract.
/// </summary>
internal static unsafe class SplitProducts
{
    /// <summary>c = init + a * B, B [K, 4 vectors], for one row and one or two panels.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Row<TVector, TPanels, TChains>(float* a, nint depth, in RowOperands first, in RowOperands second)
        where TVector : unmanaged, ISimdVector<TVector>
        where TPanels : struct, INumber
        where TChains : struct, INumber
    {
        nint w = 4 * TVector.Count;
        TileRow<TVector, Four> r0 = TileRow<TVector, Four>.Load(first.Init), r1 = default, r2 = default, r3 = default;
        TileRow<TVector, Four> s0 = default, s1 = default, s2 = default, s3 = default;
        float* b = first.InputWeights, d = second.InputWeights;
        if (TPanels.Value > 1) s0 = TileRow<TVector, Four>.Load(second.Init);
        float* end = a + depth;
        for (float* last = end - 3; a < last; a += 4, b += 4 * w, d += 4 * w)
        {
            r0.MultiplyAdd(a, b);
            if (TPanels.Value > 1) s0.MultiplyAdd(a, d);
            if (TChains.Value > 1) r1.MultiplyAdd(a + 1, b + w); else r0.MultiplyAdd(a + 1, b + w);
            if (TPanels.Value > 1) { if (TChains.Value > 1) s1.MultiplyAdd(a + 1, d + w); else s0.MultiplyAdd(a + 1, d + w); }
            if (TChains.Value > 2) r2.MultiplyAdd(a + 2, b + (2 * w)); else r0.MultiplyAdd(a + 2, b + (2 * w));
            if (TPanels.Value > 1) { if (TChains.Value > 2) s2.MultiplyAdd(a + 2, d + (2 * w)); else s0.MultiplyAdd(a + 2, d + (2 * w)); }
            if (TChains.Value > 2) r3.MultiplyAdd(a + 3, b + (3 * w)); else if (TChains.Value > 1) r1.MultiplyAdd(a + 3, b + (3 * w)); else r0.MultiplyAdd(a + 3, b + (3 * w));
            if (TPanels.Value > 1) { if (TChains.Value > 2) s3.MultiplyAdd(a + 3, d + (3 * w)); else if (TChains.Value > 1) s1.MultiplyAdd(a + 3, d + (3 * w)); else s0.MultiplyAdd(a + 3, d + (3 * w)); }
        }

        for (; a < end; a++, b += w, d += w)
        {
            r0.MultiplyAdd(a, b);
            if (TPanels.Value > 1) s0.MultiplyAdd(a, d);
        }

        float one = 1; // 1 * r1 + r0: an addition
        if (TChains.Value > 2) { r0.MultiplyAdd(&one, r2); r1.MultiplyAdd(&one, r3); }
        if (TChains.Value > 1) r0.MultiplyAdd(&one, r1);
        r0.Store(first.Result);
        if (TPanels.Value > 1)
        {
            if (TChains.Value > 2) { s0.MultiplyAdd(&one, s2); s1.MultiplyAdd(&one, s3); }
            if (TChains.Value > 1) s0.MultiplyAdd(&one, s1);
            s0.Store(second.Result);
        }
    }

    /// <summary>C[3, 4 vectors] = A * B with even and odd k in accumulators of their own: 24, as many as the 6 x 4 tile has.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Tile3x4<TVector>(float* a, nint aStride, nint depth, float* b, float* c)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        nint w = 4 * TVector.Count;
        TileRow<TVector, Four> r0 = TileRow<TVector, Four>.Load(c), r1 = TileRow<TVector, Four>.Load(c + w), r2 = TileRow<TVector, Four>.Load(c + (2 * w));
        TileRow<TVector, Four> s0 = default, s1 = default, s2 = default;
        float* end = a + depth;
        for (float* last = end - 1; a < last; a += 2, b += 2 * w)
        {
            TileRow<TVector, Four> even = TileRow<TVector, Four>.Load(b);
            r0.MultiplyAdd(a, even);
            r1.MultiplyAdd(a + aStride, even);
            r2.MultiplyAdd(a + (2 * aStride), even);
            TileRow<TVector, Four> odd = TileRow<TVector, Four>.Load(b + w);
            s0.MultiplyAdd(a + 1, odd);
            s1.MultiplyAdd(a + aStride + 1, odd);
            s2.MultiplyAdd(a + (2 * aStride) + 1, odd);
        }

        if (a < end)
        {
            TileRow<TVector, Four> rest = TileRow<TVector, Four>.Load(b);
            r0.MultiplyAdd(a, rest);
            r1.MultiplyAdd(a + aStride, rest);
            r2.MultiplyAdd(a + (2 * aStride), rest);
        }

        float one = 1;
        r0.MultiplyAdd(&one, s0);
        r1.MultiplyAdd(&one, s1);
        r2.MultiplyAdd(&one, s2);
        r0.Store(c);
        r1.Store(c + w);
        r2.Store(c + (2 * w));
    }
}
