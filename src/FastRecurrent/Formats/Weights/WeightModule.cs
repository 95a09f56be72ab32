namespace FastRecurrent.Formats;

/// <summary>The tensors that share a module's path: one layer, or a numbered stack of them.</summary>
internal sealed class WeightModule(string name)
{
    private readonly Dictionary<int, Dictionary<string, string>> _layers = [];

    public string Name { get; } = name;

    public int Layers => _layers.Count;

    /// <summary>The parts of one layer of the module, with the names of their tensors.</summary>
    public IReadOnlyDictionary<string, string> this[int stackLayer] => _layers[stackLayer];

    public bool IsRecurrent(WeightLayout layout) =>
        _layers.Values.First().Keys.Any(part => layout is TorchLayout
            ? part.Contains("_hh", StringComparison.Ordinal)
            : part.StartsWith(KerasLayout.RecurrentKernel, StringComparison.Ordinal));

    /// <summary>Groups a file's tensors; every name must mean something to the layout.</summary>
    public static List<WeightModule> Of(ITensorSource source, WeightLayout layout)
    {
        Dictionary<string, WeightModule> modules = [];
        foreach (string tensor in source.Names)
        {
            TensorRole role = layout.Parse(tensor)
                ?? throw new ModelFormatException(source.File, tensor, $"this name is none of {layout.Library}'s for a recurrent, "
                    + "dense or norm layer; nothing wants this tensor.");
            if (layout.IsBookkeeping(role.Part))
            {
                continue;
            }

            if (!modules.TryGetValue(role.Module, out WeightModule? module))
            {
                modules.Add(role.Module, module = new WeightModule(role.Module));
            }

            if (!module._layers.TryGetValue(role.StackLayer, out Dictionary<string, string>? layer))
            {
                module._layers.Add(role.StackLayer, layer = []);
            }

            if (!layer.TryAdd(role.Part, tensor))
            {
                throw new ModelFormatException(source.File, tensor, $"this is the same weight as '{layer[role.Part]}'.");
            }
        }

        foreach (WeightModule module in modules.Values)
        {
            for (int layer = 0; layer < module.Layers; layer++)
            {
                if (!module._layers.ContainsKey(layer))
                {
                    throw new ModelFormatException(source.File, module.Name, $"layer {layer} of this stack is missing; it has "
                        + $"{string.Join(", ", module._layers.Keys.Order())}.");
                }
            }
        }

        return [.. modules.Values];
    }
}
