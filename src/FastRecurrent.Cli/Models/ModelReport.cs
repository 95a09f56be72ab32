namespace FastRecurrent.Cli.Models;

/// <summary>What <c>inspect</c> tells of a file; null is unknown.</summary>
internal sealed record ModelReport
{
    public required string Format { get; init; }

    /// <summary>A sentence where the file is understood in part only.</summary>
    public string? Note { get; init; }

    public int? InputSize { get; init; }

    public int? OutputSize { get; init; }

    public bool? CanStream { get; init; }

    public long? ParameterCount { get; init; }

    /// <summary>Bytes of the packed model in memory.</summary>
    public long? ModelBytes { get; init; }

    public int? SampleRate { get; init; }

    /// <summary>Whether the input is added to the output.</summary>
    public bool AddsInput { get; init; }

    public float InputGain { get; init; } = 1;

    public float OutputGain { get; init; } = 1;

    /// <summary>Whether streams start from a state that is not zero.</summary>
    public bool HasInitialState { get; init; }

    public IReadOnlyList<LayerReport> Layers { get; init; } = [];

    /// <summary>What a graph's file says; null for formats without one.</summary>
    public GraphReport? Graph { get; init; }

    /// <summary>Tensors beside the parameters, or all of them where there is no architecture.</summary>
    public IReadOnlyList<TensorReport> Tensors { get; init; } = [];

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>What the file says that was not read and does not change the numbers.</summary>
    public IReadOnlyList<string> NotUnderstood { get; init; } = [];
}

/// <summary>One layer.</summary>
internal sealed record LayerReport(int Index, string Layer, int Inputs, int Outputs, long ParameterCount, IReadOnlyList<TensorReport> Parameters)
{
    /// <summary>All layers of a network, in order.</summary>
    public static IReadOnlyList<LayerReport> All(ModelDefinition definition)
    {
        List<LayerReport> layers = [];
        int size = definition.InputSize;
        foreach (LayerDefinition layer in definition.Layers)
        {
            int index = layers.Count;
            TensorReport[] parameters = [.. definition.Shapes.Where(shape => shape.Layer == index)
                .Select(shape => new TensorReport(shape.Name, "F32", [shape.Shape.Rows, shape.Shape.Columns]))];
            layers.Add(new LayerReport(index, LayerText.Of(layer), size, layer.OutputSize(size), parameters.Sum(tensor => (long)tensor.Shape[0] * tensor.Shape[1]), parameters));
            size = layer.OutputSize(size);
        }

        return layers;
    }
}

/// <summary>A graph with its own names.</summary>
internal sealed record GraphReport(string Producer, int Opset, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<OnnxNode> Nodes);

/// <summary>One tensor.</summary>
internal sealed record TensorReport(string Name, string Type, IReadOnlyList<int> Shape);
