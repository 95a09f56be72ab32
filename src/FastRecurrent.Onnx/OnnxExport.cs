using System.Collections.Immutable;
using FastRecurrent.Files;
using FastRecurrent.Onnx.Export;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent;

/// <summary>
/// Writes models as ONNX files, operator set 22 or 14: input <c>x</c> [time, batch, I] (or [batch, I]), output <c>y</c>.
/// A recurrent layer is a node of ONNX's RNN, GRU or LSTM where they can express it, else (layer-normalized cells, a clamped cell state,
/// projection, zoneout, directions of different cells) a Scan over its equations. <see cref="OnnxModel.ToStack"/> gives back the same layers
/// and weights, bit for bit.
/// </summary>
public static class OnnxExport
{
    private static readonly int[] Opsets = [14, 22];

    /// <summary>Writes a file: first beside it, then renamed over it, so that there is never half a model under its name.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <param name="definition">The layers.</param>
    /// <param name="parameters">Their weights.</param>
    /// <param name="opset">22 or 14.</param>
    /// <param name="metadata">Text to store beside the graph by name, see <see cref="OnnxModel.Metadata"/>; null for none.</param>
    /// <exception cref="ArgumentException">The opset is another one, or the parameters belong to another definition.</exception>
    /// <exception cref="IOException">The path is a folder or a device, or the file cannot be written.</exception>
    public static void Save(string path, ModelDefinition definition, ParameterSet parameters, int opset = 22, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ModelProto model = Create(definition, parameters, opset, metadata);
        AtomicFile.Write(path, stream => ModelWriter.Write(model, stream));
    }

    /// <summary>Writes to a stream, which stays open.</summary>
    /// <param name="stream">Where the bytes go.</param>
    /// <param name="definition">The layers.</param>
    /// <param name="parameters">Their weights.</param>
    /// <param name="opset">22 or 14.</param>
    /// <param name="metadata">Text to store beside the graph by name, see <see cref="OnnxModel.Metadata"/>; null for none.</param>
    /// <exception cref="ArgumentException">The opset is another one, or the parameters belong to another definition.</exception>
    public static void Write(
        Stream stream, ModelDefinition definition, ParameterSet parameters, int opset = 22, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ModelWriter.Write(Create(definition, parameters, opset, metadata), stream);
    }

    private static ModelProto Create(ModelDefinition definition, ParameterSet parameters, int opset, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(parameters);
        if (!Opsets.Contains(opset))
        {
            throw new ArgumentException($"Models are written with operator set {string.Join(" or ", Opsets)}; found {opset}.", nameof(opset));
        }

        return parameters.Definition == definition
            ? ModelExport.Create(definition, parameters, opset, metadata ?? ImmutableDictionary<string, string>.Empty)
            : throw new ArgumentException("These parameters were made for another definition; make them with new ParameterSet(definition).", nameof(parameters));
    }
}
