namespace FastRecurrent.Bench.Import;

/// <summary>What is timed, by name: a plain read of a file into new memory, or a load to a model that runs.</summary>
internal static class ImportWork
{
    public const string Read = "read";
    public const string Own = "safetensors";
    public const string PyTorch = "PyTorch's safetensors";
    public const string Onnx = "ONNX";

    public static object Run(string name, string path)
    {
        switch (name)
        {
            case Read:
                return ReadAll(path);
            case Own:
                return ModelFile.Load(path).Model;
            case PyTorch:
                ModelDefinition network = ImportFiles.Network(PyTorchSize(path));
                return new RecurrentModel(network, PyTorchWeights.Load(path, network, new WeightOptions { Modules = [ImportFiles.Module, ImportFiles.Module] }));
            default:
                OnnxStack stack = OnnxModel.Load(path).ToStack();
                return new RecurrentModel(stack.Definition, stack.Parameters);
        }
    }

    private static int PyTorchSize(string path)
    {
        using SafeTensors file = SafeTensors.Open(path);
        return file.Shape(file.Names[0])[^1];
    }

    private static byte[] ReadAll(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)stream.Length);
        stream.ReadExactly(bytes);
        return bytes;
    }
}
