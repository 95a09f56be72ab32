using FastRecurrent.Threading;

namespace FastRecurrent.Kernels;

/// <summary>
/// One run of a direction over some rows and steps. Strides are in floats; a time stride may be negative (the reverse
/// direction). h of step s is written at Output + s * OutputTime, or, where Output is null, to the two Hidden buffers in
/// turn; h before the first step is read at InitialHidden.
/// </summary>
internal unsafe struct RecurrentFrame
{
    public float* Input;
    public nint InputTime;
    public nint InputRow;

    public float* InitialHidden;
    public nint InitialHiddenRow;

    /// <summary>Null, or the initial h as products see it, through a mask; a run then has one step.</summary>
    public float* MaskedHidden;
    public nint MaskedHiddenRow;

    public float* Output;
    public nint OutputTime;
    public nint OutputRow;

    /// <summary>Where h goes in turn when nobody wants the sequence: [rows, HiddenRow] each.</summary>
    public float* EvenHidden;
    public float* OddHidden;
    public nint HiddenRow;

    /// <summary>c, read and replaced: [rows, padded H]; null where the cell has none.</summary>
    public float* Cell;

    /// <summary>Null, or where the first step keeps what the backward pass needs: TraceTime floats from step to step, TraceRow from row to row.</summary>
    public float* Trace;
    public nint TraceTime;
    public nint TraceRow;

    public int Rows;
    public int Steps;

    /// <summary>Memory of at least <see cref="RecurrentKernel.ScratchFloats"/>, 64-byte aligned.</summary>
    public float* Scratch;

    /// <summary>Which share of the panels this caller computes, where several share one run; see <see cref="Barrier"/>.</summary>
    public int Share;

    /// <summary>Null, or where the sharers of one run meet after every stage.</summary>
    public SpinBarrier? Barrier;

    /// <summary>h of the previous step, for step <paramref name="step"/>.</summary>
    public readonly float* PreviousHidden(int step) =>
        step == 0 ? InitialHidden : Hidden(step - 1);

    public readonly nint PreviousHiddenRow(int step) => step == 0 ? InitialHiddenRow : NextHiddenRow;

    /// <summary>Where h of step <paramref name="step"/> goes.</summary>
    public readonly float* Hidden(int step) =>
        Output != null ? Output + (step * OutputTime) : (step & 1) == 0 ? EvenHidden : OddHidden;

    public readonly nint NextHiddenRow => Output != null ? OutputRow : HiddenRow;
}
