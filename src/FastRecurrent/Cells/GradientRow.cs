using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>All units of one batch row in the backward pass, one vector a panel, for cells that normalize over the row.</summary>
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
                OutputGradient = First.OutputGradient == null ? null : First.OutputGradient + first,
                CellGradient = First.CellGradient + first,
                UnitParameters = isLast ? LastUnitParameters : First.UnitParameters + (index * UnitParametersStride),
                UnitParameterStride = TVector.Count,
                UnitGradients = First.UnitGradients + first,
                UnitGradientStride = First.UnitGradientStride,
                Valid = isLast ? Units - first : TVector.Count,
            };
        }
    }

    public void Save(int index, int slot, TVector value) => TVector.Store(value, Temporary + (slot * TemporaryStride) + (index * TVector.Count));

    public TVector Saved(int index, int slot) => TVector.Load(Temporary + (slot * TemporaryStride) + (index * TVector.Count));
}
