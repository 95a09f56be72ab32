using System.Text.Json;

namespace FastRecurrent.Formats;

/// <summary>Finds out what a file is from its content, and says so where it is something that this library does not read.</summary>
internal static class ModelFileKinds
{
    private const int StartBytes = 16;

    private static readonly (byte[] Start, string Sentence)[] Others =
    [
        ([0x80], "this is a pickle (PyTorch's .pt or .pth), which can run code and is never read; save the state dict with safetensors.torch.save_file."),
        ("PK\u0003\u0004"u8.ToArray(), "this is a zip archive (PyTorch's .pt, Keras's .keras); neither is read; save the weights as safetensors."),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "this is HDF5 (Keras's .h5), which is not read; save the weights as safetensors."),
        ("RIFF"u8.ToArray(), "this is a WAV file, which holds sound and no model; wanted a model file."),
        ([0x93, .. "NUMPY"u8], "this is a NumPy array and no model; wanted a model file."),
    ];

    public static LoadedModel Read(MappedFile file, KernelSet kernels, ImportLimits limits)
    {
        byte[] start = file.Copy(0, StartBytes);
        foreach ((byte[] other, string sentence) in Others)
        {
            if (start.AsSpan().StartsWith(other) && !LooksLikeSafeTensors(start, file.Length))
            {
                throw new ModelFormatException(file.Name, "", sentence);
            }
        }

        return LooksLikeJson(start) && !LooksLikeSafeTensors(start, file.Length) ? ReadJson(file, kernels, limits) : ReadSafeTensors(file, kernels, limits);
    }

    private static LoadedModel ReadSafeTensors(MappedFile file, KernelSet kernels, ImportLimits limits)
    {
        using SafeTensors tensors = new(file, limits);
        if (tensors.Metadata.ContainsKey(ModelFileNames.Version))
        {
            return ModelFileReader.Read(tensors, kernels, limits);
        }

        if (StateDictReader.Matches(tensors.Names))
        {
            return StateDictReader.Read(new SafeTensorsSource(tensors), kernels, limits);
        }

        throw new ModelFormatException(
            file.Name, "", "these are tensors without an architecture; load them with PyTorchWeights.Load or KerasWeights.Load and a definition.");
    }

    private static LoadedModel ReadJson(MappedFile file, KernelSet kernels, ImportLimits limits)
    {
        if (file.Length > limits.JsonBytes)
        {
            throw new ModelFormatException(file.Name, "", $"the JSON has {file.Length} bytes; the limit is {limits.JsonBytes} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.JsonBytes)}).");
        }

        using JsonDocument document = JsonItem.Parse(file.Name, "", file.Copy(0, (int)file.Length), limits);
        JsonItem root = new(file.Name, "", document.RootElement);
        if (NamReader.Matches(root))
        {
            return NamReader.Read(root, kernels, limits);
        }

        if (GuitarMlReader.Matches(root))
        {
            return GuitarMlReader.Read(root, kernels, limits);
        }

        if (RtNeuralReader.Matches(root))
        {
            return RtNeuralReader.Read(root, kernels, limits);
        }

        if (StateDictReader.Matches(root))
        {
            return StateDictReader.Read(new TensorTable(file.Name, StateDictReader.Tensors(root, limits)), kernels, limits);
        }

        throw new ModelFormatException(
            file.Name, "", "this JSON is no model that is known: RTNeural has in_shape and layers, "
                + "Neural Amp Modeler architecture and config, GuitarML model_data and state_dict.");
    }

    private static bool LooksLikeJson(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        ReadOnlySpan<byte> rest = start.StartsWith(byteOrderMark) ? start[byteOrderMark.Length..] : start;
        return rest.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..];
    }

    // As text, the first eight bytes are a length beyond every file.
    private static bool LooksLikeSafeTensors(ReadOnlySpan<byte> start, long length) =>
        start.Length > sizeof(ulong) && start[sizeof(ulong)] == (byte)'{' && BitConverter.ToUInt64(start) <= (ulong)length;
}
