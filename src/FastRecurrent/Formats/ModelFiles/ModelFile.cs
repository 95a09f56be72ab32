using FastRecurrent.Formats;

namespace FastRecurrent;

/// <summary>
/// Saves and loads models. The project's own file is safetensors: the weights by name, the architecture with every option, and a
/// recorded input and output that are replayed at load, so that a file whose weights or architecture were changed is refused.
/// </summary>
public static class ModelFile
{
    /// <summary>Saves a model, whole or not at all: a crash leaves the old file or the new one.</summary>
    /// <param name="path">The file; <c>.safetensors</c> is the usual ending.</param>
    /// <param name="model">The network with its weights.</param>
    /// <param name="options">What is saved beside it.</param>
    /// <exception cref="ArgumentException">A weight is not finite, or an option is out of its range.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, RecurrentModel model, ModelSaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ModelSaveOptions();
        options.Validate();
        ModelFileWriter.Write(path, model, options);
    }

    /// <summary>
    /// Loads a model, whole or not at all: this project's safetensors; JSON of RTNeural, AIDA-X, GuitarML and Neural Amp Modeler;
    /// a PyTorch state dict whose network follows from its shapes. What kind it is shows from the content, not from the name.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What the file may ask for; null for the defaults.</param>
    /// <exception cref="ModelFormatException">The file is damaged, or holds what this engine does not compute; it says what and where.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static LoadedModel Load(string path, ImportLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= ImportLimits.Default;
        limits.Validate();
        using MappedFile file = MappedFile.Open(path, limits);
        return ModelFileKinds.Read(file, KernelSets.Default, limits);
    }
}
