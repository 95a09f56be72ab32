using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>A number known at compile time, as a type argument.</summary>
internal interface INumber
{
    static abstract int Value { get; }
}

internal readonly struct None : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 0; } }

internal readonly struct One : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 1; } }

internal readonly struct Two : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 2; } }

internal readonly struct Three : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 3; } }

internal readonly struct Four : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 4; } }

internal readonly struct Five : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 5; } }

internal readonly struct Six : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 6; } }

internal readonly struct Seven : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 7; } }

internal readonly struct Eight : INumber { public static int Value { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => 8; } }

/// <summary>Up to four vectors side by side: one row of accumulators, or one row of a packed panel. Lives in registers.</summary>
internal unsafe struct TileRow<TVector, TWidth>
    where TVector : unmanaged, ISimdVector<TVector>
    where TWidth : struct, INumber
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private TVector _v0;
    private TVector _v1;
    private TVector _v2;
    private TVector _v3;

    [MethodImpl(Inline)]
    public static TileRow<TVector, TWidth> Load(float* source)
    {
        TileRow<TVector, TWidth> row = default;
        row._v0 = TVector.Load(source);
        if (TWidth.Value > 1) row._v1 = TVector.Load(source + TVector.Count);
        if (TWidth.Value > 2) row._v2 = TVector.Load(source + 2 * TVector.Count);
        if (TWidth.Value > 3) row._v3 = TVector.Load(source + 3 * TVector.Count);
        return row;
    }

    /// <summary>Four vectors a slot apart.</summary>
    [MethodImpl(Inline)]
    public static TileRow<TVector, TWidth> Load(float* source, nint slot)
    {
        TileRow<TVector, TWidth> row = default;
        row._v0 = TVector.Load(source);
        row._v1 = TVector.Load(source + slot);
        row._v2 = TVector.Load(source + 2 * slot);
        row._v3 = TVector.Load(source + 3 * slot);
        return row;
    }

    [MethodImpl(Inline)]
    public readonly void Store(float* destination)
    {
        TVector.Store(_v0, destination);
        if (TWidth.Value > 1) TVector.Store(_v1, destination + TVector.Count);
        if (TWidth.Value > 2) TVector.Store(_v2, destination + 2 * TVector.Count);
        if (TWidth.Value > 3) TVector.Store(_v3, destination + 3 * TVector.Count);
    }

    /// <summary>
    /// this += a * b with b from memory, where it is used once: the loads become operands of the multiply-adds. Into the fields
    /// at the end, not one by one: the compiler then leaves the offsets in the operands as well.
    /// </summary>
    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, float* b)
    {
        TVector multiplier = TVector.LoadMultiplier(a);
        TVector v0 = TVector.MultiplyAddBy(multiplier, b, _v0), v1 = _v1, v2 = _v2, v3 = _v3;
        if (TWidth.Value > 1) v1 = TVector.MultiplyAddBy(multiplier, b + TVector.Count, v1);
        if (TWidth.Value > 2) v2 = TVector.MultiplyAddBy(multiplier, b + 2 * TVector.Count, v2);
        if (TWidth.Value > 3) v3 = TVector.MultiplyAddBy(multiplier, b + 3 * TVector.Count, v3);
        _v0 = v0;
        if (TWidth.Value > 1) _v1 = v1;
        if (TWidth.Value > 2) _v2 = v2;
        if (TWidth.Value > 3) _v3 = v3;
    }

    /// <summary>The first three of four vectors += a * b, with vectors of b a slot apart in memory.</summary>
    [MethodImpl(Inline)]
    public void MultiplyAddFirst(float* a, float* b, nint slot)
    {
        TVector multiplier = TVector.LoadMultiplier(a);
        TVector v0 = TVector.MultiplyAddBy(multiplier, b, _v0);
        TVector v1 = TVector.MultiplyAddBy(multiplier, b + slot, _v1);
        _v2 = TVector.MultiplyAddBy(multiplier, b + 2 * slot, _v2);
        _v1 = v1;
        _v0 = v0;
    }

    /// <summary>The last three of four vectors += a * b, with vectors of b a slot apart in memory.</summary>
    [MethodImpl(Inline)]
    public void MultiplyAddLast(float* a, float* b, nint slot)
    {
        TVector multiplier = TVector.LoadMultiplier(a);
        TVector v1 = TVector.MultiplyAddBy(multiplier, b, _v1);
        TVector v2 = TVector.MultiplyAddBy(multiplier, b + slot, _v2);
        _v3 = TVector.MultiplyAddBy(multiplier, b + 2 * slot, _v3);
        _v2 = v2;
        _v1 = v1;
    }

    /// <summary>this += a * b.</summary>
    [MethodImpl(Inline)]
    public void MultiplyAdd(float* a, in TileRow<TVector, TWidth> b)
    {
        TVector multiplier = TVector.LoadMultiplier(a);
        _v0 = TVector.MultiplyAddBy(multiplier, b._v0, _v0);
        if (TWidth.Value > 1) _v1 = TVector.MultiplyAddBy(multiplier, b._v1, _v1);
        if (TWidth.Value > 2) _v2 = TVector.MultiplyAddBy(multiplier, b._v2, _v2);
        if (TWidth.Value > 3) _v3 = TVector.MultiplyAddBy(multiplier, b._v3, _v3);
    }
}

/// <summary>
/// The microkernel: C[m, width] = Init[m, width] + X[m, I] * W[I, width] + H[m, R] * U[R, width], each element one chain of
/// fused multiply-adds: x first, then h. X and H are read in place (row pointer and stride), W and U are packed panels, Init
/// and C are rows of gates. One loop runs through both products: the prefetchers follow a load instruction, and two loops
/// over one stream lose it (2.3 us became 3.8 us for one row and 512 KB of weights).
/// 6 x 4 or 8 x 3 accumulators take 24 of 32 registers and hide the FMA's latency three times over; see docs/kernels.md.
/// </summary>
internal static unsafe class Tile
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TVector, TRows, TWidth>(
        in TileProduct first, in TileProduct second, nint bStride, float* init, nint initStride, float* c, nint cStride)
        where TVector : unmanaged, ISimdVector<TVector>
        where TRows : struct, INumber
        where TWidth : struct, INumber
    {
        TileRow<TVector, TWidth> r0 = TileRow<TVector, TWidth>.Load(init), r1 = default, r2 = default, r3 = default, r4 = default, r5 = default, r6 = default, r7 = default;
        if (TRows.Value > 1) r1 = TileRow<TVector, TWidth>.Load(init + initStride);
        if (TRows.Value > 2) r2 = TileRow<TVector, TWidth>.Load(init + 2 * initStride);
        if (TRows.Value > 3) r3 = TileRow<TVector, TWidth>.Load(init + 3 * initStride);
        if (TRows.Value > 4) r4 = TileRow<TVector, TWidth>.Load(init + 4 * initStride);
        if (TRows.Value > 5) r5 = TileRow<TVector, TWidth>.Load(init + 5 * initStride);
        if (TRows.Value > 6) r6 = TileRow<TVector, TWidth>.Load(init + 6 * initStride);
        if (TRows.Value > 7) r7 = TileRow<TVector, TWidth>.Load(init + 7 * initStride);

        float* a = first.A;
        float* b = first.B;
        nint aStep = first.AStep;
        float* end = a + (first.K * aStep);
        nint aStride = first.AStride;
        for (float* next = second.A; ;)
        {
            float* a3 = a + 3 * aStride;
            float* a6 = a + 6 * aStride;
            for (; a != end; a += aStep, a3 += aStep, a6 += aStep, b += bStride)
            {
                TileRow<TVector, TWidth> w = TileRow<TVector, TWidth>.Load(b);
                r0.MultiplyAdd(a, w);
                if (TRows.Value > 1) r1.MultiplyAdd(a + aStride, w);
                if (TRows.Value > 2) r2.MultiplyAdd(a + 2 * aStride, w);
                if (TRows.Value > 3) r3.MultiplyAdd(a3, w);
                if (TRows.Value > 4) r4.MultiplyAdd(a3 + aStride, w);
                if (TRows.Value > 5) r5.MultiplyAdd(a3 + 2 * aStride, w);
                if (TRows.Value > 6) r6.MultiplyAdd(a6, w);
                if (TRows.Value > 7) r7.MultiplyAdd(a6 + aStride, w);
            }

            if (next == null)
            {
                break;
            }

            a = next;
            b = second.B;
            aStep = second.AStep;
            end = a + (second.K * aStep);
            aStride = second.AStride;
            next = null;
        }

        r0.Store(c);
        if (TRows.Value > 1) r1.Store(c + cStride);
        if (TRows.Value > 2) r2.Store(c + 2 * cStride);
        if (TRows.Value > 3) r3.Store(c + 3 * cStride);
        if (TRows.Value > 4) r4.Store(c + 4 * cStride);
        if (TRows.Value > 5) r5.Store(c + 5 * cStride);
        if (TRows.Value > 6) r6.Store(c + 6 * cStride);
        if (TRows.Value > 7) r7.Store(c + 7 * cStride);
    }

    /// <summary>
    /// One row against one or two panels of one width and a narrower one behind them: c = init + x * W[inputs, width] +
    /// h * U[recurrent, width], each element one chain; a null h leaves the second product out. The chains of all panels run
    /// side by side.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyRow<TVector, TPanels, TWidth, TTail>(
        float* x, nint inputs, float* h, nint recurrent, in RowOperands first, in RowOperands second, in RowOperands tail)
        where TVector : unmanaged, ISimdVector<TVector>
        where TPanels : struct, INumber
        where TWidth : struct, INumber
        where TTail : struct, INumber
    {
        TileRow<TVector, TWidth> r0 = TileRow<TVector, TWidth>.Load(first.Init), r1 = default;
        TileRow<TVector, TTail> r2 = default;
        float* b0 = first.InputWeights, b1 = null, b2 = null;
        if (TPanels.Value > 1) { r1 = TileRow<TVector, TWidth>.Load(second.Init); b1 = second.InputWeights; }
        if (TTail.Value > 0) { r2 = TileRow<TVector, TTail>.Load(tail.Init); b2 = tail.InputWeights; }

        float* a = x;
        float* end = x + inputs;
        float* next = h;
        while (true)
        {
            for (; a < end; a++)
            {
                r0.MultiplyAdd(a, b0);
                b0 += TWidth.Value * TVector.Count;
                if (TPanels.Value > 1) { r1.MultiplyAdd(a, b1); b1 += TWidth.Value * TVector.Count; }
                if (TTail.Value > 0) { r2.MultiplyAdd(a, b2); b2 += TTail.Value * TVector.Count; }
            }

            if (next == null)
            {
                break;
            }

            a = next;
            end = next + recurrent;
            next = null;
            b0 = first.RecurrentWeights;
            if (TPanels.Value > 1) b1 = second.RecurrentWeights;
            if (TTail.Value > 0) b2 = tail.RecurrentWeights;
        }

        r0.Store(first.Result);
        if (TPanels.Value > 1) r1.Store(second.Result);
        if (TTail.Value > 0) r2.Store(tail.Result);
    }
}

/// <summary>One product of <see cref="Tile.Multiply"/>; a null A leaves the second one out.</summary>
internal readonly unsafe struct TileProduct(float* a, nint aStride, nint k, float* b, nint aStep = 1)
{
    /// <summary>[m, K]: AStride floats from row to row, AStep from one k to the next. Step and stride swapped read a transposed matrix.</summary>
    public float* A { get; } = a;

    public nint AStride { get; } = aStride;

    public nint AStep { get; } = aStep;

    public nint K { get; } = k;

    /// <summary>[K, width].</summary>
    public float* B { get; } = b;

    /// <summary>The same rows against the columns from <paramref name="column"/> on.</summary>
    public TileProduct FromColumn(nint column) => new(A, AStride, K, B + column, AStep);

    /// <summary>The rows from <paramref name="row"/> on against the same columns.</summary>
    public TileProduct FromRow(nint row) => new(A + (row * AStride), AStride, K, B, AStep);
}

/// <summary>One panel's part of <see cref="Tile.MultiplyRow"/>.</summary>
internal unsafe struct RowOperands
{
    /// <summary>W [inputs, width].</summary>
    public float* InputWeights;

    /// <summary>U [recurrent, width].</summary>
    public float* RecurrentWeights;

    /// <summary>[width]: where the chains start; may be the result itself.</summary>
    public float* Init;

    /// <summary>[width].</summary>
    public float* Result;

    /// <summary>Floats of a row of the panel's gates, padding included: from one step's to the next one's.</summary>
    public int Columns;

    /// <summary>Floats of such a row that the input product fills.</summary>
    public int InputColumns;
}
