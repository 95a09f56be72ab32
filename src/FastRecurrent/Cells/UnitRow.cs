using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>All units of one batch row, one vector a panel: what an update reads and writes that normalizes over the row.</summary>
internal readonly unsafe ref struct UnitRow<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    /// <summary>H.</summary>
    public int Units { get; init; }

    /// <summary>This row's gates in the first panel, and the floats from there to the next panel's.</summary>
    public float* Gates { get; init; }

    public nint GatesStride { get; init; }

    /// <summary>This row's gates in the last panel, which may be narrower.</summary>
    public float* LastGates { get; init; }

    /// <summary>The first panel's per-unit parameters, and the floats from there to the next panel's.</summary>
    public float* UnitParameters { get; init; }

    public nint UnitParametersStride { get; init; }

    public float* LastUnitParameters { get; init; }

    public float* PreviousHidden { get; init; }

    public float* Hidden { get; init; }

    public float* Cell { get; init; }

    /// <summary>This row's trace, see <see cref="UnitVector{TVector}.Trace"/>.</summary>
    public float* Trace { get; init; }

    public nint TraceStride { get; init; }

    public int Vectors => (Units + TVector.Count - 1) / TVector.Count;

    public UnitVector<TVector> this[int index]
    {
        get
        {
            int first = index * TVector.Count;
            bool isLast = index == Vectors - 1;
            int valid = isLast ? Units - first : TVector.Count;
            return new UnitVector<TVector>
            {
                Gates = isLast ? LastGates : Gates + (index * GatesStride),
                SlotStride = valid,
                PreviousHidden = PreviousHidden + first,
                Hidden = Hidden + first,
                Cell = Cell + first,
                UnitParameters = isLast ? LastUnitParameters : UnitParameters + (index * UnitParametersStride),
                UnitParameterStride = TVector.Count,
                Trace = Trace + first,
                TraceStride = TraceStride,
                Valid = valid,
            };
        }
    }
}
