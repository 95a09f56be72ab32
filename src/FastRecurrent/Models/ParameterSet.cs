using System.Collections.Immutable;
using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>
/// The parameters of a network in logical order: named matrices, row-major. Names are "layer.parameter", for example
/// <c>0.weight_ih</c> [G*H, I], <c>0.weight_hh</c> [G*H, R], <c>0.bias_ih</c> and <c>0.bias_hh</c> [G*H]; the reverse
/// direction has the suffix <c>_reverse</c>. Gate orders: docs/weight-layouts.md.
/// </summary>
public sealed class ParameterSet : IWeights
{
    private readonly Dictionary<string, float[]> _values = [];

    /// <summary>Zero parameters for a network, except that norm weights and running variances are 1.</summary>
    public ParameterSet(ModelDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Definition = definition;
        foreach (ModelDefinition.NamedShape shape in definition.Shapes)
        {
            float[] values = LargePages.NewArray<float>(shape.Shape.Rows * shape.Shape.Columns);
            bool startsAtOne = shape.Shape.Name.StartsWith("norm_", StringComparison.Ordinal) && shape.Shape.Name.Contains("_weight", StringComparison.Ordinal)
                || (definition.Layers[shape.Layer] is LayerNormLayer or BatchNormLayer && shape.Shape.Name is NormNames.Weight or NormNames.RunningVariance);
            if (startsAtOne)
            {
                Array.Fill(values, 1);
            }

            _values.Add(shape.Name, values);
        }
    }

    /// <summary>The network that these parameters fit.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>All names, in the order of the layers.</summary>
    public ImmutableArray<string> Names => [.. Definition.Shapes.Select(shape => shape.Name)];

    /// <summary>One parameter's values, row-major, to read or to fill.</summary>
    /// <exception cref="KeyNotFoundException">No parameter has this name.</exception>
    public Span<float> this[string name] => Values(name);

    /// <summary>One parameter's shape, [rows, columns]; a vector has one row.</summary>
    /// <exception cref="KeyNotFoundException">No parameter has this name.</exception>
    public (int Rows, int Columns) Shape(string name)
    {
        Values(name);
        Cells.ParameterShape shape = Definition.Shapes.First(candidate => candidate.Name == name).Shape;
        return (shape.Rows, shape.Columns);
    }

    /// <summary>
    /// Parameters drawn uniformly from [-1/sqrt(K), 1/sqrt(K)], K the hidden size of a cell or the input size of a dense layer, as
    /// PyTorch initializes them. The same seed gives the same bits on every machine and version.
    /// </summary>
    public static ParameterSet Uniform(ModelDefinition definition, ulong seed)
    {
        ParameterSet set = new(definition);
        ulong stream = 0;
        foreach (ModelDefinition.NamedShape shape in definition.Shapes)
        {
            bool isRandom = definition.Layers[shape.Layer] is RecurrentLayer or DenseLayer && !shape.Shape.Name.StartsWith("norm_", StringComparison.Ordinal);
            int size = definition.Layers[shape.Layer] switch
            {
                RecurrentLayer recurrent when shape.Shape.Name.EndsWith(RecurrentLayer.ReverseSuffix, StringComparison.Ordinal) => recurrent.Reverse.HiddenSize,
                RecurrentLayer recurrent => recurrent.Cell.HiddenSize,
                _ => set.Shape($"{shape.Layer}.{DenseKernel.Weight}").Columns,
            };
            if (isRandom)
            {
                CounterRandom random = new(seed, stream);
                float bound = 1 / MathF.Sqrt(size);
                float[] values = set.Values(shape.Name);
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = random.Uniform((ulong)i, -bound, bound);
                }
            }

            stream++;
        }

        return set;
    }

    /// <summary>The parameters of one direction of one layer, as the kernels read them.</summary>
    internal IParameterSource Source(int layer, string suffix = "") => new LayerWeights(this, layer, suffix);

    ReadOnlySpan<float> IWeights.Values(string name) => Values(name);

    internal float[] Values(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _values.TryGetValue(name, out float[]? values)
            ? values
            : throw new KeyNotFoundException($"There is no parameter '{name}'; this network has {string.Join(", ", _values.Keys)}.");
    }
}
