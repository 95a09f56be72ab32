using FastRecurrent.Kernels;
using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>
/// A recurrent layer that learns: one or two directions, merged, over a sequence, or their last step or final state. Where a direction keeps
/// only a piece of its steps, forward takes a round for each direction and piece, in their order; backward takes the pieces last first and runs each
/// forward again from the state before it, all but the last, which is still there. A direction that keeps all its steps may go back in stretches
/// (<see cref="BackwardStretches"/>), a round each. Chains go on from piece to piece and from stretch to stretch: the bits are those of one.
/// Source: Chen et al. (2016), "Training deep nets with sublinear memory cost"; for recurrent networks Gruslys et al. (2016).
/// </summary>
internal sealed unsafe class RecurrentTraining : TrainingLayer
{
    private readonly RecurrentDirection[] _directions;
    private readonly AlignedBuffer?[] _ownGradients;
    private readonly AlignedBuffer?[] _factors;
    private readonly Merge _merge;
    private readonly RecurrentOutput _output;
    private readonly bool _isReverse;
    private readonly TrainingBatch _batch;

    public RecurrentTraining(
        int index, RecurrentLayer layer, RecurrentKernel[] kernels, RecurrentOutput output, TrainingBatch batch, int time, int pieceSteps, ParameterSet parameters, int vector, ulong seed)
        : base(index, kernels[0].InputSize, layer.OutputSize(kernels[0].InputSize))
    {
        _merge = layer.Merge;
        _output = output;
        _batch = batch;
        _isReverse = layer.Direction == Direction.Reverse;
        TrainingLimits limits = batch.Limits with { Time = time };
        _directions = new RecurrentDirection[kernels.Length];
        KeptDirection[] kept = [.. kernels.Select((kernel, d) => new KeptDirection(layer, kernel, IsReverse(d), output, limits.IsRagged))];
        int steps = KeptDirection.Steps(kept, layer, output, time, pieceSteps);
        _ownGradients = new AlignedBuffer?[kernels.Length];
        _factors = new AlignedBuffer?[kernels.Length];
        for (int d = 0; d < kernels.Length; d++)
        {
            string suffix = d == 1 ? RecurrentLayer.ReverseSuffix : string.Empty;
            bool isSecond = d == 1;
            RecurrentCell cell = kernels[d].Cell;
            RecurrentDirection direction = new(
                kernels[d], IsReverse(d), limits, steps, kept[d].IsInOutput ? OutputSize : 0, d == 1 ? kernels[0].Cell.OutputSize : 0,
                HasMasks(layer, cell) ? (state, piece) => new StateMasks(layer, index, isSecond, cell, state, batch, piece, seed) : null);
            _directions[d] = direction;
            bool isSequence = output == RecurrentOutput.Sequence;
            _ownGradients[d] = kept[d].HasOwnGradient ? Rows(isSequence ? steps : 1) : null;
            _factors[d] = kernels.Length == 2 && _merge == Merge.Multiply && steps < time ? Rows(isSequence ? time : 1) : null;
            AlignedBuffer Rows(int rowSteps) => new(checked((long)rowSteps * limits.Batch * direction.Cell.OutputSize) + AlignedBuffer.AlignmentFloats);
            AddParameters(direction, suffix, parameters, vector);
        }

        MultiplyAdds = _directions.Sum(direction => direction.MultiplyAdds);
    }

    public override long WorkspaceBytes => _directions.Sum(direction => direction.WorkspaceBytes)
        + (_ownGradients.Concat(_factors).Sum(buffer => (long)(buffer?.Length ?? 0)) * sizeof(float));

    public override long MultiplyAdds { get; }

    public override int StateCount => _directions.Length;

    public override bool EndsRows => _output != RecurrentOutput.Sequence;

    public override long WeightScratchFloats => _directions.Max(direction => direction.Gradient.WeightScratchFloats);

    public override int Rounds(StepRows steps, bool isBackward)
    {
        int rounds = RoundsOfDirection(steps, isBackward);
        return rounds == 1 ? 1 : _directions.Length * rounds;
    }

    public override int OutputTime(int time) => _output == RecurrentOutput.Sequence ? time : 1;

    public override long ScratchFloats(int time, int rows) => _directions.Max(direction => direction.ScratchFloats(time, rows));

    public override TrainingState StateOf(int direction) => _directions[direction].State;

    public override void StartRound(in LayerPass pass, bool isBackward)
    {
        int pieces = Pieces(pass.Steps.Time);
        int inTurn = pass.Round % RoundsOfDirection(pass.Steps, isBackward);
        int piece = pieces == 1 ? 0 : isBackward ? pieces - 1 - inTurn : inTurn;
        (int first, int end) = DirectionsOf(pass, isBackward);
        for (int d = first; d < end; d++)
        {
            _directions[d].Pieces.Take(pass.Steps, _batch.Lengths, piece, isBackward);
            if (isBackward)
            {
                _directions[d].TakeStretch(pass, inTurn);
            }
        }
    }

    public override void Forward(in LayerPass pass)
    {
        (int first, int end) = DirectionsOf(pass, isBackward: false);
        for (int d = first; d < end; d++)
        {
            _directions[d].Forward(pass, _batch.Lengths);
            if (!_directions[d].IsInOutput)
            {
                JoinOutput(pass, d);
            }
        }
    }

    public override void Backward(in LayerPass pass)
    {
        (int first, int end) = DirectionsOf(pass, isBackward: true);
        for (int d = first; d < end; d++)
        {
            RecurrentDirection direction = _directions[d];
            DirectionPieces pieces = direction.Pieces;
            if (!pieces.IsLast)
            {
                direction.Forward(pass, _batch.Lengths);
            }

            float* gradient = pass.OutputGradient + (d == 1 && _merge == Merge.Concat ? _directions[0].Cell.OutputSize : 0);
            nint row = OutputSize;
            if (OwnGradient(pass, d) is { } own)
            {
                if (direction.StartsPiece)
                {
                    FillOwnGradient(pass, d, gradient, own);
                }

                gradient = own.Pointer;
                row = direction.Cell.OutputSize;
            }
            else if (_output == RecurrentOutput.Sequence)
            {
                gradient += (nint)pieces.FirstOuterRow(pass.Steps) * OutputSize;
            }

            bool isFirstStep = _output == RecurrentOutput.LastStep && IsReverse(d);
            if (_output != RecurrentOutput.Sequence && !isFirstStep && pieces.IsLast && direction.StartsPiece && pass.StartsBackward)
            {
                AddToFinal(pass, direction, gradient, row);
            }

            bool isDirect = _output == RecurrentOutput.Sequence || (isFirstStep && pieces.First == 0);
            direction.Backward(pass, _batch.Lengths, isDirect ? gradient : null, row, isFirstStep, addsInput: d > 0);
        }
    }

    public override void AddWeightGradients(in LayerPass pass, int share, int shares)
    {
        (int first, int end) = DirectionsOf(pass, isBackward: true);
        for (int d = first; d < end; d++)
        {
            _directions[d].AddWeightGradients(pass, share, shares);
        }
    }

    public override void FinishGradients(in LayerPass pass)
    {
        foreach (RecurrentDirection direction in _directions)
        {
            direction.FinishGradients(pass.Steps.Rows);
        }
    }

    public override void WeightsChanged()
    {
        foreach (RecurrentDirection direction in _directions)
        {
            direction.WeightsChanged();
        }
    }

    public override void Updated()
    {
        foreach (RecurrentDirection direction in _directions)
        {
            direction.Updated();
        }
    }

    private static bool HasMasks(RecurrentLayer layer, RecurrentCell cell) =>
        layer.RecurrentDropout > 0 || layer.HiddenZoneout > 0 || (layer.CellZoneout > 0 && cell.HasCellState);

    private void AddParameters(RecurrentDirection direction, string suffix, ParameterSet parameters, int vector)
    {
        string Name(string name) => $"{Index}.{name}{suffix}";
        HashSet<string> matrices = [];
        foreach ((PackedStage stage, AlignedBuffer gradients, WeightPieces pieces) in direction.Gradient.Matrices)
        {
            Add(new StageValues(Index, stage, gradients, pieces, vector, Name));
            matrices.Add(stage.Stage.InputWeight);
            matrices.Add(stage.Stage.RecurrentWeight);
        }

        foreach (Cells.ParameterShape shape in direction.Cell.ParameterShapes(InputSize))
        {
            if (!matrices.Contains(shape.Name))
            {
                direction.Vectors.Add(shape.Name, Name(shape.Name), parameters[Name(shape.Name)]);
            }
        }

        Add(direction.Vectors);
    }

    private bool IsReverse(int d) => _isReverse || d == 1;

    /// <summary>The same for both directions.</summary>
    private int Pieces(int time) => _directions[0].Pieces.Count(time);

    /// <summary>The rounds that a direction takes: its pieces, or where it keeps all its steps, backward their stretches.</summary>
    private int RoundsOfDirection(StepRows steps, bool isBackward) => Pieces(steps.Time) > 1 ? Pieces(steps.Time)
        : isBackward ? _directions[0].Stretches.Count(steps)
        : 1;

    /// <summary>The directions of a round: all where each takes one round, else one after the other.</summary>
    private (int First, int End) DirectionsOf(in LayerPass pass, bool isBackward)
    {
        int rounds = RoundsOfDirection(pass.Steps, isBackward);
        int d = pass.Round / rounds;
        return rounds == 1 ? (0, _directions.Length) : (d, d + 1);
    }

    /// <summary>Takes what a direction gives to the layer's output, at the steps of the piece at hand.</summary>
    private void JoinOutput(in LayerPass pass, int d)
    {
        RecurrentDirection direction = _directions[d];
        LayerPass piece = direction.Piece(pass);
        int size = direction.Cell.OutputSize;
        if (_output != RecurrentOutput.Sequence)
        {
            for (int row = pass.FirstRow; row < pass.EndRow && HasEnd(d); row++)
            {
                Join(pass, d, row, EndOf(pass, d, row));
            }

            return;
        }

        for (int step = 0; step < piece.Steps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(piece.Steps, step);
            for (int i = 0; i < count; i++)
            {
                Join(
                    pass, d, direction.OuterRow(pass.Steps, _batch.Lengths, step, pass.FirstRow + i),
                    new ReadOnlySpan<float>(direction.Hidden(piece) + ((nint)(first + i) * size), size));
            }
        }
    }

    /// <summary>Whether the last step or final state of a direction is in the piece at hand.</summary>
    private bool HasEnd(int d) =>
        _output == RecurrentOutput.LastStep && IsReverse(d) ? _directions[d].Pieces.First == 0 : _directions[d].Pieces.IsLast;

    /// <summary>A row's last step or final state.</summary>
    private ReadOnlySpan<float> EndOf(in LayerPass pass, int d, int row)
    {
        RecurrentDirection direction = _directions[d];
        int size = direction.Cell.OutputSize;
        if (_output == RecurrentOutput.LastStep && !pass.Steps.IsDense && _batch.TotalLengths[row] == 0)
        {
            return _batch.Zeros.Span[..size];
        }

        return _output == RecurrentOutput.LastStep && IsReverse(d)
            ? new ReadOnlySpan<float>(direction.Hidden(direction.Piece(pass)) + ((nint)row * size), size)
            : direction.State.Hidden.Span.Slice(row * direction.State.HiddenRow, size);
    }

    /// <summary>One row of a direction's h into the output: the first direction's is there before the second's comes.</summary>
    private void Join(in LayerPass pass, int d, int outputRow, ReadOnlySpan<float> hidden)
    {
        Span<float> y = new(pass.Output + ((nint)outputRow * OutputSize), OutputSize);
        if (_factors[d] is { } factors)
        {
            hidden.CopyTo(factors.Span[(outputRow * hidden.Length)..]);
        }

        if (d == 0 || _merge == Merge.Concat)
        {
            hidden.CopyTo(d == 0 ? y : y[_directions[0].Cell.OutputSize..]);
            return;
        }

        for (int i = 0; i < y.Length; i++)
        {
            y[i] = _merge switch
            {
                Merge.Multiply => y[i] * hidden[i],
                Merge.Average => (y[i] + hidden[i]) * 0.5f,
                _ => y[i] + hidden[i],
            };
        }
    }

    /// <summary>Null where a direction takes the layer's dL/dy as it lies.</summary>
    private AlignedBuffer? OwnGradient(in LayerPass pass, int d)
    {
        bool scales = _directions.Length == 2 && _merge is Merge.Multiply or Merge.Average;
        return scales || Reorders(pass, d) ? _ownGradients[d] : null;
    }

    private bool Reorders(in LayerPass pass, int d) => IsReverse(d) && !pass.Steps.IsDense && _output == RecurrentOutput.Sequence;

    /// <summary>dL/d(direction's output) of the piece at hand: scaled by the merge. A ragged reverse direction's is in its own order of steps.</summary>
    private void FillOwnGradient(in LayerPass pass, int d, float* gradient, AlignedBuffer own)
    {
        RecurrentDirection direction = _directions[d];
        if (_output != RecurrentOutput.Sequence)
        {
            for (int row = pass.FirstRow; row < pass.EndRow; row++)
            {
                Scale(pass, d, gradient, step: 0, row, own, ownRow: row);
            }

            return;
        }

        StepRows steps = direction.Piece(pass).Steps;
        bool reorders = Reorders(pass, d);
        int firstOuter = direction.Pieces.FirstOuterRow(pass.Steps);
        for (int step = 0; step < steps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(steps, step);
            for (int i = 0; i < count; i++)
            {
                int row = pass.FirstRow + i;
                int outerStep = direction.OuterStep(pass.Steps, _batch.Lengths, direction.Pieces.First + step, row);
                Scale(pass, d, gradient, outerStep, row, own, reorders ? first + i : pass.Steps.First(outerStep) + row - firstOuter);
            }
        }
    }

    /// <summary>One row of the same, from a step of the output.</summary>
    private void Scale(in LayerPass pass, int d, float* gradient, int step, int row, AlignedBuffer own, int ownRow)
    {
        int size = _directions[d].Cell.OutputSize;
        ReadOnlySpan<float> from = new(gradient + ((nint)(pass.OutputSteps.First(step) + row) * OutputSize), size);
        Span<float> to = own.Span.Slice(ownRow * size, size);
        if (_directions.Length == 1 || _merge is Merge.Concat or Merge.Sum)
        {
            from.CopyTo(to);
            return;
        }

        ReadOnlySpan<float> other = _merge == Merge.Multiply ? Factor(pass, 1 - d, step, row) : default;
        for (int k = 0; k < to.Length; k++)
        {
            to[k] = _merge == Merge.Multiply ? from[k] * other[k] : from[k] * 0.5f;
        }
    }

    /// <summary>What a direction gave to a step of the output.</summary>
    private ReadOnlySpan<float> Factor(in LayerPass pass, int d, int step, int row)
    {
        RecurrentDirection direction = _directions[d];
        int size = direction.Cell.OutputSize;
        if (_factors[d] is { } factors)
        {
            return factors.Span.Slice((pass.OutputSteps.First(step) + row) * size, size);
        }

        if (_output != RecurrentOutput.Sequence)
        {
            return EndOf(pass, d, row);
        }

        int ownStep = direction.OuterStep(pass.Steps, _batch.Lengths, step, row);
        return new ReadOnlySpan<float>(direction.Hidden(pass) + ((nint)(pass.Steps.First(ownStep) + row) * size), size);
    }

    /// <summary>dL/dy of the last step or final state reaches h behind each row's last step; a row without steps has no last step.</summary>
    private void AddToFinal(in LayerPass pass, RecurrentDirection direction, float* gradient, nint gradientRow)
    {
        for (int row = pass.FirstRow; row < pass.EndRow; row++)
        {
            if (_output == RecurrentOutput.LastStep && !pass.Steps.IsDense && _batch.TotalLengths[row] == 0)
            {
                continue;
            }

            ReadOnlySpan<float> from = new(gradient + (row * gradientRow), direction.Cell.OutputSize);
            Span<float> to = direction.State.HiddenGradient.Span.Slice(row * direction.State.HiddenRow, from.Length);
            for (int i = 0; i < to.Length; i++)
            {
                to[i] += from[i];
            }
        }
    }
}
