using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>A dense layer that learns.</summary>
internal sealed unsafe class DenseTraining : PointwiseTraining
{
    private readonly DenseKernel _kernel;
    private readonly DenseGradient _gradient;
    private readonly AlignedBuffer _deltas;
    private readonly VectorParameters _vectors = new();

    public DenseTraining(int index, DenseKernel kernel, long maxRows, ParameterSet parameters, int vector)
        : base(index, kernel.InputSize, kernel.OutputSize)
    {
        _kernel = kernel;
        _gradient = kernel.CreateGradient();
        _deltas = new AlignedBuffer(maxRows * _gradient.DeltaRow);
        Add(_gradient.Packed is { } packed
            ? new StageValues(index, packed, _gradient.Gradients, _gradient.Pieces, vector, name => $"{index}.{name}")
            : new RowValues(index, $"{index}.{DenseKernel.Weight}", _gradient.WeightRows!, _gradient.Gradients, _gradient.WeightRow, InputSize));
        string bias = $"{index}.{DenseKernel.Bias}";
        if (parameters.Names.Contains(bias))
        {
            _vectors.Add(DenseKernel.Bias, bias, parameters[bias]);
        }

        Add(_vectors);
    }

    public override long WorkspaceBytes => (long)_deltas.Length * sizeof(float);

    public override long MultiplyAdds => (long)InputSize * OutputSize;

    public override long WeightScratchFloats => _gradient.WeightScratchFloats;

    public override void Backward(in LayerPass pass)
    {
        if (pass.HasAllRows(pass.Steps))
        {
            Backward(pass, 0, pass.Steps.Total);
            return;
        }

        for (int step = 0; step < pass.Steps.Time; step++)
        {
            (int first, int count) = pass.RowsOf(pass.Steps, step);
            Backward(pass, first, count);
        }
    }

    public override void AddWeightGradients(in LayerPass pass, int share, int shares)
    {
        GradientFrame frame = new()
        {
            Steps = pass.Steps,
            EndRow = pass.Steps.Rows,
            EndStep = pass.Steps.Time,
            Input = pass.Input,
            InputRow = InputSize,
            Trace = _deltas.Pointer,
            Scratch = pass.Scratch,
        };
        _gradient.AddWeightGradients(frame, pass.StartsBackward, share, shares);
    }

    public override void FinishGradients(in LayerPass pass) => _gradient.BiasGradients(_vectors);

    public override void WeightsChanged()
    {
        _kernel.FillVectors(_vectors);
        _gradient.WeightsChanged();
    }

    public override void Updated()
    {
        _kernel.FillVectors(_vectors);
        if (_gradient.Pieces is null)
        {
            _gradient.WeightsChanged();
        }
    }

    protected override void Forward(in LayerPass pass, int first, int count) =>
        _kernel.Run(pass.Input + ((nint)first * InputSize), InputSize, pass.Output + ((nint)first * OutputSize), OutputSize, count);

    private void Backward(in LayerPass pass, int first, int count)
    {
        float* deltas = _deltas.Pointer + ((nint)first * _gradient.DeltaRow);
        _gradient.Deltas(pass.Output + ((nint)first * OutputSize), pass.OutputGradient + ((nint)first * OutputSize), deltas, count);
        if (pass.InputGradient != null && count > 0)
        {
            _gradient.InputGradients(deltas, pass.InputGradient + ((nint)first * InputSize), count);
        }
    }
}
