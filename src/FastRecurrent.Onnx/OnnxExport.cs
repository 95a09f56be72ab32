using FastRecurrent.Onnx.Export;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent;

/// <summary>
/// Writes models as ONNX files, operator set 22 or 14: input <c>x</c> [time, batch, I] (or [batch, I]), output <c>y</c>.
/// What the format cannot express is refused by layer: layer-normalized cells and a clamped cell state. A projection is written
/// as U W_hr in the node and W_hr behind it, which is the same network up to rounding; everything else comes back bit for bit.
/// </summary>
public static class OnnxExport
{
    private static readonly int[] Opsets = [14, 22];

    /// <summary>Writes a file: first beside it, then renamed over it, so that there is never half a model under its name.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <param name="definition">The layers.</param>
    /// <param name="parameters">Their weights.</param>
    /// <param name="opset">22 or 14.</param>
    /// <exception cref="ArgumentException">The opset is another one, the parameters belong to another definition, or ONNX cannot express a layer.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, ModelDefinition definition, ParameterSet parameters, int opset = 22)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ModelProto model = Create(definition, parameters, opset);
        string temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                ModelWriter.Write(model, stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes to a stream, which stays open.</summary>
    /// <param name="stream">Where the bytes go.</param>
    /// <param name="definition">The layers.</param>
    /// <param name="parameters">Their weights.</param>
    /// <param name="opset">22 or 14.</param>
    /// <exception cref="ArgumentException">The opset is another one, the parameters belong to another definition, or ONNX cannot express a layer.</exception>
    public static void Write(Stream stream, ModelDefinition definition, ParameterSet parameters, int opset = 22)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ModelWriter.Write(Create(definition, parameters, opset), stream);
    }

    private static ModelProto Create(ModelDefinition definition, ParameterSet parameters, int opset)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(parameters);
        if (!Opsets.Contains(opset))
        {
            throw new ArgumentException($"Models are written with operator set {string.Join(" or ", Opsets)}; found {opset}.", nameof(opset));
        }

        return parameters.Definition == definition
            ? ModelExport.Create(definition, parameters, opset)
            : throw new ArgumentException("These parameters were made for another definition; make them with new ParameterSet(definition).", nameof(parameters));
    }
}
