using FastRecurrent.Kernels;

namespace FastRecurrent.Training.Reference;

/// <summary>y = LN(x) over the features of a step; see <see cref="ReferenceNorm"/>.</summary>
internal sealed class ReferenceLayerNorm(LayerNormLayer layer, ReferenceParameters.LayerParameters parameters) : ReferenceLayer
{
    private readonly ReferenceNorm _norm =
        new(parameters[NormNames.Weight], parameters[NormNames.Bias], layer.Epsilon, 0, parameters[NormNames.Weight].Columns);

    private readonly Dictionary<(int T, int N), ReferenceNorm.Applied> _applied = [];

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        _applied.Clear();
        ReferenceSequence y = x.Like(x.Features);
        foreach ((int t, int n) in x.Steps)
        {
            _applied[(t, n)] = _norm.Forward(x[t, n], y[t, n]);
        }

        return y;
    }

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        ReferenceSequence inputGradient = outputGradient.Like(outputGradient.Features);
        foreach ((int t, int n) in outputGradient.Steps)
        {
            _norm.Backward(_applied[(t, n)], outputGradient[t, n], inputGradient[t, n]);
        }

        return inputGradient;
    }
}
