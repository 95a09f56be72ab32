namespace FastRecurrent.Formats;

/// <summary>How another library names, shapes and orders the weights of a layer. Stateless.</summary>
internal abstract class WeightLayout
{
    /// <summary>The library, for messages.</summary>
    public abstract string Library { get; }

    /// <summary>What a tensor's name says, or null where it says nothing to this layout.</summary>
    public abstract TensorRole? Parse(string tensor);

    /// <summary>A tensor's name.</summary>
    /// <param name="module">The module that holds the layer.</param>
    /// <param name="part">A part's name, see <see cref="Parts"/>.</param>
    /// <param name="stackLayer">Which layer of the module, or null where the module is no stack.</param>
    public abstract string Name(string module, string part, int? stackLayer);

    /// <summary>The tensors of a layer.</summary>
    /// <exception cref="ArgumentException">The library has no such layer.</exception>
    public abstract IReadOnlyList<LayoutPart> Parts(ParameterLayer layer);

    /// <summary>Whether several layers may live in one module, numbered.</summary>
    public virtual bool HasStacks => false;

    /// <summary>Whether a part is a counter or the like that no computation needs.</summary>
    public virtual bool IsBookkeeping(string part) => false;

    /// <summary>Refuses a layer that the library cannot express, so that nobody gets wrong numbers.</summary>
    protected ArgumentException Refuse(ParameterLayer layer, string what) =>
        new($"Layer {layer.Index} ({Describe(layer)}) has no counterpart in {Library}: {what}.");

    private static string Describe(ParameterLayer layer) =>
        layer.Definition is RecurrentLayer recurrent ? recurrent.Cell.GetType().Name : layer.Definition.GetType().Name;
}

/// <summary>What a tensor's name says: the module, which layer of it, and the part of that layer.</summary>
/// <param name="Module">The path of the module; empty for the root.</param>
/// <param name="Part">The part within the layer, with the suffix <c>_reverse</c> for the second direction.</param>
/// <param name="StackLayer">Which layer of a module that holds several; 0 elsewhere.</param>
internal readonly record struct TensorRole(string Module, string Part, int StackLayer);

/// <summary>A layer of the network that has parameters.</summary>
/// <param name="Index">Its index among all layers.</param>
/// <param name="Definition">The layer.</param>
/// <param name="InputSize">Its input features.</param>
internal sealed record ParameterLayer(int Index, LayerDefinition Definition, int InputSize)
{
    public bool IsRecurrent => Definition is RecurrentLayer;

    /// <summary>The layers of a network that have parameters, in order.</summary>
    public static List<ParameterLayer> Of(ModelDefinition definition)
    {
        List<ParameterLayer> layers = [];
        int size = definition.InputSize;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            LayerDefinition layer = definition.Layers[i];
            if (layer.ParameterShapes(size).Any())
            {
                layers.Add(new ParameterLayer(i, layer, size));
            }

            size = layer.OutputSize(size);
        }

        return layers;
    }
}

/// <summary>One tensor of a layer in another library's layout.</summary>
/// <param name="Name">The part's name within the layer.</param>
/// <param name="Shape">Its axes there.</param>
/// <param name="Import">Writes its values into the parameters.</param>
/// <param name="Export">Makes its values from the parameters.</param>
internal sealed record LayoutPart(string Name, int[] Shape, Action<Tensor, ParameterSet> Import, Func<ParameterSet, float[]> Export)
{
    /// <summary>A tensor that holds one parameter just as the engine does.</summary>
    public static LayoutPart Same(string name, int[] shape, string parameter) => new(
        name, shape, (tensor, parameters) => tensor.Values.CopyTo(parameters[parameter]), parameters => parameters[parameter].ToArray())
    {
        Parameter = parameter,
    };

    /// <summary>The parameter that the tensor holds as it is, or null where values move.</summary>
    public string? Parameter { get; private init; }

    /// <summary>Writes a tensor of a file into the parameters, straight to their place where no value moves.</summary>
    public void Read(ITensorSource source, string tensor, ParameterSet parameters)
    {
        if (Parameter is null)
        {
            Import(source.Read(tensor), parameters);
        }
        else
        {
            source.CopyTo(tensor, parameters[Parameter]);
        }
    }
}
