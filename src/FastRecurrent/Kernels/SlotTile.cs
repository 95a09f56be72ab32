using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// A row's gates where the two products fill different slots - the GRU's: x fills slots 0 to 2, h fills 1 to 3 - kept in registers
/// from one product to the next, one vector a slot; where units do not fill it, its last lanes compute what nobody reads. Through
/// memory, the second product's first loads in a narrow panel would span two stores of the first one and wait for both to reach the
/// cache, and with them for the end of the step before.
/// </summary>
internal static unsafe class SlotTile
{
    private const int Slots = 4;
    private const int ProductSlots = 3;

    /// <summary>True where a stage's slots are those of this tile, and a row of gates holds a vector for each.</summary>
    public static bool Fits<TVector>(PackedStage stage)
        where TVector : unmanaged, ISimdVector<TVector> =>
        stage.Stage is { Slots: Slots, InputSlots: ProductSlots, RecurrentStart: 1, RecurrentSlots: ProductSlots }
        && stage.Panels[0].Units <= TVector.Count
        && Slots * SlotFloats<TVector>(stage.Panels[^1].Units) <= stage.Panels[^1].Columns;

    /// <summary>Floats from one slot's result to the next: those of the narrowest vector that holds this many units.</summary>
    public static int SlotFloats<TVector>(int units)
        where TVector : unmanaged, ISimdVector<TVector> => (int)UnitLoop.Narrowest<TVector, WidthOf>(units);

    /// <summary>
    /// The tile for weights that are packed for TVector: one or two panels of so many units, TVector.Count where there are two or a
    /// tail, and a narrower panel of <paramref name="tailUnits"/>, 0 for none.
    /// </summary>
    public static delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> For<TVector>(int panels, int units, int tailUnits)
        where TVector : unmanaged, ISimdVector<TVector> =>
        (delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void>)(
            tailUnits > 0 && panels == 1 ? UnitLoop.Narrowest<TVector, WithTail<TVector, One>>(tailUnits)
            : tailUnits > 0 ? UnitLoop.Narrowest<TVector, WithTail<TVector, Two>>(tailUnits)
            : panels == 1 ? UnitLoop.Narrowest<TVector, OnePanel<TVector>>(units)
            : TwoPanels<TVector>.Of<TVector>());

    /// <summary>c = init + x * W for slots 0 to 2, + h * U for slots 1 to 3, every element one chain; the chains of all panels run side by side.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRow<TVector, TTail, TPacked, TPanels, TTails>(
        float* x, nint inputs, float* h, nint recurrent, in RowOperands first, in RowOperands second, in RowOperands tail)
        where TVector : unmanaged, ISimdVector<TVector>
        where TTail : unmanaged, ISimdVector<TTail>
        where TPacked : unmanaged, ISimdVector<TPacked>
        where TPanels : struct, INumber
        where TTails : struct, INumber
    {
        nint slot = Slot(first), stride = Stride<TPacked>(first), tailSlot = Slot(tail), tailStride = Stride<TPacked>(tail);
        TileRow<TVector, Four> r0 = TileRow<TVector, Four>.Load(first.Init, slot), r1 = default;
        TileRow<TTail, Four> r2 = default;
        float* b0 = first.InputWeights, b1 = null, b2 = null;
        if (TPanels.Value > 1) { r1 = TileRow<TVector, Four>.Load(second.Init, slot); b1 = second.InputWeights; }
        if (TTails.Value > 0) { r2 = TileRow<TTail, Four>.Load(tail.Init, tailSlot); b2 = tail.InputWeights; }
        for (float* end = x + inputs; x < end; x++)
        {
            r0.MultiplyAddFirst(x, b0, slot);
            b0 += stride;
            if (TPanels.Value > 1) { r1.MultiplyAddFirst(x, b1, slot); b1 += stride; }
            if (TTails.Value > 0) { r2.MultiplyAddFirst(x, b2, tailSlot); b2 += tailStride; }
        }

        b0 = first.RecurrentWeights;
        if (TPanels.Value > 1) b1 = second.RecurrentWeights;
        if (TTails.Value > 0) b2 = tail.RecurrentWeights;
        for (float* end = h + recurrent; h < end; h++)
        {
            r0.MultiplyAddLast(h, b0, slot);
            b0 += stride;
            if (TPanels.Value > 1) { r1.MultiplyAddLast(h, b1, slot); b1 += stride; }
            if (TTails.Value > 0) { r2.MultiplyAddLast(h, b2, tailSlot); b2 += tailStride; }
        }

        r0.Store(first.Result);
        if (TPanels.Value > 1) r1.Store(second.Result);
        if (TTails.Value > 0) r2.Store(tail.Result);
    }

    /// <summary>Floats from one slot's weights to the next: the panel's units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Slot(in RowOperands panel) => (nint)((uint)panel.InputColumns / ProductSlots);

    /// <summary>Floats from one row of a product's weights to the next: its slots, padded to whole TPacked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Stride<TPacked>(in RowOperands panel)
        where TPacked : unmanaged, ISimdVector<TPacked> => (nint)(((uint)panel.InputColumns + (uint)TPacked.Count - 1) / (uint)TPacked.Count * (uint)TPacked.Count);

    private readonly struct WidthOf : IWidthFunction
    {
        public static nint Of<TVector>()
            where TVector : unmanaged, ISimdVector<TVector> => TVector.Count;
    }

    /// <summary>One panel alone.</summary>
    private readonly struct OnePanel<TPacked> : IWidthFunction
        where TPacked : unmanaged, ISimdVector<TPacked>
    {
        public static nint Of<TVector>()
            where TVector : unmanaged, ISimdVector<TVector> =>
            (nint)(delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void>)&MultiplyRow<TVector, TVector, TPacked, One, None>;
    }

    /// <summary>Two panels that fill TVector.</summary>
    private readonly struct TwoPanels<TPacked> : IWidthFunction
        where TPacked : unmanaged, ISimdVector<TPacked>
    {
        public static nint Of<TVector>()
            where TVector : unmanaged, ISimdVector<TVector> =>
            (nint)(delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void>)&MultiplyRow<TVector, TVector, TPacked, Two, None>;
    }

    /// <summary>Panels that fill TPacked, and one whose units TVector holds.</summary>
    private readonly struct WithTail<TPacked, TPanels> : IWidthFunction
        where TPacked : unmanaged, ISimdVector<TPacked>
        where TPanels : struct, INumber
    {
        public static nint Of<TVector>()
            where TVector : unmanaged, ISimdVector<TVector> =>
            (nint)(delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void>)&MultiplyRow<TPacked, TVector, TPacked, TPanels, One>;
    }
}
