using FastRecurrent.Kernels;
using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>
/// C steps at a time: what backward needs is kept of one piece only, and the state at the pieces' borders. Backward takes the
/// pieces last first, runs each forward again from its border (but the last, which is still there), and goes on with the
/// gradients of states and weights that the piece behind it left. Layers behind the one that ends the sequences run once, on
/// vectors. Every chain of operations is that of the whole run, so the bits are too. Source: Chen et al. (2016), "Training deep
/// nets with sublinear memory cost"; for recurrent networks Gruslys et al. (2016).
/// </summary>
internal sealed unsafe class PiecewiseRun : BatchRun
{
    private readonly TrainingBatch _whole;
    private readonly TrainingBatch _piece;
    private readonly TrainingBatch _vectors;
    private readonly TrainingNetwork _sequence;
    private readonly TrainingState[] _states;
    private readonly TrainingNetwork? _head;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _borders;
    private readonly int _borderFloats;
    private readonly AlignedBuffer _vectorGradient;
    private readonly bool _givesSequence;
    private bool _isTraining;
    private ulong _passNumber;

    private PiecewiseRun(TrainingLayer[] layers, TrainingBatch whole, TrainingBatch piece, TrainingBatch vectors, int threads)
        : base(layers, PoolOf(threads))
    {
        _whole = whole;
        _piece = piece;
        _vectors = vectors;
        int end = Array.FindIndex(layers, layer => layer.EndsRows) + 1;
        end = end == 0 ? layers.Length : end;
        _sequence = new TrainingNetwork(layers[..end], piece, Pool, threads);
        _states = StatesOf(_sequence.Layers);
        _head = end < layers.Length ? new TrainingNetwork(layers[end..], vectors, Pool, threads) { Input = _sequence.Output } : null;
        _input = InputOf(whole, layers);
        foreach (TrainingState state in _states)
        {
            _borderFloats = checked(_borderFloats + (whole.Limits.Batch * (state.HiddenRow + (state.HasCell ? state.CellRow : 0))));
        }

        int pieces = (whole.Limits.Time + piece.Limits.Time - 1) / piece.Limits.Time;
        _borders = new AlignedBuffer(pieces == 1 ? 0 : (long)_borderFloats * pieces);
        _givesSequence = !layers[end - 1].EndsRows;
        _vectorGradient = new AlignedBuffer(_givesSequence ? 0 : ((long)whole.Limits.Batch * layers[end - 1].OutputSize) + AlignedBuffer.AlignmentFloats);
    }

    /// <summary>Refuses a network that cannot run in pieces.</summary>
    /// <exception cref="NotSupportedException">A layer before the vectors needs steps behind its own, or the network takes a vector.</exception>
    public static PiecewiseRun Create(ModelDefinition definition, ParameterSet parameters, TrainingBatch whole, KernelFactory factory, TrainableModelOptions options)
    {
        Require(definition);
        TrainingLimits limits = whole.Limits;
        int steps = options.RecomputeSteps == TrainableModelOptions.SquareRootSteps ? (int)Math.Ceiling(Math.Sqrt(limits.Time)) : options.RecomputeSteps;
        TrainingBatch piece = new(limits with { Time = Math.Min(steps, limits.Time) }, whole.Zeros.Length);
        TrainingBatch vectors = new(new TrainingLimits(1, limits.Batch, IsRagged: false), whole.Zeros.Length);
        TrainingLayer[] layers = TrainingLayers.Create(definition, parameters, piece, vectors, factory, options.Seed);
        return new PiecewiseRun(layers, whole, piece, vectors, options.Threads);
    }

    public override long WorkspaceBytes => _sequence.WorkspaceBytes + (_head?.WorkspaceBytes ?? 0) + BytesOf(_input) + BytesOf(_borders) + BytesOf(_vectorGradient);

    private int Pieces => Math.Max(1, (_whole.Steps.Time + PieceSteps - 1) / PieceSteps);

    private int PieceSteps => _piece.Limits.Time;

    public override void Forward(float* x, float* y, SequenceLayout layout, bool isTraining, ulong passNumber)
    {
        _isTraining = isTraining;
        _passNumber = passNumber;
        int time = _whole.Steps.Time;
        BatchLayout.Gather(x, layout, _whole, _whole.Steps, _input.Pointer, Layers[0].InputSize, 0, time);
        for (int i = 0; i < Pieces; i++)
        {
            if (i > 0)
            {
                PassState();
            }

            if (Pieces > 1)
            {
                CopyBorder(i, isSave: true);
            }

            Forward(i);
            if (_givesSequence)
            {
                BatchLayout.Scatter(_sequence.Output, layout, _piece, _piece.Steps, y, Layers[^1].OutputSize, i * PieceSteps, time);
            }
        }

        if (_givesSequence)
        {
            return;
        }

        _vectors.SetVectors(_whole);
        _head?.Forward(isTraining, passNumber);
        TrainingNetwork last = _head ?? _sequence;
        BatchLayout.Scatter(last.Output, layout, _whole, last.OutputSteps, y, Layers[^1].OutputSize, 0, last.OutputSteps.Time);
    }

    public override void Backward(float* outputGradient, float* inputGradient, SequenceLayout layout)
    {
        int time = _whole.Steps.Time;
        float* gradient = _givesSequence ? _sequence.OutputGradient : _vectorGradient.Pointer;
        if (!_givesSequence)
        {
            StepRows steps = (_head ?? _sequence).OutputSteps;
            float* dy = _head is null ? gradient : _head.OutputGradient;
            BatchLayout.Gather(outputGradient, layout, _whole, steps, dy, Layers[^1].OutputSize, 0, steps.Time);
            _head?.Backward(dy, gradient, starts: true);
            _head?.FinishGradients();
        }

        for (int i = Pieces - 1; i >= 0; i--)
        {
            if (i < Pieces - 1)
            {
                CopyBorder(i, isSave: false);
                Forward(i);
            }

            if (_givesSequence)
            {
                BatchLayout.Gather(outputGradient, layout, _piece, _piece.Steps, gradient, Layers[^1].OutputSize, i * PieceSteps, time);
            }

            float* dx = inputGradient == null ? null : _sequence.InputGradient;
            _sequence.Backward(gradient, dx, starts: i == Pieces - 1);
            if (inputGradient != null)
            {
                BatchLayout.Scatter(dx, layout, _piece, _piece.Steps, inputGradient, Layers[0].InputSize, i * PieceSteps, time);
            }
        }

        _sequence.FinishGradients();
    }

    private static void Require(ModelDefinition definition)
    {
        if (definition.InputIsVector)
        {
            throw new NotSupportedException("RecomputeSteps cuts sequences into pieces, but this network takes a vector; set it to 0.");
        }

        for (int i = 0; i < definition.Layers.Length && definition.Layers[i] is not (LastStepLayer or FinalStateLayer); i++)
        {
            string? reason = definition.Layers[i] switch
            {
                RecurrentLayer { Direction: not Direction.Forward } layer => $"reads its sequence in direction {layer.Direction} and needs the steps behind a piece",
                BatchNormLayer => "normalizes over all steps at once",
                _ => null,
            };
            if (reason is not null)
            {
                throw new NotSupportedException($"RecomputeSteps runs a few steps at a time, but layer {i} ({definition.Layers[i].GetType().Name}) {reason}; set it to 0.");
            }
        }
    }

    private void Forward(int piece)
    {
        int first = piece * PieceSteps;
        _piece.SetPiece(_whole, first, Math.Min(PieceSteps, _whole.Steps.Time - first));
        _sequence.Input = _input.Pointer + ((nint)_whole.Steps.First(first) * Layers[0].InputSize);
        _sequence.FirstStep = first;
        _sequence.Forward(_isTraining, _passNumber);
    }

    /// <summary>The state behind a piece becomes the initial one of the next.</summary>
    private void PassState()
    {
        int rows = _whole.Steps.Rows;
        foreach (TrainingState state in _states)
        {
            RowCopy.Copy(state.Hidden.Pointer, state.InitialHidden.Pointer, rows * state.HiddenRow);
            if (state.HasCell)
            {
                RowCopy.Copy(state.Cell.Pointer, state.InitialCell.Pointer, rows * state.CellRow);
            }
        }
    }

    /// <summary>Saves the initial states of a piece, or sets them to what was saved.</summary>
    private void CopyBorder(int piece, bool isSave)
    {
        float* border = _borders.Pointer + ((nint)piece * _borderFloats);
        foreach (TrainingState state in _states)
        {
            border = CopyRows(state.InitialHidden, border, state.HiddenRow, isSave);
            border = state.HasCell ? CopyRows(state.InitialCell, border, state.CellRow, isSave) : border;
        }
    }

    private float* CopyRows(AlignedBuffer state, float* border, int row, bool isSave)
    {
        int count = _whole.Steps.Rows * row;
        RowCopy.Copy(isSave ? state.Pointer : border, isSave ? border : state.Pointer, count);
        return border + ((nint)_whole.Limits.Batch * row);
    }
}
