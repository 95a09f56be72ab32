namespace FastRecurrent.Kernels;

/// <summary>
/// A slice of a stage: some units with all their slots, laid out so that the tile streams it. With s slots of u units the
/// columns are slot-major, column = slot * SlotStride + unit; the input product covers columns from 0, the recurrent
/// product columns from RecurrentColumn. A full panel holds whole vectors of units; the last one may be narrower, so that
/// H = 20 costs 5 vectors of LSTM gates, not 8.
/// </summary>
internal unsafe struct Panel
{
    /// <summary>[I, InputVectors * V].</summary>
    public float* InputWeights;

    /// <summary>[R, RecurrentVectors * V].</summary>
    public float* RecurrentWeights;

    /// <summary>[Columns]: where the chains of a row start.</summary>
    public float* Bias;

    /// <summary>[parameters, Columns of one slot], see <see cref="Cells.UnitParameter"/>.</summary>
    public float* UnitParameters;

    /// <summary>Floats from one per-unit parameter to the next.</summary>
    public int UnitParameterStride;

    /// <summary>The first unit of this panel in the layer.</summary>
    public int FirstUnit;

    /// <summary>Units of the layer in this panel.</summary>
    public int Units;

    /// <summary>Columns from one slot to the next.</summary>
    public int SlotStride;

    /// <summary>Vectors of the input product.</summary>
    public int InputVectors;

    /// <summary>Vectors of the recurrent product.</summary>
    public int RecurrentVectors;

    /// <summary>The first column of the recurrent product.</summary>
    public int RecurrentColumn;

    /// <summary>Columns of a row of gates, padding included.</summary>
    public int Columns;

    /// <summary>Columns of a row of gates of all panels before this one.</summary>
    public int ColumnsBefore;
}
