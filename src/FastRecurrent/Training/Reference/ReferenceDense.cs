using FastRecurrent.Kernels;

namespace FastRecurrent.Training.Reference;

/// <summary>y = activation(a), a = W x + b, at every step.</summary>
internal sealed class ReferenceDense(DenseLayer layer, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) : ReferenceLayer
{
    private readonly ReferenceProduct _product = new(parameters[DenseKernel.Weight], parameters.Find(DenseKernel.Bias));
    private readonly ReferenceActivation _activation = new(layer.Activation, clip: 0, kinks);
    private readonly Dictionary<(int T, int N), ReferenceProduct.Applied> _applied = [];
    private int _inputSize;

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        _applied.Clear();
        _inputSize = x.Features;
        ReferenceSequence y = x.Like(layer.Size);
        foreach ((int t, int n) in x.Steps)
        {
            ReferenceProduct.Applied applied = _applied[(t, n)] = _product.Forward(x[t, n]);
            for (int k = 0; k < layer.Size; k++)
            {
                y[t, n][k] = _activation.Apply(applied.Y[k]);
            }
        }

        return y;
    }

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        ReferenceSequence inputGradient = outputGradient.Like(_inputSize);
        foreach ((int t, int n) in inputGradient.Steps)
        {
            ReferenceProduct.Applied applied = _applied[(t, n)];
            double[] da = new double[layer.Size];
            for (int k = 0; k < da.Length; k++)
            {
                da[k] = outputGradient[t, n][k] * _activation.Derivative(applied.Y[k]);
            }

            applied.Backward(da, inputGradient[t, n]);
        }

        return inputGradient;
    }
}
