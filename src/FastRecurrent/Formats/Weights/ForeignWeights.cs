using System.Globalization;

namespace FastRecurrent.Formats;

/// <summary>Loads and saves the weights of a given network in another library's layout.</summary>
internal static class ForeignWeights
{
    public static ParameterSet Load(string path, ModelDefinition definition, WeightOptions? options, WeightLayout layout)
    {
        ArgumentNullException.ThrowIfNull(definition);
        options ??= new WeightOptions();
        options.Validate();
        using SafeTensors file = SafeTensors.Open(path, options.Limits);
        return new ModuleAssignment(new SafeTensorsSource(file, options.Prefix), layout, definition).Read(definition, options.Modules);
    }

    public static void Save(string path, ParameterSet parameters, WeightOptions? options, WeightLayout layout)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(parameters);
        options ??= new WeightOptions();
        options.Validate();
        List<ParameterLayer> layers = ParameterLayer.Of(parameters.Definition);
        IReadOnlyList<string> modules = options.Modules ?? [.. layers.Select(layer => layer.Index.ToString(CultureInfo.InvariantCulture))];
        if (modules.Count != layers.Count)
        {
            throw new ArgumentException($"{modules.Count} modules are named, but {layers.Count} layers have parameters; name one for each.", nameof(options));
        }

        Dictionary<string, int> used = [];
        List<SafeTensorsWriter.Entry> tensors = [];
        for (int i = 0; i < layers.Count; i++)
        {
            int stackLayer = used.GetValueOrDefault(modules[i]);
            used[modules[i]] = stackLayer + 1;
            if (stackLayer > 0 && !(layout.HasStacks && layers[i].IsRecurrent))
            {
                throw new ArgumentException($"The module '{modules[i]}' is named for more than one layer; only stacks of "
                    + "PyTorch's recurrent layers share one.", nameof(options));
            }

            foreach (LayoutPart part in layout.Parts(layers[i]))
            {
                string name = layout.Name(modules[i], part.Name, layout.HasStacks && layers[i].IsRecurrent ? stackLayer : null);
                tensors.Add(new(options.Prefix + name, part.Shape, part.Export(parameters)));
            }
        }

        SafeTensorsWriter.Write(path, tensors, metadata: null);
    }
}
