using FastRecurrent.Kernels;
using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>A recurrent layer that learns: one or two directions, merged, over a sequence, or their last step or final state.</summary>
internal sealed unsafe class RecurrentTraining : TrainingLayer
{
    private readonly RecurrentDirection[] _directions;
    private readonly AlignedBuffer?[] _ownGradients;
    private readonly Merge _merge;
    private readonly RecurrentOutput _output;
    private readonly bool _isReverse;
    private readonly TrainingBatch _batch;

    public RecurrentTraining(int index, RecurrentLayer layer, RecurrentKernel[] kernels, RecurrentOutput output, TrainingBatch batch, int time, ParameterSet parameters, int vector, ulong seed)
        : base(index, kernels[0].InputSize, layer.OutputSize(kernels[0].InputSize))
    {
        _merge = layer.Merge;
        _output = output;
        _batch = batch;
        _isReverse = layer.Direction == Direction.Reverse;
        TrainingLimits limits = batch.Limits with { Time = time };
        bool isOutput = kernels.Length == 1 && output == RecurrentOutput.Sequence && !_isReverse;
        _directions = new RecurrentDirection[kernels.Length];
        _ownGradients = new AlignedBuffer?[kernels.Length];
        for (int d = 0; d < kernels.Length; d++)
        {
            bool isReverse = _isReverse || d == 1;
            string suffix = d == 1 ? RecurrentLayer.ReverseSuffix : string.Empty;
            bool isSecond = d == 1;
            RecurrentCell cell = kernels[d].Cell;
            RecurrentDirection direction = new(
                kernels[d], isReverse, limits, keepsHidden: !isOutput,
                HasMasks(layer, cell) ? state => new StateMasks(layer, index, isSecond, cell, state, batch, limits, seed) : null);
            _directions[d] = direction;
            long rows = output == RecurrentOutput.Sequence ? limits.Rows : limits.Batch;
            bool scales = kernels.Length == 2 && _merge is Merge.Multiply or Merge.Average;
            bool reorders = isReverse && limits.IsRagged && output == RecurrentOutput.Sequence;
            _ownGradients[d] = scales || reorders ? new AlignedBuffer((rows * direction.Cell.OutputSize) + AlignedBuffer.AlignmentFloats) : null;
            AddParameters(direction, suffix, parameters, vector);
        }

        MultiplyAdds = _directions.Sum(direction => direction.MultiplyAdds);
    }

    public override long WorkspaceBytes => _directions.Sum(direction => direction.WorkspaceBytes) + (_ownGradients.Sum(buffer => (long)(buffer?.Length ?? 0)) * sizeof(float));

    public override long MultiplyAdds { get; }

    public override int StateCount => _directions.Length;

    public override bool EndsRows => _output != RecurrentOutput.Sequence;

    public override long WeightScratchFloats => _directions.Max(direction => direction.Gradient.WeightScratchFloats);

    public override int OutputTime(int time) => _output == RecurrentOutput.Sequence ? time : 1;

    public override long ScratchFloats(int time, int rows) => _directions.Max(direction => direction.ScratchFloats(time, rows));

    public override TrainingState StateOf(int direction) => _directions[direction].State;

    public override void Forward(in LayerPass pass)
    {
        foreach (RecurrentDirection direction in _directions)
        {
            direction.Forward(pass, _batch.Lengths);
        }

        if (_directions.Length == 1 && _output == RecurrentOutput.Sequence && !_isReverse)
        {
            return;
        }

        for (int step = 0; step < pass.OutputSteps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(pass.OutputSteps, step);
            for (int i = 0; i < count; i++)
            {
                Span<float> y = new(pass.Output + ((nint)(first + i) * OutputSize), OutputSize);
                Join(y, Value(pass, 0, step, pass.FirstRow + i), _directions.Length == 2 ? Value(pass, 1, step, pass.FirstRow + i) : default);
            }
        }
    }

    public override void Backward(in LayerPass pass)
    {
        bool addsInput = false;
        for (int d = 0; d < _directions.Length; d++)
        {
            RecurrentDirection direction = _directions[d];
            bool isReverse = _isReverse || d == 1;
            int size = direction.Cell.OutputSize;
            float* gradient = pass.OutputGradient + (d == 1 && _merge == Merge.Concat ? _directions[0].Cell.OutputSize : 0);
            nint row = OutputSize;
            if (OwnGradient(pass, d) is { } own)
            {
                FillOwnGradient(pass, d, gradient, own);
                gradient = own.Pointer;
                row = size;
            }

            bool isFirstStep = _output == RecurrentOutput.LastStep && isReverse;
            if (_output != RecurrentOutput.Sequence && !isFirstStep)
            {
                if (pass.StartsBackward)
                {
                    AddToFinal(pass, direction, gradient, row);
                }

                gradient = null;
            }

            direction.Backward(pass, _batch.Lengths, gradient, row, isFirstStep, addsInput);
            addsInput = true;
        }
    }

    public override void AddWeightGradients(in LayerPass pass, int share, int shares)
    {
        foreach (RecurrentDirection direction in _directions)
        {
            direction.AddWeightGradients(pass, share, shares);
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

    private static bool HasMasks(RecurrentLayer layer, RecurrentCell cell) =>
        layer.RecurrentDropout > 0 || layer.HiddenZoneout > 0 || (layer.CellZoneout > 0 && cell.HasCellState);

    private void AddParameters(RecurrentDirection direction, string suffix, ParameterSet parameters, int vector)
    {
        string Name(string name) => $"{Index}.{name}{suffix}";
        HashSet<string> matrices = [];
        foreach ((PackedStage stage, AlignedBuffer gradients) in direction.Gradient.Matrices)
        {
            Add(new StageValues(Index, stage, gradients, vector, Name));
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

    /// <summary>What a direction gives to the output's row <paramref name="row"/> at a step of the output.</summary>
    private ReadOnlySpan<float> Value(in LayerPass pass, int d, int outputStep, int row)
    {
        RecurrentDirection direction = _directions[d];
        int size = direction.Cell.OutputSize;
        bool isReverse = _isReverse || d == 1;
        int step = outputStep;
        if (_output == RecurrentOutput.Sequence)
        {
            step = direction.OuterStep(pass.Steps, _batch.Lengths, outputStep, row);
        }
        else if (_output == RecurrentOutput.FinalState || !isReverse)
        {
            bool isEmpty = _output == RecurrentOutput.LastStep && !pass.Steps.IsDense && _batch.TotalLengths[row] == 0;
            return isEmpty ? _batch.Zeros.Span[..size] : direction.State.Hidden.Span.Slice(row * direction.State.HiddenRow, size);
        }
        else if (pass.Steps.Active(0) <= row)
        {
            return _batch.Zeros.Span[..size];
        }

        return new ReadOnlySpan<float>(direction.Hidden(pass) + ((nint)(pass.Steps.First(step) + row) * size), size);
    }

    private void Join(Span<float> y, ReadOnlySpan<float> forward, ReadOnlySpan<float> reverse)
    {
        forward.CopyTo(y);
        if (_directions.Length == 1)
        {
            return;
        }

        if (_merge == Merge.Concat)
        {
            reverse.CopyTo(y[forward.Length..]);
            return;
        }

        for (int i = 0; i < y.Length; i++)
        {
            y[i] = _merge switch
            {
                Merge.Multiply => y[i] * reverse[i],
                Merge.Average => (y[i] + reverse[i]) * 0.5f,
                _ => y[i] + reverse[i],
            };
        }
    }

    /// <summary>Null where a direction takes the layer's dL/dy as it lies.</summary>
    private AlignedBuffer? OwnGradient(in LayerPass pass, int d)
    {
        bool scales = _directions.Length == 2 && _merge is Merge.Multiply or Merge.Average;
        bool reorders = (_isReverse || d == 1) && !pass.Steps.IsDense && _output == RecurrentOutput.Sequence;
        return scales || reorders ? _ownGradients[d] : null;
    }

    /// <summary>dL/d(direction's output): scaled by the merge. A ragged reverse direction's is in its own order of steps.</summary>
    private void FillOwnGradient(in LayerPass pass, int d, float* gradient, AlignedBuffer own)
    {
        RecurrentDirection direction = _directions[d];
        int size = direction.Cell.OutputSize;
        bool reorders = (_isReverse || d == 1) && !pass.Steps.IsDense && _output == RecurrentOutput.Sequence;
        bool scales = _directions.Length == 2 && _merge is Merge.Multiply or Merge.Average;
        for (int step = 0; step < pass.OutputSteps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(pass.OutputSteps, step);
            for (int i = 0; i < count; i++)
            {
                int row = pass.FirstRow + i;
                int ownRow = reorders ? pass.Steps.First(direction.OuterStep(pass.Steps, _batch.Lengths, step, row)) + row : first + i;
                ReadOnlySpan<float> from = new(gradient + ((nint)(first + i) * OutputSize), size);
                Span<float> to = own.Span.Slice(ownRow * size, size);
                ReadOnlySpan<float> other = scales && _merge == Merge.Multiply ? Value(pass, 1 - d, step, row) : default;
                for (int k = 0; k < to.Length; k++)
                {
                    to[k] = !scales ? from[k] : _merge == Merge.Multiply ? from[k] * other[k] : from[k] * 0.5f;
                }
            }
        }
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
