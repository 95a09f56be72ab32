using System.Diagnostics;
using FastRecurrent.Cli.Data;
using FastRecurrent.Formats;
using FastRecurrent.Tests.Formats.Malformed;
using FastRecurrent.Tests.Onnx;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Formats.Fuzzing;

/// <summary>
/// R13: whatever is in a file, a reader ends with a model or with its one exception, <see cref="ModelFormatException"/> for every model file, in memory that the file's
/// length bounds; in a long run (<see cref="FuzzFactor"/>) within a second each. Every input follows from its number, which a failure names.
/// </summary>
public class FuzzTests
{
    /// <summary>What a load may allocate: the document, the weights, their packed form, a probe. For inputs of a few kilobytes.</summary>
    private const long MostBytesPerByte = 2_000;
    private const long MostBytesAnyway = 4L << 20;

    /// <summary>Far beyond a second, which no input takes: a reader that hangs must not hang the tests.</summary>
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, Target> Targets = new()
    {
        ["safetensors"] = new(25_000, Readers.SafeTensorsFile, Mutations.SafeTensors, () => [Foreign(Network), Model()], [typeof(SafeTensors)]),
        ["model"] = new(30_000, Readers.Model, Mutations.SafeTensors, () => [Model(), AudioModel()], [typeof(ModelFileReader), typeof(DefinitionReader)]),
        ["pytorch"] = new(20_000, Readers.PyTorch(Network), Mutations.SafeTensors, () => [Foreign(Network)], [typeof(PyTorchWeights)]),
        ["keras"] = new(20_000, Readers.Keras(KerasNetwork), Mutations.SafeTensors, () => [Keras()], [typeof(KerasWeights)]),
        ["state dict"] = new(
            20_000, Readers.Model, Mutations.SafeTensors, () => [Foreign(new ModelBuilder(2).Bidirectional(new GruCell(2)).Lstm(3).Dense(1).Build())], [typeof(StateDictReader)]),
        ["rtneural"] = new(20_000, Readers.Model, Mutations.Json, () => [MalformedFile.Text(RtNeural)], [typeof(RtNeuralReader)]),
        ["nam"] = new(20_000, Readers.Model, Mutations.Json, () => [MalformedFile.Text(AudioFiles.Nam.Draw(1, 2, 2, new Draw(1)).ToJson().ToJsonString())], [typeof(NamReader)]),
        ["guitarml"] = new(
            20_000, Readers.Model, Mutations.Json, () => [MalformedFile.Text(AudioFiles.GuitarMlGru.Draw(1, 2, 1, new Draw(1)).ToJson().ToJsonString())], [typeof(GuitarMlReader)]),
        ["wav"] = new(20_000, Readers.Wav, Mutations.Wav, Sounds, [typeof(WavReader)]),
        ["wave data"] = new(20_000, bytes => WaveReader.Parse(bytes, Readers.FileName), Mutations.Wav, Sounds, [typeof(WaveReader)]) { Refusal = typeof(DataFormatException) },
        ["npy"] = new(20_000, bytes => NpyReader.Parse(bytes, Readers.FileName), Mutations.Npy, () => [Npy("<f4", 24), Npy("<i2", 12)], [typeof(NpyReader)])
        {
            Refusal = typeof(DataFormatException),
        },
        ["csv"] = new(20_000, Readers.Csv, Mutations.Csv, () => [MalformedFile.Text(Table)], [typeof(CsvSeriesReader)]) { Refusal = typeof(DataFormatException) },
        ["checkpoint"] = new(20_000, Readers.Checkpoint, Mutations.Checkpoint, () => [Checkpoint()], [typeof(CheckpointFile)]) { Refusal = typeof(CheckpointException) },
    };

    /// <summary>Readers that take no bytes of a file of their own, and who fuzzes them.</summary>
    private static readonly Dictionary<Type, string> Elsewhere = new()
    {
        [typeof(RawFloatReader)] = "any bytes are values; its length is checked by its tests",
        [typeof(FastRecurrent.Onnx.Proto.ModelReader)] = nameof(OnnxFuzzTests),
        [typeof(FastRecurrent.Onnx.Proto.MessageReader)] = nameof(OnnxFuzzTests),
        [typeof(FastRecurrent.Onnx.Stacks.StackReader)] = nameof(OnnxFuzzTests),
    };

    private const string Table = """
        time,load,temperature
        2024-01-01 00:00,1.5,-3
        2024-01-01 01:00,2.25,5
        2024-01-01 02:00,"3",1e1
        2024-01-01 03:00,4,7

        """;

    private const string RtNeural = """
        {"in_shape": [null, null, 1], "in_skip": 1, "in_gain": 3, "layers": [
          {"type": "lstm", "activation": "", "shape": [null, null, 2], "weights": [[[1, 1, 1, 1, 1, 1, 1, 1]], [[1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]], [0, 0, 0, 0, 0, 0, 0, 0]]},
          {"type": "gru", "activation": "tanh", "shape": [null, null, 1], "weights": [[[1, 1, 1], [1, 1, 1]], [[1, 1, 1]], [[0, 0, 0], [0, 0, 0]]]},
          {"type": "batchnorm", "activation": "", "shape": [null, null, 1], "epsilon": 0.001, "weights": [[1], [0], [0.5], [2]]},
          {"type": "dense", "activation": "softmax", "shape": [null, null, 1], "weights": [[[1]], [0]]}]}
        """;

    private static ModelDefinition Network => new ModelBuilder(2).Bidirectional(new GruCell(2)).Lstm(2).BatchNorm().Dense(1).Build();

    public static TheoryData<string> Names => [.. Targets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_input_is_read_or_refused(string name)
    {
        Target target = Targets[name];
        byte[][] seeds = target.Seeds();
        int inputs = target.Inputs * FuzzFactor.Value;
        int accepted = 0;
        Assert.All(seeds, seed => target.Read(seed));
        Parallel.For(0, inputs, number =>
        {
            Draw draw = new(number, stream: 31);
            byte[] input = target.Mutate(seeds[number % seeds.Length], draw);
            Interlocked.Add(ref accepted, Accepts(name, number, target, input) ? 1 : 0);
        });

        // Mutations that nothing accepts would test the first check only.
        Assert.InRange(accepted, inputs / 500, inputs);
    }

    [Fact]
    public void There_are_two_hundred_thousand_inputs_and_twenty_thousand_for_each_reader()
    {
        Assert.True(Targets.Values.Sum(target => target.Inputs) + OnnxFuzzTests.Inputs >= 200_000);
        Assert.All(Targets, target => Assert.True(target.Value.Inputs >= 20_000, target.Key));
        Assert.True(OnnxFuzzTests.Inputs >= 20_000);
    }

    [Fact]
    public void A_slow_input_is_seen()
    {
        TimeSpan most = TimeSpan.FromMilliseconds(20);
        Assert.True(FuzzFactor.IsSlow(() => Thread.Sleep(2 * most), most));
        Assert.False(FuzzFactor.IsSlow(() => throw new ModelFormatException("refused at once"), FuzzFactor.MostTime));
    }

    [Fact]
    public void No_reader_is_left_out()
    {
        IEnumerable<Type> readers = new[] { typeof(ModelFile), typeof(OnnxModel), typeof(CsvSeriesReader) }.SelectMany(type => type.Assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Reader", StringComparison.Ordinal) && type is { IsInterface: false, DeclaringType: null });
        Type[] covered = [.. Targets.Values.SelectMany(target => target.Readers), .. Elsewhere.Keys];
        Assert.Empty(readers.Except(covered).Select(reader => reader.FullName));
    }

    private static bool Accepts(string name, int number, Target target, byte[] input)
    {
        long start = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool isAccepted = true;
        try
        {
            target.Read(input);
        }
        catch (Exception error) when (error.GetType() == target.Refusal)
        {
            isAccepted = false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{name}, input {number}: {Convert.ToBase64String(input)}", error);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        Assert.True(allocated <= MostBytesAnyway + (MostBytesPerByte * input.Length), $"{name}, input {number}: {allocated} bytes allocated for a file of {input.Length}.");
        Assert.True(Stopwatch.GetElapsedTime(start) < Hangs, $"{name}, input {number} took {Stopwatch.GetElapsedTime(start)}.");
        Assert.False(FuzzFactor.IsSlow(start, () => target.Read(input)), $"{name}, input {number} takes more than {FuzzFactor.MostTime}: {Convert.ToBase64String(input)}");
        return isAccepted;
    }

    private static byte[] Model() => ModelFileCases.Saved(new ModelBuilder(2).Bidirectional(new GruCell(2), Merge.Sum).Softmax().Recurrent(new LstmCell(2) { Peepholes = true }).LastStep().Dense(1).Build());

    private static byte[] AudioModel()
    {
        ModelDefinition network = new ModelBuilder(1).Lstm(2).Dense(1).Build();
        RecurrentModel model = new(network, Weights.Draw(network, new Draw(2)));
        RecurrentState state = model.CreateState();
        state.Cell(0).Fill(0.5f);
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["a"], model, new ModelSaveOptions
        {
            Audio = new AudioSettings { InitialState = state, SampleRate = 48_000 },
            Tensors = new Dictionary<string, Tensor> { ["mean"] = new([1], [3]) },
        });
        return File.ReadAllBytes(folder["a"]);
    }

    private static byte[][] Sounds() => [.. Enum.GetValues<WavSample>().Select(sample => WavCases.Wav(sample, new float[48], channels: 2))];

    private static ModelDefinition KerasNetwork => new ModelBuilder(2).Bidirectional(new GruCell(2)).LayerNorm(1e-3f).Dense(1).Build();

    private static byte[] Keras()
    {
        using TemporaryFolder folder = new();
        KerasWeights.Save(folder["a"], Weights.Draw(KerasNetwork, new Draw(4)));
        return File.ReadAllBytes(folder["a"]);
    }

    private static byte[] Npy(string type, int bytes)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': (2, 3), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. MalformedFile.Text(header), .. new byte[bytes]];
    }

    private static byte[] Checkpoint()
    {
        using TemporaryFolder folder = new();
        CheckpointFile file = new();
        file.Add("count", 3L, 4L);
        file.Add("rates", 0.5, 0.25);
        file.Add("weights", new float[7]);
        file.Add("text", "a text");
        file.Save(folder["a"]);
        return File.ReadAllBytes(folder["a"]);
    }

    private static byte[] Foreign(ModelDefinition network)
    {
        using TemporaryFolder folder = new();
        PyTorchWeights.Save(folder["a"], Weights.Draw(network, new Draw(4)));
        return File.ReadAllBytes(folder["a"]);
    }

    /// <summary>What is fuzzed.</summary>
    /// <param name="Inputs">How many inputs usually.</param>
    /// <param name="Read">Reads one.</param>
    /// <param name="Mutate">Makes one of a seed.</param>
    /// <param name="Seeds">Sound files.</param>
    /// <param name="Readers">The types that read them.</param>
    private sealed record Target(int Inputs, Action<byte[]> Read, Func<byte[], Draw, byte[]> Mutate, Func<byte[][]> Seeds, Type[] Readers)
    {
        /// <summary>The one exception that a reader may end with.</summary>
        public Type Refusal { get; init; } = typeof(ModelFormatException);
    }
}
