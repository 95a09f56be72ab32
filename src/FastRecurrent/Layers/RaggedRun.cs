using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Layers;

/// <summary>
/// One direction over rows of different lengths. The rows are taken longest first, so that the rows still running are
/// always a prefix; each stretch of steps over which that prefix is constant is one dense run on gathered input. The cost
/// is proportional to the real steps, and nothing is masked.
/// </summary>
internal readonly unsafe ref struct RaggedRun
{
    private const int MaxSteps = 32;
    private const int TargetRows = 96;

    private readonly RecurrentKernel _kernel;
    private readonly bool _isReverse;
    private readonly RecurrentOutput _output;
    private readonly LayerFrame _frame;
    private readonly int _inputSize;
    private readonly int _outputSize;
    private readonly int _hiddenRow;
    private readonly float* _hidden;
    private readonly float* _cell;
    private readonly float* _input;
    private readonly float* _outputs;
    private readonly float* _scratch;

    public RaggedRun(RecurrentKernel kernel, bool isReverse, RecurrentOutput output, in LayerFrame frame, float* scratch)
    {
        _kernel = kernel;
        _isReverse = isReverse;
        _output = output;
        _frame = frame;
        _inputSize = kernel.InputSize;
        _outputSize = kernel.Cell.OutputSize;
        _hiddenRow = AlignedBuffer.Padded(_outputSize);
        int steps = StepsAtOnce(frame.Time, frame.Rows);
        _hidden = scratch;
        _cell = _hidden + ((nint)frame.Rows * _hiddenRow);
        _input = _cell + ((nint)frame.Rows * kernel.CellRow);
        _outputs = _input + AlignedBuffer.Padded((long)steps * frame.Rows * _inputSize);
        _scratch = _outputs + AlignedBuffer.Padded((long)steps * frame.Rows * _outputSize);
    }

    /// <summary>What a ragged run of up to so many rows and steps needs beyond the kernel's own scratch.</summary>
    public static long ScratchFloats(RecurrentKernel kernel, int time, int rows, bool ragged)
    {
        if (!ragged)
        {
            return 0;
        }

        // Not StepsAtOnce * rows: fewer rows than the most may gather more steps, up to TargetRows rows of them.
        long gathered = Math.Max(rows, Math.Min(TargetRows, (long)time * rows));
        int output = kernel.Cell.OutputSize;
        return checked(
            ((long)rows * AlignedBuffer.Padded(output)) + ((long)rows * kernel.CellRow)
            + AlignedBuffer.Padded(gathered * kernel.InputSize) + AlignedBuffer.Padded(gathered * output));
    }

    /// <summary>Runs all rows from the given state and leaves the final state there.</summary>
    public void Run(float* hidden, nint hiddenRow, float* cell)
    {
        for (int i = 0; i < _frame.Rows; i++)
        {
            int row = _frame.Order[i];
            RowCopy.Copy(hidden + (row * hiddenRow), _hidden + ((nint)i * _hiddenRow), _outputSize);
            if (cell != null)
            {
                RowCopy.Copy(cell + ((nint)row * _kernel.CellRow), _cell + ((nint)i * _kernel.CellRow), _kernel.CellRow);
            }
        }

        int stepsAtOnce = StepsAtOnce(_frame.Time, _frame.Rows);
        int active = _frame.Rows;
        for (int first = 0; ;)
        {
            while (active > 0 && _frame.Lengths[_frame.Order[active - 1]] <= first)
            {
                active--;
            }

            if (active == 0)
            {
                break;
            }

            int steps = Math.Min(stepsAtOnce, _frame.Lengths[_frame.Order[active - 1]] - first);
            RunStretch(first, steps, active, cell != null);
            first += steps;
        }

        for (int i = 0; i < _frame.Rows; i++)
        {
            Finish(i, hidden, hiddenRow, cell);
        }
    }

    private static int StepsAtOnce(int time, int rows) => Math.Min(time, Math.Clamp(TargetRows / rows, 1, MaxSteps));

    private void RunStretch(int first, int steps, int active, bool hasCell)
    {
        for (int s = 0; s < steps; s++)
        {
            for (int i = 0; i < active; i++)
            {
                int row = _frame.Order[i];
                float* x = _frame.Input + (TimeOf(first + s, row) * _frame.InputTime) + (row * _frame.InputRow);
                RowCopy.Copy(x, _input + (((nint)s * active) + i) * _inputSize, _inputSize);
            }
        }

        RecurrentFrame run = new()
        {
            Input = _input,
            InputTime = (nint)active * _inputSize,
            InputRow = _inputSize,
            InitialHidden = _hidden,
            InitialHiddenRow = _hiddenRow,
            Output = _outputs,
            OutputTime = (nint)active * _outputSize,
            OutputRow = _outputSize,
            Cell = hasCell ? _cell : null,
            Rows = active,
            Steps = steps,
            Scratch = _scratch,
        };
        _kernel.Run(ref run);
        RowCopy.Copy(run.Hidden(steps - 1), _outputSize, _hidden, _hiddenRow, active, _outputSize);
        for (int s = 0; s < steps; s++)
        {
            for (int i = 0; i < active; i++)
            {
                int row = _frame.Order[i];
                int t = TimeOf(first + s, row);
                float* h = _outputs + (((nint)s * active) + i) * _outputSize;
                if (_output == RecurrentOutput.Sequence)
                {
                    RowCopy.Copy(h, _frame.Output + (t * _frame.OutputTime) + (row * _frame.OutputRow), _outputSize);
                }
                else if (_output == RecurrentOutput.LastStep && t == _frame.Lengths[row] - 1)
                {
                    RowCopy.Copy(h, _frame.Output + (row * _frame.OutputRow), _outputSize);
                }
            }
        }
    }

    /// <summary>Which step of its row the run's step is.</summary>
    private int TimeOf(int step, int row) => _isReverse ? _frame.Lengths[row] - 1 - step : step;

    private void Finish(int index, float* hidden, nint hiddenRow, float* cell)
    {
        int row = _frame.Order[index];
        float* final = _hidden + ((nint)index * _hiddenRow);
        float* y = _frame.Output + (row * _frame.OutputRow);
        RowCopy.Copy(final, hidden + (row * hiddenRow), _outputSize);
        if (cell != null)
        {
            RowCopy.Copy(_cell + ((nint)index * _kernel.CellRow), cell + ((nint)row * _kernel.CellRow), _kernel.CellRow);
        }

        switch (_output)
        {
            case RecurrentOutput.FinalState:
                RowCopy.Copy(final, y, _outputSize);
                break;
            case RecurrentOutput.LastStep when _frame.Lengths[row] == 0:
                RowCopy.Clear(y, _outputSize);
                break;
            case RecurrentOutput.Sequence:
                for (int t = _frame.Lengths[row]; t < _frame.Time; t++)
                {
                    RowCopy.Clear(y + (t * _frame.OutputTime), _outputSize);
                }

                break;
        }
    }
}
