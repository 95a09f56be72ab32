using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// All units of one batch row in the backward pass, one vector a panel, for cells that normalize over the row. The last vector may
/// reach beyond the units: what is read there is not used, what is stored there must not be.
/// </summary>
internal readonly unsafe ref struct GradientRow<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    /// <summary>H.</summary>
    public int Units { get; init; }

    /// <summary>The first vector of units; the others follow at multiples of the vector's size.</summary>
    public GradientVector<TVector> First { get; init; }

    /// <summary>Floats from the first panel's per-unit parameters to the next one's.</summary>
    public nint UnitParametersStride { get; init; }

    public float* LastUnitParameters { get; init; }

    /// <summary>Memory for values of a row that one pass over the units leaves for the next: slots of <see cref="TemporaryStride"/> floats.</summary>
    public float* Temporary { get; init; }

    public nint TemporaryStride { get; init; }

    public int Vectors => (Units + TVector.Count - 1) / TVector.Count;

    public GradientVector<TVector> this[int index]
    {
        get
        {
            int first = index * TVector.Count;
            bool isLast = index == Vectors - 1;
            return new GradientVector<TVector>
            {
                Trace = First.Trace + first,
                TraceStride = First.TraceStride,
                PreviousCell = First.PreviousCell + first,
                PreviousHidden = First.PreviousHidden + first,
                HiddenGradient = First.HiddenGradient + first,
                CellGradient = First.CellGradient + first,
                UnitParameters = isLast ? LastUnitParameters : First.UnitParameters + (index * UnitParametersStride),
                UnitParameterStride = TVector.Count,
                UnitGradients = First.UnitGradients + first,
                UnitGradientStride = First.UnitGradientStride,
            };
        }
    }

    public void Save(int index, int slot, TVector value) => TVector.Store(value, Temporary + (slot * TemporaryStride) + (index * TVector.Count));

    public TVector Saved(int index, int slot) => TVector.Load(Temporary + (slot * TemporaryStride) + (index * TVector.Count));

    /// <summary>dL/dh of this step: through the step behind it and through y.</summary>
    public TVector LoadHiddenGradient(int index)
    {
        TVector carried = this[index].LoadCarried();
        float* output = First.OutputGradient;
        if (output != null)
        {
            int valid = Valid(index);
            output += index * TVector.Count;
            carried += valid == TVector.Count ? TVector.Load(output) : TVector.LoadPartial(output, valid);
        }

        return carried;
    }

    /// <summary>The value with zeros in the lanes that are no units.</summary>
    public TVector OnlyUnits(int index, TVector value)
    {
        int valid = Valid(index);
        return valid == TVector.Count ? value : TVector.LoadPartial((float*)&value, valid);
    }

    /// <summary>Stores a delta where it is a unit's.</summary>
    public void StoreDelta(int index, int slot, TVector delta)
    {
        int valid = Valid(index);
        float* target = First.Trace + (slot * First.TraceStride) + (index * TVector.Count);
        TVector flushed = SimdMath.FlushTiny(delta);
        if (valid == TVector.Count)
        {
            TVector.Store(flushed, target);
        }
        else
        {
            TVector.StorePartial(flushed, target, valid);
        }
    }

    private int Valid(int index) => Math.Min(TVector.Count, Units - (index * TVector.Count));
}
