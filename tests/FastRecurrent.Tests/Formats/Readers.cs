using FastRecurrent.Cli.Data;
using FastRecurrent.Formats;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Formats;

/// <summary>Every reader of the library on bytes instead of a file.</summary>
internal static class Readers
{
    public const string FileName = "the-file";

    /// <summary>What <see cref="ModelFile.Load"/> does with a file.</summary>
    public static void Model(byte[] bytes) => Model(bytes, ImportLimits.Default);

    public static void Model(byte[] bytes, ImportLimits limits)
    {
        using MappedFile file = new(FileName, bytes);
        ModelFileKinds.Read(file, KernelSets.Default, limits);
    }

    /// <summary>What <see cref="SafeTensors"/> does, with every tensor read.</summary>
    public static void SafeTensorsFile(byte[] bytes)
    {
        using SafeTensors tensors = new(new MappedFile(FileName, bytes), ImportLimits.Default);
        foreach (string name in tensors.Names)
            tensors.Read(name);
    }

    public static Action<byte[]> PyTorch(ModelDefinition network, params string[] modules) => Weights(network, TorchLayout.Instance, modules);

    public static Action<byte[]> Keras(ModelDefinition network, params string[] modules) => Weights(network, KerasLayout.Instance, modules);

    /// <summary>What <c>process</c> does with a WAV file.</summary>
    public static void Wav(byte[] bytes)
    {
        WavReader reader = new(FileName, new MemoryStream(bytes));
        float[] block = new float[1024 * reader.Format.Channels];
        while (reader.Read(block) > 0)
        {
        }
    }

    public static void Csv(byte[] bytes) => CsvSeriesReader.Read(new MemoryStream(bytes), FileName, new DataOptions());

    /// <summary>What the trainer does with a checkpoint: the file as a whole, then entries by name and kind.</summary>
    public static void Checkpoint(byte[] bytes)
    {
        CheckpointFile file = CheckpointFile.Load(FileName, new MemoryStream(bytes));
        file.Integers("count", 2);
        file.Doubles("rates");
        file.Floats("weights", 7);
        file.Text("text");
    }

    private static Action<byte[]> Weights(ModelDefinition network, WeightLayout layout, string[] modules) => bytes =>
    {
        using SafeTensors tensors = new(new MappedFile(FileName, bytes), ImportLimits.Default);
        new ModuleAssignment(new SafeTensorsSource(tensors), layout, network).Read(network, modules.Length == 0 ? null : modules);
    };
}
