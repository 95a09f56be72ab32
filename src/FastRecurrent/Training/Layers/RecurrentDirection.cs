using FastRecurrent.Kernels;
using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>
/// One direction of a recurrent layer that learns. It works in its own order of steps: the reverse direction's step 0 is each
/// row's last one. A dense batch is read backward where it lies; a ragged one is copied into the direction's order. Passes are over
/// all steps; what runs is the piece of them that is at hand.
/// </summary>
internal sealed unsafe class RecurrentDirection
{
    private readonly RecurrentKernel _kernel;
    private readonly RecurrentGradient _gradient;
    private readonly VectorParameters _vectors = new();
    private readonly AlignedBuffer _trace;
    private readonly AlignedBuffer? _hidden;
    private readonly int _hiddenRow;
    private readonly int _outputRow;
    private readonly int _outputColumn;
    private readonly AlignedBuffer? _inputs;
    private readonly AlignedBuffer? _inputGradients;
    private readonly AlignedBuffer _unitGradients;
    private readonly int _unitRow;
    private readonly bool _isReverse;
    private readonly StateMasks? _masks;
    private (int First, int End) _stretch;

    /// <param name="kernel">The packed weights.</param>
    /// <param name="isReverse">Whether steps run from a row's last to its first.</param>
    /// <param name="limits">The largest batch.</param>
    /// <param name="pieceSteps">The steps of which what backward needs is kept at a time.</param>
    /// <param name="outputRow">Floats of a row of the layer's output where this direction's h is a part of it and kept nowhere else; 0 where h is kept apart.</param>
    /// <param name="outputColumn">Where in such a row h begins.</param>
    /// <param name="masks">Makes recurrent dropout and zoneout around the direction's state; null for neither.</param>
    public RecurrentDirection(
        RecurrentKernel kernel, bool isReverse, TrainingLimits limits, int pieceSteps, int outputRow, int outputColumn, Func<TrainingState, TrainingLimits, StateMasks>? masks)
    {
        _kernel = kernel;
        _gradient = kernel.CreateGradient();
        Stretches = new BackwardStretches(kernel, _gradient);
        _isReverse = isReverse;
        Cell = kernel.Cell;
        State = new TrainingState(Cell, limits.Batch);
        Pieces = new DirectionPieces(State, isReverse, limits, pieceSteps);
        limits = limits with { Time = Math.Min(pieceSteps, limits.Time) };
        long rows = limits.Rows;
        _trace = new AlignedBuffer((rows * _gradient.TraceRow) + AlignedBuffer.AlignmentFloats);
        _outputRow = outputRow;
        _outputColumn = outputColumn;
        _hidden = outputRow == 0 ? new AlignedBuffer((rows * Cell.OutputSize) + AlignedBuffer.AlignmentFloats) : null;
        _hiddenRow = outputRow == 0 ? Cell.OutputSize : outputRow;
        if (isReverse && limits.IsRagged)
        {
            _inputs = new AlignedBuffer(rows * kernel.InputSize);
            _inputGradients = new AlignedBuffer((rows * kernel.InputSize) + AlignedBuffer.AlignmentFloats);
        }

        _unitRow = Cell.UnitParameters.Count * AlignedBuffer.Padded(Cell.HiddenSize);
        _unitGradients = new AlignedBuffer((long)limits.Batch * _unitRow);
        _masks = masks?.Invoke(State, limits);
    }

    public RecurrentCell Cell { get; }

    public TrainingState State { get; }

    public DirectionPieces Pieces { get; }

    public BackwardStretches Stretches { get; }

    /// <summary>Whether the stretch at hand is the first one of the piece to go back.</summary>
    public bool StartsPiece { get; private set; }

    public VectorParameters Vectors => _vectors;

    public RecurrentGradient Gradient => _gradient;

    public long MultiplyAdds => _kernel.MultiplyAdds;

    public long WorkspaceBytes
    {
        get
        {
            AlignedBuffer?[] buffers = [_trace, _hidden, _inputs, _inputGradients, _unitGradients];
            return State.Bytes + Pieces.WorkspaceBytes + (_masks?.WorkspaceBytes ?? 0) + (buffers.Sum(buffer => (long)(buffer?.Length ?? 0)) * sizeof(float));
        }
    }

    public long ScratchFloats(int time, int rows) => Math.Max(_kernel.ScratchFloats(rows, time, 1), _gradient.TimeScratchFloats(rows));

    /// <summary>The pass over the piece at hand.</summary>
    public LayerPass Piece(in LayerPass whole) => Pieces.Of(whole, _kernel.InputSize, _outputRow);

    /// <summary>Takes a stretch of the piece at hand, to go back; of a piece that does not hold all steps, all of it.</summary>
    public void TakeStretch(in LayerPass whole, int stretch)
    {
        LayerPass pass = Piece(whole);
        _stretch = Pieces.IsAll ? Stretches.Of(pass.Steps, stretch) : (0, pass.Steps.Time);
        StartsPiece = _stretch.End == pass.Steps.Time;
    }

    /// <summary>Whether h lies in the layer's output, in the order of its steps.</summary>
    public bool IsInOutput => _hidden is null;

    /// <summary>h of the piece: [rows, R] in the direction's order, or its part of the output.</summary>
    public float* Hidden(in LayerPass piece) => _hidden is null ? piece.Output + _outputColumn : _hidden.Pointer;

    /// <summary>The compact row of x and y for row <paramref name="row"/> of a step of the piece.</summary>
    public int OuterRow(StepRows whole, ReadOnlySpan<int> lengths, int step, int row) =>
        whole.First(OuterStep(whole, lengths, Pieces.First + step, row)) + row;

    /// <summary>The step of x and y that is the direction's step, and the other way round.</summary>
    public int OuterStep(StepRows whole, ReadOnlySpan<int> lengths, int step, int row) =>
        _isReverse ? (whole.IsDense ? whole.Time : lengths[row]) - 1 - step : step;

    public void Forward(in LayerPass whole, ReadOnlySpan<int> lengths)
    {
        LayerPass pass = Piece(whole);
        StepRows steps = pass.Steps;
        int first = pass.FirstRow;
        State.Start(first, pass.EndRow);
        bool copies = _isReverse && !steps.IsDense;
        if (copies)
        {
            Reorder(whole, steps, lengths);
        }

        float* hidden = Hidden(pass);
        StateMasks? masks = Masks(pass);
        masks?.Start(pass);
        for (int step = 0; step < steps.Time;)
        {
            int rows = steps.ActiveOf(step, first, pass.EndRow);
            int end = step + 1;
            while (masks is null && end < steps.Time && steps.Active(end) == steps.Active(step))
            {
                end++;
            }

            if (rows > 0)
            {
                RecurrentFrame run = Stretch(pass, step, end - step, rows, copies ? _inputs!.Pointer : pass.Input, copies, hidden);
                masks?.BeforeStep(pass, ref run);
                _kernel.Run(ref run);
                masks?.AfterStep(pass, step, run, Times(whole, step, lengths));
            }

            step = end;
        }

        for (int step = 0; step < steps.Time; step++)
        {
            // The rows that end here.
            int rows = steps.ActiveOf(step, first, pass.EndRow);
            int next = step + 1 < steps.Time ? steps.ActiveOf(step + 1, first, pass.EndRow) : 0;
            RowCopy.Copy(
                hidden + ((HiddenAt(steps, step) + first + next) * _hiddenRow), _hiddenRow,
                State.Hidden.Pointer + ((nint)(first + next) * State.HiddenRow), State.HiddenRow, rows - next, Cell.OutputSize);
        }
    }

    /// <summary>The time loop and dL/dx for the pass's rows and the stretch at hand.</summary>
    /// <param name="whole">The pass over all steps.</param>
    /// <param name="lengths">Each row's, or empty.</param>
    /// <param name="outputGradient">dL/dh of the piece's rows as they lie in y, null for none.</param>
    /// <param name="outputRow">Floats from row to row of it.</param>
    /// <param name="outputIsFirstStep">Whether it belongs to step 0 alone.</param>
    /// <param name="addsInput">Whether dL/dx is added to what is there.</param>
    public void Backward(in LayerPass whole, ReadOnlySpan<int> lengths, float* outputGradient, nint outputRow, bool outputIsFirstStep, bool addsInput)
    {
        LayerPass pass = Piece(whole);
        bool copies = _isReverse && !pass.Steps.IsDense;
        GradientFrame frame = Frame(pass);
        frame.OutputGradient = outputGradient;
        frame.OutputGradientRow = outputRow;
        frame.OutputIsFirstStep = outputIsFirstStep;
        if (pass.StartsBackward && StartsPiece && _unitRow > 0)
        {
            new Span<float>(_unitGradients.Pointer + ((nint)pass.FirstRow * _unitRow), (pass.EndRow - pass.FirstRow) * _unitRow).Clear();
        }

        StateMasks? masks = Masks(pass);
        masks?.Set(pass, ref frame);
        if (masks is null && State.Norms is null)
        {
            _gradient.RunTime(frame, wantsInitial: true);
        }
        else
        {
            RunSteps(whole, pass, lengths, frame, masks);
        }

        if (pass.InputGradient == null)
        {
            return;
        }

        frame.InputGradient = copies ? _inputGradients!.Pointer : pass.InputGradient;
        frame.InputGradientRow = _kernel.InputSize;
        frame.AddsInputGradient = addsInput;
        if (copies && addsInput)
        {
            MoveInputGradients(whole, pass.Steps, lengths, toOuter: false);
        }

        _gradient.InputGradients(frame);
        if (copies)
        {
            MoveInputGradients(whole, pass.Steps, lengths, toOuter: true);
        }
    }

    public void AddWeightGradients(in LayerPass whole, int share, int shares)
    {
        LayerPass pass = Piece(whole);
        GradientFrame frame = Frame(pass);
        frame.FirstRow = 0;
        frame.EndRow = pass.Steps.Rows;
        Masks(pass)?.SetSource(pass, ref frame);
        _gradient.AddWeightGradients(frame, pass.StartsBackward && StartsPiece, share, shares);
    }

    public void FinishGradients(int rows)
    {
        _gradient.BiasGradients(_vectors);
        if (_unitRow > 0)
        {
            _gradient.UnitGradients(_unitGradients.Pointer, _unitRow, rows, _vectors);
        }
    }

    public void WeightsChanged()
    {
        Updated();
        _gradient.WeightsChanged();
    }

    public void Updated() => _kernel.FillVectors(_vectors);

    /// <summary>The time loop where something is to be done between its steps.</summary>
    private void RunSteps(in LayerPass whole, in LayerPass pass, ReadOnlySpan<int> lengths, in GradientFrame frame, StateMasks? masks)
    {
        for (int step = frame.EndStep - 1; step >= frame.FirstStep; step--)
        {
            StepTimes timeOf = Times(whole, step, lengths);
            State.Norms?.Add(pass, step, frame, timeOf, Cell.OutputSize);
            GradientFrame stepFrame = frame;
            masks?.BeforeBackward(pass, step, ref stepFrame, timeOf);
            _gradient.RunStep(stepFrame, step, wantsInitial: true);
            masks?.AfterBackward(pass, step, _gradient.CarriesHidden);
        }
    }

    /// <summary>Only dense batches are reversed in the output: rows with lengths of their own begin at different steps of it.</summary>
    private bool IsHiddenReversed => _isReverse && IsInOutput;

    /// <summary>The first row of h of a step.</summary>
    private nint HiddenAt(StepRows steps, int step) => steps.First(IsHiddenReversed ? steps.Time - 1 - step : step);

    /// <summary>Recurrent dropout and zoneout, null where the pass has neither.</summary>
    private StateMasks? Masks(in LayerPass pass) => _masks is not null && _masks.Act(pass) ? _masks : null;

    private StepTimes Times(in LayerPass whole, int step, ReadOnlySpan<int> lengths) =>
        new(_isReverse, Pieces.First + step, whole.FirstStep, whole.Steps.Time, whole.Steps.IsDense ? default : lengths);

    private GradientFrame Frame(in LayerPass pass)
    {
        bool copies = _isReverse && !pass.Steps.IsDense;
        return new GradientFrame
        {
            Steps = pass.Steps,
            FirstRow = pass.FirstRow,
            EndRow = pass.EndRow,
            FirstStep = _stretch.First,
            EndStep = _stretch.End,
            IsReversed = _isReverse && !copies,
            Input = copies ? _inputs!.Pointer : pass.Input,
            InputRow = _kernel.InputSize,
            Trace = _trace.Pointer,
            Hidden = Hidden(pass),
            HiddenRow = _hiddenRow,
            HiddenIsReversed = IsHiddenReversed,
            InitialHidden = State.InitialHidden.Pointer,
            InitialHiddenRow = State.HiddenRow,
            InitialCell = State.InitialCell.Pointer,
            InitialCellRow = State.CellRow,
            HiddenGradient = State.HiddenGradient.Pointer,
            HiddenGradientRow = State.HiddenRow,
            CellGradient = State.CellGradient.Pointer,
            CellGradientRow = State.CellRow,
            UnitGradients = _unitGradients.Pointer,
            UnitGradientsRow = _unitRow,
            Scratch = pass.Scratch,
        };
    }

    private RecurrentFrame Stretch(in LayerPass pass, int step, int count, int rows, float* inputs, bool copies, float* hidden)
    {
        StepRows steps = pass.Steps;
        int inputSize = _kernel.InputSize;
        bool isReversed = _isReverse && !copies;
        nint stepRows = steps.Active(step);
        nint row = steps.First(step) + pass.FirstRow;
        nint outer = isReversed ? steps.First(steps.Time - 1 - step) + pass.FirstRow : row;
        return new RecurrentFrame
        {
            Input = inputs + (outer * inputSize),
            InputTime = isReversed ? -stepRows * inputSize : stepRows * inputSize,
            InputRow = inputSize,
            InitialHidden = step == 0
                ? State.InitialHidden.Pointer + ((nint)pass.FirstRow * State.HiddenRow)
                : hidden + ((HiddenAt(steps, step - 1) + pass.FirstRow) * _hiddenRow),
            InitialHiddenRow = step == 0 ? State.HiddenRow : _hiddenRow,
            Output = hidden + ((HiddenAt(steps, step) + pass.FirstRow) * _hiddenRow),
            OutputTime = IsHiddenReversed ? -stepRows * _hiddenRow : stepRows * _hiddenRow,
            OutputRow = _hiddenRow,
            Cell = State.HasCell ? State.Cell.Pointer + ((nint)pass.FirstRow * State.CellRow) : null,
            Trace = _trace.Pointer + (row * _gradient.TraceRow),
            TraceTime = stepRows * _gradient.TraceRow,
            TraceRow = _gradient.TraceRow,
            Rows = rows,
            Steps = count,
            Scratch = pass.Scratch,
        };
    }

    private void Reorder(in LayerPass whole, StepRows steps, ReadOnlySpan<int> lengths)
    {
        int inputSize = _kernel.InputSize;
        for (int step = 0; step < steps.Time; step++)
        {
            (int first, int count) = whole.RowsOf(steps, step);
            for (int i = 0; i < count; i++)
            {
                int outer = OuterRow(whole.Steps, lengths, step, whole.FirstRow + i);
                RowCopy.Copy(whole.Input + ((nint)outer * inputSize), _inputs!.Pointer + ((nint)(first + i) * inputSize), inputSize);
            }
        }
    }

    /// <summary>dL/dx between its own order and the direction's: chains go on from the other direction's part as in a dense batch.</summary>
    private void MoveInputGradients(in LayerPass whole, StepRows steps, ReadOnlySpan<int> lengths, bool toOuter)
    {
        int inputSize = _kernel.InputSize;
        for (int step = 0; step < steps.Time; step++)
        {
            (int first, int count) = whole.RowsOf(steps, step);
            for (int i = 0; i < count; i++)
            {
                int outer = OuterRow(whole.Steps, lengths, step, whole.FirstRow + i);
                float* own = _inputGradients!.Pointer + ((nint)(first + i) * inputSize);
                float* outside = whole.InputGradient + ((nint)outer * inputSize);
                RowCopy.Copy(toOuter ? own : outside, toOuter ? outside : own, inputSize);
            }
        }
    }
}
