using System.Globalization;

namespace FastRecurrent.Cli.Models;

/// <summary>This project's own format: everything that was loaded.</summary>
internal sealed class FastRecurrentSaver : IModelSaver
{
    public string Name => "fastrecurrent";

    public string Ending => ".safetensors";

    public IEnumerable<string> LeavesOut(LoadedModel model) => [];

    public void Save(string path, LoadedModel model) => ModelFile.Save(path, model.Model, new ModelSaveOptions
    {
        Metadata = model.Metadata,
        Tensors = model.Tensors,
        Audio = model.Audio == new AudioSettings() ? null : model.Audio,
    });
}

/// <summary>A PyTorch state dict as safetensors: weights alone.</summary>
internal sealed class PyTorchSaver : IModelSaver
{
    public string Name => "pytorch";

    public string? Ending => null;

    public IEnumerable<string> LeavesOut(LoadedModel model) => WeightsAlone.LeavesOut(model, keepsMetadata: false);

    public void Save(string path, LoadedModel model)
    {
        WeightsAlone.Require(model, Name);
        PyTorchWeights.Save(path, model.Model.ExportParameters());
    }
}

/// <summary>Keras's layout as safetensors: weights alone.</summary>
internal sealed class KerasSaver : IModelSaver
{
    public string Name => "keras";

    public string? Ending => null;

    public IEnumerable<string> LeavesOut(LoadedModel model) => WeightsAlone.LeavesOut(model, keepsMetadata: false);

    public void Save(string path, LoadedModel model)
    {
        WeightsAlone.Require(model, Name);
        KerasWeights.Save(path, model.Model.ExportParameters());
    }
}

/// <summary>What formats have no place for that hold weights and nothing else.</summary>
internal static class WeightsAlone
{
    public static IEnumerable<string> LeavesOut(LoadedModel model, bool keepsMetadata)
    {
        string[] metadata = keepsMetadata ? [] : [.. model.Metadata.Keys.Order(StringComparer.Ordinal).Select(name => $"metadata '{name}'")];
        string[] rate = model.Audio.SampleRate is { } hertz ? [string.Create(CultureInfo.InvariantCulture, $"the sample rate of {hertz} Hz")] : [];
        return [.. metadata, .. model.Tensors.Keys.Order(StringComparer.Ordinal).Select(name => $"tensor '{name}'"), .. rate];
    }

    public static void Require(LoadedModel model, string format)
    {
        if (model.Audio with { SampleRate = null } != new AudioSettings())
        {
            throw new ArgumentException($"{format} has no place for this model's skip connection, gains or initial state; "
                + "without them it computes other numbers. Take --as fastrecurrent.");
        }
    }
}
