using FastRecurrent.Kernels;
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
    private readonly TrainingNetwork? _head;
    private readonly AlignedBuffer _input;
    private readonly StateBorders _borders;
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
        _head = end < layers.Length ? new TrainingNetwork(layers[end..], vectors, Pool, threads) { Input = _sequence.Output } : null;
        _input = InputOf(whole, layers);
        int pieces = (whole.Limits.Time + piece.Limits.Time - 1) / piece.Limits.Time;
        _borders = new StateBorders(StatesOf(_sequence.Layers), whole.Limits.Batch, pieces);
        _givesSequence = !layers[end - 1].EndsRows;
        _vectorGradient = new AlignedBuffer(_givesSequence ? 0 : ((long)whole.Limits.Batch * layers[end - 1].OutputSize) + AlignedBuffer.AlignmentFloats);
    }

    /// <summary>Whether no layer before the vectors needs steps behind those of a piece, as reverse directions and batch normalization do.</summary>
    public static bool Runs(ModelDefinition definition) => definition.Layers
        .TakeWhile(layer => layer is not (LastStepLayer or FinalStateLayer))
        .All(layer => layer is not (RecurrentLayer { Direction: not Direction.Forward } or BatchNormLayer));

    public static PiecewiseRun Create(ModelDefinition definition, ParameterSet parameters, TrainingBatch whole, KernelFactory factory, TrainableModelOptions options, int steps)
    {
        TrainingLimits limits = whole.Limits;
        TrainingBatch piece = new(limits with { Time = Math.Min(steps, limits.Time) }, whole.Zeros.Length);
        TrainingBatch vectors = new(new TrainingLimits(1, limits.Batch, IsRagged: false), whole.Zeros.Length);
        TrainingLayer[] layers = TrainingLayers.Create(definition, parameters, piece, vectors, factory, options.Seed);
        return new PiecewiseRun(layers, whole, piece, vectors, options.Threads);
    }

    public override long WorkspaceBytes => _sequence.WorkspaceBytes + (_head?.WorkspaceBytes ?? 0) + BytesOf(_input) + _borders.Bytes + BytesOf(_vectorGradient);

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
            if (Pieces > 1)
            {
                _borders.Pass(i, _whole.Steps.Rows);
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
                _borders.Restore(i, _whole.Steps.Rows);
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

    private void Forward(int piece)
    {
        int first = piece * PieceSteps;
        _piece.SetPiece(_whole, first, Math.Min(PieceSteps, _whole.Steps.Time - first));
        _sequence.Input = _input.Pointer + ((nint)_whole.Steps.First(first) * Layers[0].InputSize);
        _sequence.FirstStep = first;
        _sequence.Forward(_isTraining, _passNumber);
    }
}
