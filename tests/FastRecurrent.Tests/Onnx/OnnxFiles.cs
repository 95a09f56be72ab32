using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Tests.Onnx;

/// <summary>Stored tensors on their own: files that hold one TensorProto.</summary>
internal static class OnnxFiles
{
    /// <summary>The folder of the committed models.</summary>
    public static string Data { get; } = Path.Combine(Repository.Root, "tests", "FastRecurrent.Tests", "Onnx", "Data");

    /// <summary>The tensor, read as the one initializer (field 5) of a graph (field 7 of a model).</summary>
    public static OnnxTensor ReadTensor(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        ModelProto named = ModelReader.Read(Wrapped(7, Wrapped(5, bytes)), new OnnxOptions());
        return TensorDecoder.Decode(named.Graph!.Initializers[0], path);
    }

    /// <summary>The .pb files of a node test, in the order of the model's inputs or outputs, whose names changed over the versions.</summary>
    public static OnnxTensor[] ReadAll(string folder, string prefix) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(folder, "test_data_set_0"), $"{prefix}*.pb")
            .OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal).Select(ReadTensor),
    ];

    /// <summary>A length-delimited field with these bytes.</summary>
    public static byte[] Wrapped(int field, byte[] bytes)
    {
        using MemoryStream stream = new();
        new MessageWriter().Bytes(field, bytes).WriteTo(stream);
        return stream.ToArray();
    }

}
