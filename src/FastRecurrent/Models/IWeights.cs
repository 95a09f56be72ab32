using FastRecurrent.Kernels;

namespace FastRecurrent;

/// <summary>Where a model's weights are while it is packed: a parameter set, or a file.</summary>
internal interface IWeights
{
    /// <summary>One parameter's values, row-major.</summary>
    ReadOnlySpan<float> Values(string name);

    /// <summary>Some rows of a matrix of so many columns; any number of threads may ask.</summary>
    ReadOnlySpan<float> Rows(string name, int first, int rows, int columns) => Values(name).Slice(first * columns, rows * columns);
}

/// <summary>The weights of one direction of one layer.</summary>
internal sealed class LayerWeights(IWeights weights, int layer, string suffix = "") : IParameterSource
{
    public ReadOnlySpan<float> this[string name] => weights.Values(Full(name));

    public ReadOnlySpan<float> Rows(string name, int first, int rows, int columns) => weights.Rows(Full(name), first, rows, columns);

    public ReadOnlySpan<float> Vector(string name) => this[name];

    private string Full(string name) => $"{layer}.{name}{suffix}";
}
