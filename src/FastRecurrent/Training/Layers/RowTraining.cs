using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>
/// A function of one row of features that learns: softmax, layer normalization. The gradients of its parameters are summed for
/// each batch row over its steps, last first, and then over the rows: the same bits for any split of the rows.
/// </summary>
internal sealed unsafe class RowTraining : PointwiseTraining
{
    private readonly RowKernel _kernel;
    private readonly RowGradient _gradient;
    private readonly AlignedBuffer _sums;
    private readonly int _sumRow;
    private readonly VectorParameters _vectors = new();

    public RowTraining(int index, RowKernel kernel, RowGradient gradient, int maxBatch, ParameterSet parameters)
        : base(index, kernel.Size, kernel.Size)
    {
        _kernel = kernel;
        _gradient = gradient;
        _sumRow = gradient.Parameters.Count * gradient.ParameterStride;
        _sums = new AlignedBuffer((long)maxBatch * _sumRow);
        foreach (string name in gradient.Parameters)
        {
            string fullName = $"{index}.{name}";
            _vectors.Add(name, fullName, parameters[fullName]);
        }

        Add(_vectors);
        WeightsChanged();
    }

    public override long WorkspaceBytes => (long)_sums.Length * sizeof(float);

    public override void Backward(in LayerPass pass)
    {
        float* sums = _sums.Pointer + ((nint)pass.FirstRow * _sumRow);
        if (pass.StartsBackward)
        {
            new Span<float>(sums, (pass.EndRow - pass.FirstRow) * _sumRow).Clear();
        }

        for (int step = pass.Steps.Time - 1; step >= 0; step--)
        {
            (int first, int count) = pass.RowsOf(pass.Steps, step);
            nint at = (nint)first * InputSize;
            _gradient.Run(
                pass.Input + at, pass.Output + at, pass.OutputGradient + at, pass.InputGradient == null ? null : pass.InputGradient + at, sums, count);
        }
    }

    public override void FinishGradients(in LayerPass pass)
    {
        for (int i = 0; i < _gradient.Parameters.Count; i++)
        {
            Span<float> gradient = _vectors.Gradient(_gradient.Parameters[i]);
            gradient.Clear();
            for (int row = 0; row < pass.Steps.Rows; row++)
            {
                float* sums = _sums.Pointer + ((nint)row * _sumRow) + ((nint)i * _gradient.ParameterStride);
                for (int k = 0; k < gradient.Length; k++)
                {
                    gradient[k] += sums[k];
                }
            }
        }
    }

    public override void WeightsChanged()
    {
        _kernel.FillVectors(_vectors);
        _gradient.FillVectors(_vectors);
    }

    protected override void Forward(in LayerPass pass, int first, int count)
    {
        nint at = (nint)first * InputSize;
        _kernel.Run(pass.Input + at, InputSize, pass.Output + at, InputSize, count);
    }
}
