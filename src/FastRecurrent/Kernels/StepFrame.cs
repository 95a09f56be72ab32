namespace FastRecurrent.Kernels;

/// <summary>One step of one run, as its stages see it.</summary>
internal unsafe struct StepFrame
{
    public float* Input;
    public nint InputRow;
    public float* PreviousHidden;
    public nint PreviousHiddenRow;

    /// <summary>The same as the products see it: through the mask of recurrent dropout.</summary>
    public float* ProductHidden;
    public nint ProductHiddenRow;
    public float* Hidden;
    public nint HiddenRow;
    public float* Cell;
    public float* Auxiliary;
    public nint AuxiliaryRow;
    public int Rows;

    /// <summary>Null in inference, or this step's trace.</summary>
    public float* Trace;
    public nint TraceRow;

    /// <summary>A tile's gates, in L1, where the input product belongs to the step.</summary>
    public float* Block;

    /// <summary>Null, or the buffer of gates with the input product done: panel by panel, [GateRows, columns] each.</summary>
    public float* Gates;
    public int GateRows;
    public int FirstGateRow;

    /// <summary>
    /// Whether the panels are taken last first. Every other step is, so that a step begins with the weights that the step
    /// before left in the cache.
    /// </summary>
    public bool IsBackward;

    public int Share;
    public int Shares;

    public readonly int FirstPanel(int panels) => panels * Share / Shares;

    public readonly int EndPanel(int panels) => panels * (Share + 1) / Shares;
}
