using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>Where a model file comes from.</summary>
public enum ModelFileFormat
{
    /// <summary>This project's own: safetensors with the architecture and a probe in its metadata.</summary>
    FastRecurrent,

    /// <summary>RTNeural's JSON of Keras layers, AIDA-X's files among them.</summary>
    RtNeural,

    /// <summary>Neural Amp Modeler's <c>.nam</c>.</summary>
    NeuralAmpModeler,

    /// <summary>GuitarML's JSON: <c>model_data</c> and a <c>state_dict</c> of PyTorch.</summary>
    GuitarMl,

    /// <summary>A PyTorch state dict, in safetensors or JSON, whose network follows from its shapes.</summary>
    PyTorch,

    /// <summary>An ONNX graph that is a chain of layers, see <c>OnnxModel.ToStack</c> of FastRecurrent.Onnx; <see cref="ModelFile.Load"/> gives none.</summary>
    Onnx,
}

/// <summary>A model from a file, complete and checked.</summary>
public sealed class LoadedModel
{
    internal LoadedModel(ModelFileFormat format, RecurrentModel model)
    {
        Format = format;
        Model = model;
    }

    /// <summary>What kind of file it was.</summary>
    public ModelFileFormat Format { get; }

    /// <summary>The network with its weights; <see cref="RecurrentModel.ExportParameters"/> gives them in logical order.</summary>
    public RecurrentModel Model { get; }

    /// <summary>What the file says of the model as a piece of audio; the defaults where it says nothing.</summary>
    public AudioSettings Audio { get; init; } = new();

    /// <summary>Text that somebody stored beside the model.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Tensors that somebody stored beside the model.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; init; } = ImmutableDictionary<string, Tensor>.Empty;

    /// <summary>What the file says that does not change the numbers and was not read (names, training records), one entry each.</summary>
    public ImmutableArray<string> NotUnderstood { get; init; } = [];
}
