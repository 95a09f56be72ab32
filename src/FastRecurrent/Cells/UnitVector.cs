using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// One vector of units of one batch row, or of two: what an update reads and writes. Gates, c and the auxiliary buffers are padded
/// memory of the engine, so whole vectors may be loaded and stored there; h may lie in the caller's memory.
/// </summary>
internal readonly unsafe ref struct UnitVector<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Slot 0 of these units.</summary>
    public float* Gates { get; init; }

    /// <summary>Floats from one row's gates to the next one's.</summary>
    public nint GateRow { get; init; }

    /// <summary>Floats from one slot to the next.</summary>
    public nint SlotStride { get; init; }

    /// <summary>h of the previous step, at these units.</summary>
    public float* PreviousHidden { get; init; }

    /// <summary>Floats from one row's previous h to the next one's.</summary>
    public nint PreviousHiddenRow { get; init; }

    /// <summary>Where h of this step goes.</summary>
    public float* Hidden { get; init; }

    /// <summary>Floats from one row's h to the next one's.</summary>
    public nint HiddenRow { get; init; }

    /// <summary>c, read and replaced.</summary>
    public float* Cell { get; init; }

    /// <summary>Floats from one row's c to the next one's.</summary>
    public nint CellRow { get; init; }

    /// <summary>The first auxiliary buffer at these units.</summary>
    public float* Auxiliary { get; init; }

    /// <summary>Floats from one row's auxiliary buffers to the next one's.</summary>
    public nint AuxiliaryRow { get; init; }

    /// <summary>Floats from the first auxiliary buffer to the second.</summary>
    public nint AuxiliaryStride { get; init; }

    /// <summary>The first per-unit parameter at these units.</summary>
    public float* UnitParameters { get; init; }

    /// <summary>Floats from one row's per-unit parameters to the next one's.</summary>
    public nint UnitParameterRow { get; init; }

    /// <summary>Floats from one per-unit parameter to the next.</summary>
    public nint UnitParameterStride { get; init; }

    /// <summary>What the backward pass needs of these units, slot 0; read only where the update is <see cref="Traced"/>.</summary>
    public float* Trace { get; init; }

    /// <summary>Floats from one row's trace to the next one's.</summary>
    public nint TraceRow { get; init; }

    /// <summary>Floats from one slot of the trace to the next.</summary>
    public nint TraceStride { get; init; }

    /// <summary>How many lanes are units of the layer; the rest is padding.</summary>
    public int Valid { get; init; }

    private bool IsWhole
    {
        [MethodImpl(Inline)]
        get => TVector.Rows > 1 || Valid == TVector.Count;
    }

    [MethodImpl(Inline)]
    public TVector Slot(int slot) => TVector.LoadRows(Gates + slot * SlotStride, GateRow);

    /// <summary>A slot with zeros in the lanes that are padding.</summary>
    [MethodImpl(Inline)]
    public TVector ValidSlot(int slot)
    {
        float* source = Gates + slot * SlotStride;
        return IsWhole ? TVector.LoadRows(source, GateRow) : TVector.LoadPartial(source, Valid);
    }

    /// <summary>The value with zeros in the lanes that are padding.</summary>
    [MethodImpl(Inline)]
    public TVector OnlyValid(TVector value)
    {
        if (IsWhole)
        {
            return value;
        }

        TVector result = value;
        return TVector.LoadPartial((float*)&result, Valid);
    }

    [MethodImpl(Inline)]
    public void StoreSlot(int slot, TVector value) => StoreValid(value, Gates + slot * SlotStride, GateRow);

    /// <summary>Keeps a value for the backward pass; nothing in inference.</summary>
    [MethodImpl(Inline)]
    public void Keep<TTrace>(int slot, TVector value)
    {
        if (typeof(TTrace) == typeof(Traced))
        {
            StoreValid(value, Trace + slot * TraceStride, TraceRow);
        }
    }

    [MethodImpl(Inline)]
    public TVector UnitParameter(int index) => TVector.LoadRows(UnitParameters + index * UnitParameterStride, UnitParameterRow);

    [MethodImpl(Inline)]
    public TVector LoadCell() => TVector.LoadRows(Cell, CellRow);

    [MethodImpl(Inline)]
    public void StoreCell(TVector c) => TVector.StoreRows(SimdMath.FlushTiny(c), Cell, CellRow);

    [MethodImpl(Inline)]
    public TVector LoadAuxiliary(int index) => TVector.LoadRows(Auxiliary + index * AuxiliaryStride, AuxiliaryRow);

    [MethodImpl(Inline)]
    public void StoreAuxiliary(int index, TVector value) => TVector.StoreRows(value, Auxiliary + index * AuxiliaryStride, AuxiliaryRow);

    [MethodImpl(Inline)]
    public TVector LoadPreviousHidden() =>
        IsWhole ? TVector.LoadRows(PreviousHidden, PreviousHiddenRow) : TVector.LoadPartial(PreviousHidden, Valid);

    [MethodImpl(Inline)]
    public void StoreHidden(TVector h) => StoreValid(TVector.FlushBelow(h, SimdMath.Tiny), Hidden, HiddenRow);

    [MethodImpl(Inline)]
    private void StoreValid(TVector value, float* destination, nint row)
    {
        if (IsWhole)
        {
            TVector.StoreRows(value, destination, row);
        }
        else
        {
            TVector.StorePartial(value, destination, Valid);
        }
    }
}
