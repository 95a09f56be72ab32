using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// A row's gates where the two products fill different slots - the GRU's: x fills slots 0 to 2, h fills 1 to 3 - kept in registers
/// from one product to the next, one vector a slot. Through memory, the second product's first loads in a narrow panel would span
/// two stores of the first one and wait for both to reach the cache, and with them for the end of the step before.
/// </summary>
internal static unsafe class SlotTile
{
    /// <summary>Slots of a stage that it takes.</summary>
    private const int Slots = 4;

    /// <summary>Slots of each product.</summary>
    private const int ProductSlots = 3;

    /// <summary>True where a stage's slots are those of this tile and the units of every panel fill a vector, of TVector or a narrower one.</summary>
    public static bool Fits<TVector>(PackedStage stage)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        int lastUnits = stage.Panels[^1].Units;
        return stage.Stage is { Slots: Slots, InputSlots: ProductSlots, RecurrentStart: 1, RecurrentSlots: ProductSlots }
            && (lastUnits == TVector.Count
                || (lastUnits < TVector.Count && (lastUnits == Vector128F.Count || lastUnits == Vector256F.Count)));
    }

    /// <summary>The tile for one panel, or for two that fill TVector, of weights that are packed for TVector.</summary>
    public static delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> For<TVector>(int panels, int units)
        where TVector : unmanaged, ISimdVector<TVector> =>
        panels == 2
            ? &MultiplyRow<TVector, TVector, Two>
            : (delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void>)UnitLoop.Narrowest<TVector, OnePanel<TVector>>(units);

    /// <summary>c = init + x * W for slots 0 to 2, + h * U for slots 1 to 3, each element one chain. The third operands are not read.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyRow<TVector, TPacked, TPanels>(
        float* x, nint inputs, float* h, nint recurrent, in RowOperands first, in RowOperands second, in RowOperands none)
        where TVector : unmanaged, ISimdVector<TVector>
        where TPacked : unmanaged, ISimdVector<TPacked>
        where TPanels : struct, INumber
    {
        nint stride = ((ProductSlots * TVector.Count) + TPacked.Count - 1) / TPacked.Count * TPacked.Count;
        TileRow<TVector, Four> r0 = TileRow<TVector, Four>.Load(first.Init), r1 = default;
        float* b0 = first.InputWeights, b1 = null;
        if (TPanels.Value > 1) { r1 = TileRow<TVector, Four>.Load(second.Init); b1 = second.InputWeights; }
        for (float* end = x + inputs; x < end; x++)
        {
            r0.MultiplyAddFirst(x, b0);
            b0 += stride;
            if (TPanels.Value > 1) { r1.MultiplyAddFirst(x, b1); b1 += stride; }
        }

        b0 = first.RecurrentWeights;
        if (TPanels.Value > 1) b1 = second.RecurrentWeights;
        for (float* end = h + recurrent; h < end; h++)
        {
            r0.MultiplyAddLast(h, b0);
            b0 += stride;
            if (TPanels.Value > 1) { r1.MultiplyAddLast(h, b1); b1 += stride; }
        }

        r0.Store(first.Result);
        if (TPanels.Value > 1) r1.Store(second.Result);
    }

    /// <summary>One panel of units that fill a narrower vector than its weights are packed for.</summary>
    private readonly struct OnePanel<TPacked> : IWidthFunction
        where TPacked : unmanaged, ISimdVector<TPacked>
    {
        public static nint Of<TVector>()
            where TVector : unmanaged, ISimdVector<TVector> =>
            (nint)(delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void>)&MultiplyRow<TVector, TPacked, One>;
    }
}
