using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Tests.Onnx;

/// <summary>Stored tensors on their own: files that hold one TensorProto.</summary>
internal static class OnnxFiles
{
    /// <summary>The folder of the committed models.</summary>
    public static string Data { get; } = System.IO.Path.Combine(Repository.Root, "tests", "FastRecurrent.Tests", "Onnx", "Data");

    /// <summary>
    /// The names of the models that PyTorch exported: those that are committed, and those that it exported just now to the folder that
    /// FASTRECURRENT_ONNX_EXPORTS names, if there is one.
    /// </summary>
    public static IEnumerable<string> Exported => Names(Data).Concat(Exports is null ? [] : Names(Exports).Select(name => $"new {name}"));

    private static string? Exports { get; } = Environment.GetEnvironmentVariable("FASTRECURRENT_ONNX_EXPORTS");

    /// <summary>A file of an exported model: the model, or what PyTorch gave for it.</summary>
    public static string Path(string name, string ending) => name.StartsWith("new ", StringComparison.Ordinal)
        ? System.IO.Path.Combine(Exports!, $"{name["new ".Length..]}.{ending}")
        : System.IO.Path.Combine(Data, $"{name}.{ending}");

    private static IOrderedEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(folder, "*.onnx").Select(path => System.IO.Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal);

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
        .. Directory.EnumerateFiles(System.IO.Path.Combine(folder, "test_data_set_0"), $"{prefix}*.pb")
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
