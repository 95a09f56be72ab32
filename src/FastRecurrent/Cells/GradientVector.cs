using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// One vector of units of one batch row in the backward pass: what a cell's derivative reads and writes. L is the loss; a
/// delta is dL/d(pre-activation) of a slot and takes the place of the slot's value in the trace. Every lane is a unit: what
/// does not fill a vector runs in narrower ones.
/// </summary>
internal readonly unsafe ref struct GradientVector<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Slot 0 of these units in the trace of this step.</summary>
    public float* Trace { get; init; }

    /// <summary>Floats from one slot to the next.</summary>
    public nint TraceStride { get; init; }

    /// <summary>The same slots of the step before; for the first step only slot <see cref="RecurrentCell.CellSlot"/> is there.</summary>
    public float* PreviousCell { get; init; }

    /// <summary>h of the step before.</summary>
    public float* PreviousHidden { get; init; }

    /// <summary>dL/dh of this step through the step behind it, replaced by what reaches h of the step before past the products.</summary>
    public float* HiddenGradient { get; init; }

    /// <summary>dL/dy of this step; null for zero.</summary>
    public float* OutputGradient { get; init; }

    /// <summary>dL/dc of this step through the step behind it, replaced by dL/dc of the step before.</summary>
    public float* CellGradient { get; init; }

    /// <summary>dL/d(what an earlier stage handed to a later one).</summary>
    public float* AuxiliaryGradient { get; init; }

    /// <summary>The deltas of the projection at these units.</summary>
    public float* Projected { get; init; }

    public float* UnitParameters { get; init; }

    public nint UnitParameterStride { get; init; }

    /// <summary>This row's gradients of the per-unit parameters.</summary>
    public float* UnitGradients { get; init; }

    /// <summary>Floats from one per-unit parameter's gradients to the next.</summary>
    public nint UnitGradientStride { get; init; }

    /// <summary>dL/dh of this step: through the step behind it and through y.</summary>
    [MethodImpl(Inline)]
    public TVector LoadHiddenGradient()
    {
        TVector carried = TVector.Load(HiddenGradient);
        return OutputGradient == null ? carried : carried + TVector.Load(OutputGradient);
    }

    /// <summary>dL/dh as an earlier stage of the same step left it.</summary>
    [MethodImpl(Inline)]
    public TVector LoadCarried() => TVector.Load(HiddenGradient);

    [MethodImpl(Inline)]
    public void StoreHiddenGradient(TVector value) => TVector.Store(SimdMath.FlushTiny(value), HiddenGradient);

    [MethodImpl(Inline)]
    public TVector Slot(int slot) => TVector.Load(Trace + slot * TraceStride);

    [MethodImpl(Inline)]
    public void StoreDelta(int slot, TVector delta) => TVector.Store(SimdMath.FlushTiny(delta), Trace + slot * TraceStride);

    /// <summary>Stores a delta of the projection.</summary>
    [MethodImpl(Inline)]
    public void StoreProjected(TVector delta) => TVector.Store(SimdMath.FlushTiny(delta), Projected);

    [MethodImpl(Inline)]
    public TVector LoadPreviousHidden() => TVector.Load(PreviousHidden);

    [MethodImpl(Inline)]
    public TVector LoadPreviousCell() => TVector.Load(PreviousCell);

    [MethodImpl(Inline)]
    public TVector LoadCellGradient() => TVector.Load(CellGradient);

    [MethodImpl(Inline)]
    public void StoreCellGradient(TVector value) => TVector.Store(SimdMath.FlushTiny(value), CellGradient);

    [MethodImpl(Inline)]
    public TVector LoadAuxiliaryGradient() => TVector.Load(AuxiliaryGradient);

    [MethodImpl(Inline)]
    public TVector UnitParameter(int index) => TVector.Load(UnitParameters + index * UnitParameterStride);

    /// <summary>gradient of a per-unit parameter += delta * factor.</summary>
    [MethodImpl(Inline)]
    public void AddUnitGradient(int index, TVector delta, TVector factor)
    {
        float* gradient = UnitGradients + index * UnitGradientStride;
        TVector.Store(TVector.MultiplyAdd(delta, factor, TVector.Load(gradient)), gradient);
    }
}
