using System.Diagnostics;
using FastRecurrent.Formats;
using FastRecurrent.Tests.Formats.Malformed;
using FastRecurrent.Tests.Onnx;

namespace FastRecurrent.Tests.Formats.Fuzzing;

/// <summary>
/// R13: whatever is in a file, a reader ends with a model or with <see cref="ModelFormatException"/>, in memory that the file's
/// length bounds. Every input follows from its number, which a failure names.
/// </summary>
public class FuzzTests
{
    /// <summary>What a load may allocate: the document, the weights, their packed form, a probe. For inputs of a few kilobytes.</summary>
    private const long MostBytesPerByte = 2_000;
    private const long MostBytesAnyway = 4L << 20;

    /// <summary>Far beyond a second, which no input takes: a reader that hangs must not hang the tests.</summary>
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, (int Inputs, Action<byte[]> Read, Func<byte[], Draw, byte[]> Mutate, Func<byte[][]> Seeds)> Targets = new()
    {
        ["safetensors"] = (45_000, Readers.SafeTensorsFile, Mutations.SafeTensors, () => [Foreign(Network), Model()]),
        ["model"] = (30_000, Readers.Model, Mutations.SafeTensors, () => [Model(), AudioModel()]),
        ["pytorch"] = (20_000, Readers.PyTorch(Network), Mutations.SafeTensors, () => [Foreign(Network)]),
        ["state dict"] = (10_000, Readers.Model, Mutations.SafeTensors, () => [Foreign(new ModelBuilder(2).Bidirectional(new GruCell(2)).Lstm(3).Dense(1).Build())]),
        ["rtneural"] = (20_000, Readers.Model, Mutations.Json, () => [MalformedFile.Text(RtNeural)]),
        ["nam"] = (10_000, Readers.Model, Mutations.Json, () => [MalformedFile.Text(AudioFiles.Nam.Draw(1, 2, 2, new Draw(1)).ToJson().ToJsonString())]),
        ["guitarml"] = (10_000, Readers.Model, Mutations.Json, () => [MalformedFile.Text(AudioFiles.GuitarMlGru.Draw(1, 2, 1, new Draw(1)).ToJson().ToJsonString())]),
        ["wav"] = (25_000, Readers.Wav, Mutations.Wav, () => [.. Enum.GetValues<WavSample>().Select(sample => WavCases.Wav(sample, new float[48], channels: 2))]),
    };

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
        (int usual, Action<byte[]> read, Func<byte[], Draw, byte[]> mutate, Func<byte[][]> makeSeeds) = Targets[name];
        byte[][] seeds = makeSeeds();
        int inputs = usual * FuzzFactor.Value;
        int accepted = 0;
        Assert.All(seeds, seed => read(seed));
        Parallel.For(0, inputs, number =>
        {
            Draw draw = new(number, stream: 31);
            byte[] input = mutate(seeds[number % seeds.Length], draw);
            Interlocked.Add(ref accepted, Accepts(name, number, read, input) ? 1 : 0);
        });

        // Mutations that nothing accepts would test the first check only.
        Assert.InRange(accepted, inputs / 500, inputs);
    }

    [Fact]
    public void There_are_two_hundred_thousand_inputs_with_those_of_ONNX()
    {
        Assert.Equal(200_000, Targets.Values.Sum(target => target.Inputs) + OnnxFuzzTests.Inputs);
    }

    private static bool Accepts(string name, int number, Action<byte[]> read, byte[] input)
    {
        long start = Stopwatch.GetTimestamp();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool isAccepted = true;
        try
        {
            read(input);
        }
        catch (ModelFormatException)
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

    private static byte[] Foreign(ModelDefinition network)
    {
        using TemporaryFolder folder = new();
        PyTorchWeights.Save(folder["a"], Weights.Draw(network, new Draw(4)));
        return File.ReadAllBytes(folder["a"]);
    }
}
