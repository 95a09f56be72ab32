using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// One vector of units of one batch row: what an update reads and writes. Gates, c and the auxiliary buffers are padded
/// memory of the engine, so whole vectors may be loaded and stored there; h may lie in the caller's memory.
/// </summary>
internal readonly unsafe ref struct UnitVector<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Slot 0 of these units.</summary>
    public float* Gates { get; init; }

    /// <summary>Floats from one slot to the next.</summary>
    public nint SlotStride { get; init; }

    /// <summary>h of the previous step, at these units.</summary>
    public float* PreviousHidden { get; init; }

    /// <summary>Where h of this step goes.</summary>
    public float* Hidden { get; init; }

    /// <summary>c, read and replaced.</summary>
    public float* Cell { get; init; }

    /// <summary>The first auxiliary buffer at these units.</summary>
    public float* Auxiliary { get; init; }

    /// <summary>Floats from the first auxiliary buffer to the second.</summary>
    public nint AuxiliaryStride { get; init; }

    /// <summary>The first per-unit parameter at these units.</summary>
    public float* UnitParameters { get; init; }

    /// <summary>Floats from one per-unit parameter to the next.</summary>
    public nint UnitParameterStride { get; init; }

    /// <summary>What the backward pass needs of these units, slot 0; read only where the update is <see cref="Traced"/>.</summary>
    public float* Trace { get; init; }

    /// <summary>Floats from one slot of the trace to the next.</summary>
    public nint TraceStride { get; init; }

    /// <summary>How many lanes are units of the layer; the rest is padding.</summary>
    public int Valid { get; init; }

    [MethodImpl(Inline)]
    public TVector Slot(int slot) => TVector.Load(Gates + slot * SlotStride);

    /// <summary>A slot with zeros in the lanes that are padding.</summary>
    [MethodImpl(Inline)]
    public TVector ValidSlot(int slot)
    {
        float* source = Gates + slot * SlotStride;
        return Valid == TVector.Count ? TVector.Load(source) : TVector.LoadPartial(source, Valid);
    }

    /// <summary>The value with zeros in the lanes that are padding.</summary>
    [MethodImpl(Inline)]
    public TVector OnlyValid(TVector value)
    {
        if (Valid == TVector.Count)
        {
            return value;
        }

        TVector result = value;
        return TVector.LoadPartial((float*)&result, Valid);
    }

    [MethodImpl(Inline)]
    public void StoreSlot(int slot, TVector value) => StoreValid(value, Gates + slot * SlotStride);

    /// <summary>Keeps a value for the backward pass; nothing in inference.</summary>
    [MethodImpl(Inline)]
    public void Keep<TTrace>(int slot, TVector value)
    {
        if (typeof(TTrace) == typeof(Traced))
        {
            StoreValid(value, Trace + slot * TraceStride);
        }
    }

    [MethodImpl(Inline)]
    public TVector UnitParameter(int index) => TVector.Load(UnitParameters + index * UnitParameterStride);

    [MethodImpl(Inline)]
    public TVector LoadCell() => TVector.Load(Cell);

    [MethodImpl(Inline)]
    public void StoreCell(TVector c) => TVector.Store(SimdMath.FlushTiny(c), Cell);

    [MethodImpl(Inline)]
    public TVector LoadAuxiliary(int index) => TVector.Load(Auxiliary + index * AuxiliaryStride);

    [MethodImpl(Inline)]
    public void StoreAuxiliary(int index, TVector value) => TVector.Store(value, Auxiliary + index * AuxiliaryStride);

    [MethodImpl(Inline)]
    public TVector LoadPreviousHidden() =>
        Valid == TVector.Count ? TVector.Load(PreviousHidden) : TVector.LoadPartial(PreviousHidden, Valid);

    [MethodImpl(Inline)]
    public void StoreHidden(TVector h) => StoreValid(TVector.FlushBelow(h, SimdMath.Tiny), Hidden);

    [MethodImpl(Inline)]
    private void StoreValid(TVector value, float* destination)
    {
        if (Valid == TVector.Count)
        {
            TVector.Store(value, destination);
        }
        else
        {
            TVector.StorePartial(value, destination, Valid);
        }
    }
}
