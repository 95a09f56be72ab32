namespace FastRecurrent.Kernels;

/// <summary>
/// How the rows of a batch lie in time: compact, step after step, the rows of a step in one order (longest first), so that the
/// rows still running are always a prefix. Row i of step t is row First[t] + i.
/// </summary>
internal sealed class StepRows
{
    private readonly int[] _first;
    private readonly int[] _active;

    public StepRows(int maxTime)
    {
        _first = new int[maxTime + 1];
        _active = new int[maxTime];
    }

    /// <summary>T.</summary>
    public int Time { get; private set; }

    /// <summary>N.</summary>
    public int Rows { get; private set; }

    /// <summary>True where every row runs through all steps.</summary>
    public bool IsDense { get; private set; }

    /// <summary>Rows of all steps together.</summary>
    public int Total => _first[Time];

    /// <summary>The first row of a step.</summary>
    public int First(int step) => _first[step];

    /// <summary>Rows that are running in a step.</summary>
    public int Active(int step) => _active[step];

    /// <summary>How many of the rows [begin, end) are running in a step.</summary>
    public int ActiveOf(int step, int begin, int end) => Math.Clamp(_active[step] - begin, 0, end - begin);

    /// <summary>Every row has <paramref name="time"/> steps.</summary>
    public void SetDense(int time, int rows)
    {
        Time = time;
        Rows = rows;
        IsDense = true;
        for (int t = 0; t < time; t++)
        {
            _first[t] = t * rows;
            _active[t] = rows;
        }

        _first[time] = checked(time * rows);
    }

    /// <summary>Lengths of the rows, longest first.</summary>
    public void SetLengths(int time, ReadOnlySpan<int> sorted)
    {
        Time = time;
        Rows = sorted.Length;
        IsDense = false;
        int active = sorted.Length;
        int total = 0;
        for (int t = 0; t < time; t++)
        {
            while (active > 0 && sorted[active - 1] <= t)
            {
                active--;
            }

            _first[t] = total;
            _active[t] = active;
            total = checked(total + active);
        }

        _first[time] = total;
    }
}

/// <summary>
/// One direction's backward pass over the rows [FirstRow, EndRow) of a batch and its steps [FirstStep, EndStep). Step s is the direction's own: the reverse
/// direction's step 0 is each row's last one. Strides are in floats.
/// </summary>
internal unsafe struct GradientFrame
{
    public StepRows Steps;
    public int FirstRow;
    public int EndRow;
    public int FirstStep;
    public int EndStep;

    /// <summary>True where the rows of x and y of step s lie at step T - 1 - s (the reverse direction of a dense batch).</summary>
    public bool IsReversed;

    /// <summary>x of the whole batch.</summary>
    public float* Input;
    public nint InputRow;

    /// <summary>dL/dx of the whole batch; null where nobody wants it.</summary>
    public float* InputGradient;
    public nint InputGradientRow;

    /// <summary>Whether dL/dx is added to what is there.</summary>
    public bool AddsInputGradient;

    /// <summary>dL/dy of the whole batch; null for none but that in HiddenGradient.</summary>
    public float* OutputGradient;
    public nint OutputGradientRow;

    /// <summary>Whether dL/dy belongs to step 0 alone, one row a batch row.</summary>
    public bool OutputIsFirstStep;

    /// <summary>The trace of the whole batch.</summary>
    public float* Trace;

    /// <summary>h of all steps.</summary>
    public float* Hidden;
    public nint HiddenRow;

    /// <summary>True where h of step s lies at step T - 1 - s, as x and y do.</summary>
    public bool HiddenIsReversed;

    /// <summary>Null, or, with recurrent dropout, what h is multiplied by before the products see it: all batch rows, rows as InitialHidden.</summary>
    public float* HiddenMask;

    /// <summary>With recurrent dropout, h before the step at hand as the products saw it, rows as InitialHidden; else not used.</summary>
    public float* MaskedHidden;

    /// <summary>Null, or, with recurrent dropout, where dL/d(masked h) of the step before goes, apart from HiddenGradient; rows as there. Zero before a step.</summary>
    public float* MaskedGradient;

    /// <summary>Null, or c behind each step where that is not what the trace holds (zoneout).</summary>
    public float* Cells;
    public nint CellsRow;

    /// <summary>h and c before the first step, all batch rows.</summary>
    public float* InitialHidden;
    public nint InitialHiddenRow;
    public float* InitialCell;
    public nint InitialCellRow;

    /// <summary>dL/dh behind each row's last step, replaced by dL/dh before its first one; all batch rows.</summary>
    public float* HiddenGradient;
    public nint HiddenGradientRow;

    /// <summary>The same for c; null where the cell has none.</summary>
    public float* CellGradient;
    public nint CellGradientRow;

    /// <summary>Gradients of the per-unit parameters, one set a batch row; added to.</summary>
    public float* UnitGradients;
    public nint UnitGradientsRow;

    /// <summary>This worker's own memory.</summary>
    public float* Scratch;

    public readonly int Rows => EndRow - FirstRow;

    /// <summary>The first of all rows that belong to these steps.</summary>
    public readonly int FirstOfSteps => Steps.First(FirstStep);

    /// <summary>Behind the last of them.</summary>
    public readonly int EndOfSteps => Steps.First(EndStep);

    /// <summary>The first row of x, y and their gradients for step <paramref name="step"/>.</summary>
    public readonly int OuterRow(int step) => Steps.First(IsReversed ? Steps.Time - 1 - step : step);

    /// <summary>The first row of h behind step <paramref name="step"/>.</summary>
    public readonly nint HiddenAt(int step) => Steps.First(HiddenIsReversed ? Steps.Time - 1 - step : step);
}
