using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// One layer's work over the batch rows [FirstRow, EndRow), forward or backward. Values lie compactly, one row of features a
/// step and batch row, as <see cref="StepRows"/> says; a vector is one step.
/// </summary>
internal unsafe struct LayerPass
{
    /// <summary>The rows of the input.</summary>
    public StepRows Steps;

    /// <summary>The rows of the output.</summary>
    public StepRows OutputSteps;

    public int FirstRow;
    public int EndRow;

    /// <summary>[rows, I].</summary>
    public float* Input;

    /// <summary>[rows, O].</summary>
    public float* Output;

    /// <summary>dL/doutput, [rows, O]; may be overwritten.</summary>
    public float* OutputGradient;

    /// <summary>dL/dinput, [rows, I]; null where nobody wants it.</summary>
    public float* InputGradient;

    /// <summary>This worker's own memory.</summary>
    public float* Scratch;

    /// <summary>False for a forward pass as at inference.</summary>
    public bool IsTraining;

    /// <summary>Which forward pass this is: with the seed it decides the masks.</summary>
    public ulong PassNumber;

    /// <summary>The first step's number in the sequence, where a sequence runs in pieces.</summary>
    public int FirstStep;

    /// <summary>T of the whole sequence.</summary>
    public int TotalTime;

    /// <summary>False where a later piece of the same sequence has been there: gradients go on from what it left.</summary>
    public bool StartsBackward;

    /// <summary>Of a layer that runs in rounds: which one this is, in the order in which they run.</summary>
    public int Round;

    /// <summary>The rows of a step that are this worker's, as a range of compact rows.</summary>
    public readonly (int First, int Count) RowsOf(StepRows steps, int step) =>
        (steps.First(step) + FirstRow, steps.ActiveOf(step, FirstRow, EndRow));

    /// <summary>True where this worker has all rows, so that the steps are one contiguous range.</summary>
    public readonly bool HasAllRows(StepRows steps) => FirstRow == 0 && EndRow == steps.Rows;
}
