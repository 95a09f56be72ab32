using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace FastRecurrent.Formats;

/// <summary>
/// Reads what <see cref="ModelFileWriter"/> writes. Everything is checked against the header before weights are allocated; every
/// tensor must be wanted by something; the probe is replayed at the end.
/// </summary>
internal static class ModelFileReader
{
    public static LoadedModel Read(SafeTensors file, KernelSet kernels, ImportLimits limits)
    {
        string version = file.Metadata[ModelFileNames.Version];
        if (version != ModelFileNames.CurrentVersion)
        {
            throw new ModelFormatException(file.FileName, ModelFileNames.Version, $"found '{version}', wanted "
                + $"'{ModelFileNames.CurrentVersion}'; the file is of another version of this library.");
        }

        ModelDefinition definition = Parse(file, ModelFileNames.Architecture, limits, root => DefinitionReader.Read(root, limits))
            ?? throw new ModelFormatException(file.FileName, ModelFileNames.Architecture, "this entry of the metadata is missing.");
        (AudioSettings Audio, bool HasState)? audio = Parse(file, ModelFileNames.Audio, limits, Audio);
        bool hasState = audio?.HasState ?? false;
        if (audio is not null && !definition.CanStream)
        {
            throw new ModelFormatException(file.FileName, ModelFileNames.Audio, "the network cannot run step by step, so it is no audio model.");
        }

        if (audio?.Audio.Misfit(definition) is { } misfit)
        {
            throw new ModelFormatException(file.FileName, ModelFileNames.Audio, misfit);
        }

        HashSet<string> rest = [.. file.Names];
        foreach (ModelDefinition.NamedShape shape in definition.Shapes)
        {
            RequireShape(file, rest, shape.Name, [shape.Shape.Rows, shape.Shape.Columns]);
        }

        Take(file, rest, ModelFileNames.ProbeInput);
        Take(file, rest, ModelFileNames.ProbeOutput);
        Probe.CheckShapes(file.FileName, definition, file.Shape(ModelFileNames.ProbeInput), file.Shape(ModelFileNames.ProbeOutput));
        ImmutableDictionary<string, Tensor> extra = Extra(file, rest);
        FileWeights weights = new(file, definition);
        RecurrentModel model = new(definition, weights, kernels);
        weights.RequireFinite();
        RecurrentState? state = hasState ? State(file, rest, model) : null;
        if (rest.Count > 0)
        {
            throw new ModelFormatException(file.FileName, rest.Order(StringComparer.Ordinal).First(), "nothing in the architecture wants this tensor.");
        }

        Probe.Replay(file.FileName, model, file.Read(ModelFileNames.ProbeInput), file.Read(ModelFileNames.ProbeOutput), state);
        return new LoadedModel(ModelFileFormat.FastRecurrent, model)
        {
            Audio = (audio?.Audio ?? new()) with { InitialState = state },
            Metadata = file.Metadata.Where(entry => !entry.Key.StartsWith(ModelFileNames.Reserved, StringComparison.Ordinal)).ToImmutableDictionary(),
            Tensors = extra,
        };
    }

    private static RecurrentState State(SafeTensors file, HashSet<string> rest, RecurrentModel model)
    {
        RecurrentState state = model.CreateState();
        AudioState.Fill(model.Definition, state, (name, values) =>
        {
            RequireShape(file, rest, name, [values.Length]);
            file.CopyTo(name, values);
            Finite.Require(file.FileName, name, values);
        });
        return state;
    }

    private static ImmutableDictionary<string, Tensor> Extra(SafeTensors file, HashSet<string> rest)
    {
        string[] names = [.. rest.Where(name => name.StartsWith(ModelFileNames.Extra, StringComparison.Ordinal))];
        rest.ExceptWith(names);
        return names.ToImmutableDictionary(name => name[ModelFileNames.Extra.Length..], file.Read);
    }

    private static void Take(SafeTensors file, HashSet<string> rest, string name)
    {
        if (!rest.Remove(name))
        {
            throw new ModelFormatException(file.FileName, name, "this tensor is missing.");
        }
    }

    private static void RequireShape(SafeTensors file, HashSet<string> rest, string name, int[] wanted)
    {
        Take(file, rest, name);
        ImmutableArray<int> found = file.Shape(name);
        if (!found.SequenceEqual(wanted))
        {
            throw new ModelFormatException(file.FileName, name, $"its shape is [{string.Join(", ", found)}]; the architecture wants [{string.Join(", ", wanted)}].");
        }
    }

    private static (AudioSettings Audio, bool HasState)? Audio(JsonItem root)
    {
        root.AllowOnly("sample_rate", "adds_input", "input_gain", "output_gain", "initial_state");
        AudioSettings audio = new()
        {
            SampleRate = root.Find("sample_rate")?.Whole(1, AudioSettings.MaxSampleRate),
            AddsInput = root["adds_input"].Flag(),
            InputGain = root["input_gain"].Number(),
            OutputGain = root["output_gain"].Number(),
        };
        return (audio, root["initial_state"].Flag());
    }

    private static T? Parse<T>(SafeTensors file, string name, ImportLimits limits, Func<JsonItem, T> read)
    {
        if (!file.Metadata.TryGetValue(name, out string? text))
        {
            return default;
        }

        using JsonDocument document = JsonItem.Parse(file.FileName, name, Encoding.UTF8.GetBytes(text), limits);
        return read(new JsonItem(file.FileName, name, document.RootElement));
    }
}
