using FastRecurrent.Kernels;
using FastRecurrent.Layers;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Training;

/// <summary>
/// Recurrent dropout and zoneout of one direction, around every single step. With them a step is
/// <code>
/// (h~, c~) = cell(x, m * h, h, c)            m: one mask for all steps; products see m * h
/// h' = d * h + (1 - d) * h~                  d: 1 to keep the old value, else 0; not in training, the probability of 1
/// c' = d_c * c + (1 - d_c) * c~
/// </code>
/// and backward the gradients of h~ and c~ are (1 - d) times those of h' and c', which go on to h and c times d.
/// </summary>
internal sealed unsafe class StateMasks
{
    private readonly RecurrentLayer _layer;
    private readonly TrainingBatch _batch;
    private readonly TrainingState _state;
    private readonly ulong _seed;
    private readonly int _index;
    private readonly bool _isSecond;
    private readonly int _hiddenSize;
    private readonly int _cellSize;
    private readonly float _cellRate;
    private readonly AlignedBuffer? _mask;
    private readonly AlignedBuffer? _maskedHidden;
    private readonly AlignedBuffer? _maskedGradient;
    private readonly AlignedBuffer? _cells;
    private readonly AlignedBuffer? _hiddenPart;
    private readonly AlignedBuffer? _cellPart;

    public StateMasks(RecurrentLayer layer, int index, bool isSecond, RecurrentCell cell, TrainingState state, TrainingBatch batch, TrainingLimits limits, ulong seed)
    {
        _layer = layer;
        _batch = batch;
        _state = state;
        _seed = seed;
        _index = index;
        _isSecond = isSecond;
        _hiddenSize = cell.OutputSize;
        _cellSize = cell.HiddenSize;
        _cellRate = cell.HasCellState ? layer.CellZoneout : 0;
        long rows = limits.Rows;
        long hidden = (long)limits.Batch * state.HiddenRow;
        if (layer.RecurrentDropout > 0)
        {
            _mask = new AlignedBuffer(hidden);
            _maskedHidden = new AlignedBuffer(hidden);
            _maskedGradient = new AlignedBuffer(hidden);
        }

        _hiddenPart = layer.HiddenZoneout > 0 ? new AlignedBuffer(hidden) : null;
        if (_cellRate > 0)
        {
            _cells = new AlignedBuffer((rows * _cellSize) + AlignedBuffer.AlignmentFloats);
            _cellPart = new AlignedBuffer((long)limits.Batch * state.CellRow);
        }
    }

    public long WorkspaceBytes => Floats.Sum(buffer => (long)(buffer?.Length ?? 0)) * sizeof(float);

    private AlignedBuffer?[] Floats => [_mask, _maskedHidden, _maskedGradient, _cells, _hiddenPart, _cellPart];

    /// <summary>Whether anything happens in a pass.</summary>
    public bool Act(in LayerPass pass) => Drops(pass) || _hiddenPart is not null || _cells is not null;

    /// <summary>Draws the masks of the pass's rows and masks the initial h.</summary>
    public void Start(in LayerPass pass)
    {
        if (!Drops(pass))
        {
            return;
        }

        RandomMask mask = Mask(pass, MaskKind.RecurrentDropout, _layer.RecurrentDropout);
        for (int row = pass.FirstRow; row < pass.EndRow; row++)
        {
            MaskRow drops = mask.Of(_batch.Order[row], 0);
            float* values = _mask!.Pointer + ((nint)row * _state.HiddenRow);
            for (int k = 0; k < _hiddenSize; k++)
            {
                values[k] = drops[k] ? 0 : mask.Scale;
            }
        }

        MaskHidden(pass, InitialHidden(pass), _state.HiddenRow, pass.EndRow - pass.FirstRow);
    }

    /// <summary>Sets what the products of a step see as h.</summary>
    public void BeforeStep(in LayerPass pass, ref RecurrentFrame frame)
    {
        if (Drops(pass))
        {
            frame.MaskedHidden = Rows(_maskedHidden!, pass, _state.HiddenRow);
            frame.MaskedHiddenRow = _state.HiddenRow;
        }
    }

    /// <summary>Zoneout of h and c behind a step, and the masked h for the next one.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="step">The direction's step.</param>
    /// <param name="frame">The run of this one step.</param>
    /// <param name="timeOf">The step of the sequence for each row.</param>
    public void AfterStep(in LayerPass pass, int step, in RecurrentFrame frame, in StepTimes timeOf)
    {
        if (_hiddenPart is not null)
        {
            RandomMask mask = Mask(pass, MaskKind.HiddenZoneout, _layer.HiddenZoneout);
            for (int i = 0; i < frame.Rows; i++)
            {
                Keep(
                    pass, mask.Of(_batch.Order[pass.FirstRow + i], timeOf[pass.FirstRow + i]), _layer.HiddenZoneout,
                    frame.InitialHidden + (i * frame.InitialHiddenRow), frame.Output + (i * frame.OutputRow), _hiddenSize);
            }
        }

        if (_cells is not null)
        {
            nint first = pass.Steps.First(step) + pass.FirstRow;
            RandomMask mask = Mask(pass, MaskKind.CellZoneout, _cellRate);
            float* old = step == 0 ? Rows(_state.InitialCell, pass, _state.CellRow) : _cells.Pointer + ((nint)(pass.Steps.First(step - 1) + pass.FirstRow) * _cellSize);
            nint oldRow = step == 0 ? _state.CellRow : _cellSize;
            for (int i = 0; i < frame.Rows; i++)
            {
                float* value = frame.Cell + ((nint)i * _state.CellRow);
                Keep(pass, mask.Of(_batch.Order[pass.FirstRow + i], timeOf[pass.FirstRow + i]), _cellRate, old + (i * oldRow), value, _cellSize);
                RowCopy.Copy(value, _cells.Pointer + ((first + i) * _cellSize), _cellSize);
            }
        }

        if (Drops(pass))
        {
            MaskHidden(pass, frame.Output, frame.OutputRow, frame.Rows);
        }
    }

    /// <summary>What the backward pass reads.</summary>
    public void Set(in LayerPass pass, ref GradientFrame frame)
    {
        if (Drops(pass))
        {
            frame.MaskedHidden = _maskedHidden!.Pointer;
            frame.MaskedGradient = _maskedGradient!.Pointer;
        }

        frame.Cells = _cells is null ? null : _cells.Pointer;
        frame.CellsRow = _cellSize;
    }

    /// <summary>What multiplied the recurrent weights, for their gradients: h, masked anew.</summary>
    public void SetSource(in LayerPass pass, ref GradientFrame frame)
    {
        if (Drops(pass))
        {
            frame.HiddenMask = _mask!.Pointer;
        }
    }

    /// <summary>Splits dL/dh' and dL/dc' of a step into what the cell gets and what goes past it.</summary>
    public void BeforeBackward(in LayerPass pass, int step, ref GradientFrame frame, in StepTimes timeOf)
    {
        int rows = pass.RowsOf(pass.Steps, step).Count;
        if (_hiddenPart is not null)
        {
            RandomMask mask = Mask(pass, MaskKind.HiddenZoneout, _layer.HiddenZoneout);
            float* dy = OutputGradientRows.Of(frame, step);
            for (int i = 0; i < rows; i++)
            {
                nint at = (nint)(pass.FirstRow + i) * _state.HiddenRow;
                float* gradient = _state.HiddenGradient.Pointer + at;
                for (int k = 0; dy != null && k < _hiddenSize; k++)
                {
                    gradient[k] += dy[(i * frame.OutputGradientRow) + k];
                }

                Split(
                    pass, mask.Of(_batch.Order[pass.FirstRow + i], timeOf[pass.FirstRow + i]), _layer.HiddenZoneout,
                    gradient, _hiddenPart.Pointer + at, _hiddenSize);
            }

            frame.OutputGradient = null;
        }

        if (_cellPart is not null)
        {
            RandomMask mask = Mask(pass, MaskKind.CellZoneout, _cellRate);
            for (int i = 0; i < rows; i++)
            {
                nint at = (nint)(pass.FirstRow + i) * _state.CellRow;
                Split(
                    pass, mask.Of(_batch.Order[pass.FirstRow + i], timeOf[pass.FirstRow + i]), _cellRate,
                    _state.CellGradient.Pointer + at, _cellPart.Pointer + at, _cellSize);
            }
        }

        if (Drops(pass))
        {
            RowCopy.Clear(Rows(_maskedGradient!, pass, _state.HiddenRow), rows * _state.HiddenRow);
            bool isFirst = step == 0;
            float* hidden = isFirst ? InitialHidden(pass) : frame.Hidden + ((frame.HiddenAt(step - 1) + pass.FirstRow) * frame.HiddenRow);
            MaskHidden(pass, hidden, isFirst ? _state.HiddenRow : frame.HiddenRow, rows);
        }
    }

    /// <summary>Joins the parts of dL/dh and dL/dc of the step before.</summary>
    public void AfterBackward(in LayerPass pass, int step, bool carriesHidden)
    {
        int rows = pass.RowsOf(pass.Steps, step).Count;
        for (int i = 0; i < rows; i++)
        {
            nint at = (nint)(pass.FirstRow + i) * _state.HiddenRow;
            float* gradient = _state.HiddenGradient.Pointer + at;
            for (int k = 0; Drops(pass) && k < _hiddenSize; k++)
            {
                float masked = _mask!.Pointer[at + k] * _maskedGradient!.Pointer[at + k];
                gradient[k] = carriesHidden ? gradient[k] + masked : masked;
            }

            Join(gradient, _hiddenPart, at, _hiddenSize);
            at = (nint)(pass.FirstRow + i) * _state.CellRow;
            Join(_state.CellGradient.Pointer + at, _cellPart, at, _cellSize);
        }
    }

    private static void Join(float* gradient, AlignedBuffer? part, nint at, int count)
    {
        for (int k = 0; part is not null && k < count; k++)
        {
            gradient[k] += part.Pointer[at + k];
        }
    }

    private static float* Rows(AlignedBuffer buffer, in LayerPass pass, int row) => buffer.Pointer + ((nint)pass.FirstRow * row);

    /// <summary>value = d * old + (1 - d) * value.</summary>
    private static void Keep(in LayerPass pass, MaskRow keeps, float rate, float* old, float* value, int count)
    {
        for (int k = 0; k < count; k++)
        {
            value[k] = pass.IsTraining ? (keeps[k] ? old[k] : value[k]) : Flush(MathF.FusedMultiplyAdd(rate, old[k], (1 - rate) * value[k]));
        }
    }

    /// <summary>past = d * gradient, gradient = (1 - d) * gradient.</summary>
    private static void Split(in LayerPass pass, MaskRow keeps, float rate, float* gradient, float* past, int count)
    {
        for (int k = 0; k < count; k++)
        {
            float d = pass.IsTraining ? (keeps[k] ? 1 : 0) : rate;
            past[k] = Flush(d * gradient[k]);
            gradient[k] = Flush((1 - d) * gradient[k]);
        }
    }

    private static float Flush(float value) => MathF.Abs(value) < SimdMath.Tiny ? 0 : value;

    private bool Drops(in LayerPass pass) => _mask is not null && pass.IsTraining;

    private float* InitialHidden(in LayerPass pass) => Rows(_state.InitialHidden, pass, _state.HiddenRow);

    private RandomMask Mask(in LayerPass pass, MaskKind kind, float rate) => new(_seed, pass.PassNumber, _index, _isSecond, kind, rate);

    /// <summary>What the products see of h of one step: m * h for rows from the pass's first on.</summary>
    private void MaskHidden(in LayerPass pass, float* hidden, nint hiddenRow, int rows)
    {
        float* mask = Rows(_mask!, pass, _state.HiddenRow);
        float* masked = Rows(_maskedHidden!, pass, _state.HiddenRow);
        for (int i = 0; i < rows; i++, mask += _state.HiddenRow, masked += _state.HiddenRow, hidden += hiddenRow)
        {
            for (int k = 0; k < _hiddenSize; k++)
            {
                masked[k] = mask[k] * hidden[k];
            }
        }
    }
}

/// <summary>The step of the sequence that is a step of a direction, row by row.</summary>
/// <param name="isReverse">Whether the direction runs from each row's last step to its first.</param>
/// <param name="step">The direction's step.</param>
/// <param name="firstStep">The number of the piece's first step in the sequence.</param>
/// <param name="time">T of a dense batch.</param>
/// <param name="lengths">Each row's, or empty.</param>
internal readonly ref struct StepTimes(bool isReverse, int step, int firstStep, int time, ReadOnlySpan<int> lengths)
{
    private readonly ReadOnlySpan<int> _lengths = lengths;

    public int this[int row] => firstStep + (isReverse ? (_lengths.IsEmpty ? time : _lengths[row]) - 1 - step : step);
}
