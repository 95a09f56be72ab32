using System.Collections.Immutable;

namespace FastRecurrent.Formats;

/// <summary>
/// Which module holds which layer. A file says neither the order of the modules nor what they are for; names and shapes must
/// leave exactly one way, or the caller names the modules.
/// </summary>
internal sealed class ModuleAssignment
{
    private const int MostTries = 20_000;

    // 4 MB of weights are read by several threads.
    private const int SharedParameters = 1 << 20;

    private readonly ITensorSource _source;
    private readonly WeightLayout _layout;
    private readonly List<ParameterLayer> _layers;
    private readonly List<WeightModule> _modules;
    private readonly List<IReadOnlyList<LayoutPart>> _parts;
    private int _tries;

    public ModuleAssignment(ITensorSource source, WeightLayout layout, ModelDefinition definition)
    {
        _source = source;
        _layout = layout;
        _layers = ParameterLayer.Of(definition);
        _parts = [.. _layers.Select(layout.Parts)];
        _modules = WeightModule.Of(source, layout);
    }

    /// <summary>All parameters from the file's tensors.</summary>
    /// <param name="definition">The network.</param>
    /// <param name="names">The module of each layer that has parameters, or null to find them.</param>
    public ParameterSet Read(ModelDefinition definition, IReadOnlyList<string>? names)
    {
        List<(WeightModule Module, int StackLayer)> places = names is null ? Find() : Named(names);
        (LayoutPart Part, string Tensor)[] tensors =
            [.. Enumerable.Range(0, _layers.Count).SelectMany(i => _parts[i].Select(part => (part, places[i].Module[places[i].StackLayer][part.Name])))];
        ParameterSet parameters = new(definition);
        ModelFormatException?[] errors = new ModelFormatException?[tensors.Length];
        bool isShared = definition.ParameterCount >= SharedParameters;
        Parallel.For(0, tensors.Length, new ParallelOptions { MaxDegreeOfParallelism = isShared ? -1 : 1 }, i =>
        {
            try
            {
                tensors[i].Part.Read(_source, tensors[i].Tensor, parameters);
            }
            catch (ModelFormatException error)
            {
                errors[i] = error;
            }
        });

        // The first in the order of the layers, whichever thread met one first.
        return Array.Find(errors, error => error is not null) is { } first ? throw first : parameters;
    }

    private List<(WeightModule Module, int StackLayer)> Named(IReadOnlyList<string> names)
    {
        if (names.Count != _layers.Count)
        {
            throw new ArgumentException($"{names.Count} modules are named, but {_layers.Count} layers have parameters; name "
                + "one for each, a stack once for each of its layers.", nameof(names));
        }

        Dictionary<string, int> used = [];
        List<(WeightModule, int)> places = [];
        for (int i = 0; i < names.Count; i++)
        {
            WeightModule module = _modules.Find(candidate => candidate.Name == names[i])
                ?? throw new ModelFormatException(_source.File, names[i], $"there is no such module; the file has {List(_modules)}.");
            int stackLayer = used.GetValueOrDefault(names[i]);
            used[names[i]] = stackLayer + 1;
            if (Misfit(i, module, stackLayer) is { } error)
            {
                throw error;
            }

            places.Add((module, stackLayer));
        }

        return _modules.Find(module => module.Layers > used.GetValueOrDefault(module.Name)) is { } unused
            ? throw Unused(unused, used.GetValueOrDefault(unused.Name))
            : places;
    }

    private List<(WeightModule Module, int StackLayer)> Find()
    {
        List<List<WeightModule>> found = [];
        Search([], found);
        if (found.Count == 1)
        {
            return [.. found[0].SelectMany(module => Enumerable.Range(0, module.Layers).Select(layer => (module, layer)))];
        }

        if (found.Count > 1)
        {
            throw new ModelFormatException(
                _source.File, "", $"the modules {List(_modules)} fit the layers in more than one order; name them in the order "
                    + $"of the layers ({nameof(WeightOptions)}.{nameof(WeightOptions.Modules)}).");
        }

        throw Explain();
    }

    private void Search(List<WeightModule> chosen, List<List<WeightModule>> found)
    {
        int next = chosen.Sum(module => module.Layers);
        if (next == _layers.Count && chosen.Count == _modules.Count)
        {
            found.Add([.. chosen]);
            return;
        }

        foreach (WeightModule module in _modules)
        {
            if (found.Count > 1 || chosen.Contains(module))
            {
                continue;
            }

            if (++_tries > MostTries)
            {
                throw new ModelFormatException(_source.File, "", "there are too many ways to fit the modules to the layers; "
                    + $"name them in order ({nameof(WeightOptions)}.{nameof(WeightOptions.Modules)}).");
            }

            if (next + module.Layers <= _layers.Count && Enumerable.Range(0, module.Layers).All(layer => Misfit(next + layer, module, layer) is null))
            {
                chosen.Add(module);
                Search(chosen, found);
                chosen.RemoveAt(chosen.Count - 1);
            }
        }
    }

    /// <summary>What is wrong when modules of each kind are taken in the file's order: the first thing that does not fit.</summary>
    private ModelFormatException Explain()
    {
        Queue<(WeightModule Module, int Layer)> recurrent = Places(isRecurrent: true);
        Queue<(WeightModule Module, int Layer)> others = Places(isRecurrent: false);
        for (int i = 0; i < _layers.Count; i++)
        {
            if (!(_layers[i].IsRecurrent ? recurrent : others).TryDequeue(out (WeightModule Module, int Layer) place))
            {
                LayoutPart part = _parts[i][0];
                return new ModelFormatException(_source.File, part.Name, $"layer {_layers[i].Index} of the definition has no "
                    + $"such tensor in the file; wanted [{string.Join(", ", part.Shape)}].");
            }

            if (Misfit(i, place.Module, place.Layer) is { } error)
            {
                return error;
            }
        }

        return recurrent.Concat(others).FirstOrDefault() is ({ } module, int layer)
            ? Unused(module, layer)
            : new ModelFormatException(_source.File, "", $"the modules {List(_modules)} fit the layers in no order.");
    }

    private Queue<(WeightModule Module, int Layer)> Places(bool isRecurrent) => new(
        from module in _modules
        where module.IsRecurrent(_layout) == isRecurrent
        from layer in Enumerable.Range(0, module.Layers)
        select (module, layer));

    private ModelFormatException? Misfit(int layer, WeightModule module, int stackLayer)
    {
        if (stackLayer >= module.Layers)
        {
            return new ModelFormatException(_source.File, module.Name, $"it has {module.Layers} layers; the definition wants layer {stackLayer}.");
        }

        IReadOnlyDictionary<string, string> tensors = module[stackLayer];
        foreach (LayoutPart part in _parts[layer])
        {
            if (!tensors.TryGetValue(part.Name, out string? tensor))
            {
                string name = _layout.Name(module.Name, part.Name, _layout.HasStacks && _layers[layer].IsRecurrent ? stackLayer : null);
                return new ModelFormatException(_source.File, name, $"this tensor is missing; layer {_layers[layer].Index} "
                    + $"wants it as [{string.Join(", ", part.Shape)}].");
            }

            ImmutableArray<int> shape = _source.Shape(tensor);
            if (!shape.SequenceEqual(part.Shape))
            {
                return new ModelFormatException(
                    _source.File, tensor, $"its shape is [{string.Join(", ", shape)}]; layer {_layers[layer].Index} wants "
                        + $"[{string.Join(", ", part.Shape)}].{Hint(part, shape)}");
            }
        }

        string? extra = tensors.Keys.FirstOrDefault(part => !_parts[layer].Any(wanted => wanted.Name == part));
        return extra is null ? null : new ModelFormatException(_source.File, tensors[extra], "nothing wants this tensor; layer "
            + $"{_layers[layer].Index} has no '{extra}'.");
    }

    private static string Hint(LayoutPart part, ImmutableArray<int> found) =>
        part.Name.StartsWith(KerasLayout.Bias, StringComparison.Ordinal) && part.Shape.Length != found.Length
            ? " Two rows of biases are a GRU with reset_after, one is a GRU without it (GruCell.ResetAfter)."
            : "";

    private ModelFormatException Unused(WeightModule module, int layer) =>
        new(_source.File, module[layer].Values.First(), "nothing in the definition wants this tensor.");

    private static string List(List<WeightModule> modules) => string.Join(", ", modules.Select(module => $"'{module.Name}'"));
}
