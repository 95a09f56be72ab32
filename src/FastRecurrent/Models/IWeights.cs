using FastRecurrent.Kernels;

namespace FastRecurrent;

/// <summary>Where a model's weights are while it is packed: a parameter set, or a file.</summary>
internal interface IWeights
{
    /// <summary>One parameter's values, row-major.</summary>
    ReadOnlySpan<float> Values(string name);
}

/// <summary>The weights of one direction of one layer.</summary>
internal sealed class LayerWeights(IWeights weights, int layer, string suffix = "") : IParameterSource
{
    public ReadOnlySpan<float> this[string name] => weights.Values($"{layer}.{name}{suffix}");

    public ReadOnlySpan<float> Vector(string name) => this[name];
}
