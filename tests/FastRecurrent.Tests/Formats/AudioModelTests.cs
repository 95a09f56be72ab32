using System.Text;
using System.Text.Json.Nodes;

namespace FastRecurrent.Tests.Formats;

public class AudioModelTests
{
    /// <summary>Float32 of the engine beside doubles, 200 steps deep, outputs of order 1.</summary>
    private const double Tolerance = 2e-6;

    private const int Samples = 200;

    [Theory]
    [InlineData(1, 8, 1)]
    [InlineData(1, 13, 2)]
    [InlineData(3, 5, 3)]
    public void A_Neural_Amp_Modeler_LSTM_starts_from_its_learned_state(int inputs, int hidden, int layers)
    {
        AudioFiles.Nam nam = AudioFiles.Nam.Draw(inputs, hidden, layers, new Draw(5));
        LoadedModel loaded = Load(nam.ToJson());
        Assert.Equal(ModelFileFormat.NeuralAmpModeler, loaded.Format);
        Assert.Equal(48_000, loaded.Audio.SampleRate);
        Assert.Equal((string[])["version", "metadata"], loaded.NotUnderstood.ToArray());
        (float[] x, float[] controls, double[][] frames) = Signal(inputs);
        Near(nam.Run(frames), Run(loaded, x, controls));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    public void A_GuitarML_model_adds_its_input_where_it_skips(int inputs, int skip)
    {
        AudioFiles.GuitarMlGru gru = AudioFiles.GuitarMlGru.Draw(inputs, 9, skip, new Draw(6));
        LoadedModel loaded = Load(gru.ToJson());
        Assert.Equal(ModelFileFormat.GuitarMl, loaded.Format);
        (float[] x, float[] controls, double[][] frames) = Signal(inputs);
        Near(gru.Run(frames), Run(loaded, x, controls));
    }

    [Fact]
    public void A_block_may_stay_where_it_is_but_not_overlap_itself_elsewhere()
    {
        LoadedModel loaded = Load(AudioFiles.GuitarMlGru.Draw(1, 9, 1, new Draw(6)).ToJson());
        AudioModel model = new(loaded.Model, loaded.Audio);
        float[] samples = new Draw(8).Floats(Samples, -1, 1), wanted = new float[Samples];
        using AudioSession apart = model.CreateSession(), inPlace = model.CreateSession();
        apart.Process(samples, wanted);
        foreach (int offset in new[] { 1, 32 })
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => inPlace.Process(samples.AsSpan(0, Samples - offset), samples.AsSpan(offset)));
            Assert.Contains($"{offset} samples away", error.Message, StringComparison.Ordinal);
        }

        inPlace.Process(samples, samples);
        Assert.Equal(wanted, samples);
    }

    [Fact]
    public void An_AIDA_X_model_has_gains_in_dB_and_a_skip()
    {
        // One linear neuron, so that everything shows: f(x) = 2 x + 0.25.
        JsonObject json = Json("""
            {"in_shape": [null, null, 1], "in_skip": 1, "in_gain": 6.0205999, "out_gain": -20,
             "layers": [{"type": "dense", "activation": "", "shape": [null, null, 1], "weights": [[[2]], [0.25]]}],
             "metadata": {"samplerate": "44100"}, "input_batch": [1]}
            """);
        LoadedModel loaded = Load(json);
        Assert.Equal(44_100, loaded.Audio.SampleRate);
        Assert.Equal((string[])["metadata", "input_batch"], loaded.NotUnderstood.ToArray());
        Near([0.1 * (0.25 + (3 * 2 * 0.5))], Run(loaded, [0.5f], []));
    }

    [Fact]
    public void Every_layer_of_RTNeural_that_is_shared_runs()
    {
        JsonObject json = Json("""
            {"in_shape": [null, null, 2], "layers": [
              {"type": "time-distributed-dense", "activation": "relu", "shape": [null, null, 2], "weights": [[[1, -1], [0, 2]], [0.5, 0]]},
              {"type": "batchnorm", "activation": "", "shape": [null, null, 2], "epsilon": 0.75, "weights": [[1, 2], [0, 1], [0.5, 1], [3.25, 0.25]]},
              {"type": "dense", "activation": "elu", "shape": [null, null, 2], "weights": [[[1, 0], [0, -1]], [0, 0]]},
              {"type": "dense", "activation": "softmax", "shape": [null, null, 2], "weights": [[[1, 0], [0, 1]], [0, 0]]},
              {"type": "dense", "activation": "", "shape": [null, null, 1], "weights": [[[1], [3]]]}]}
            """);
        // x = (1, 2): relu(1 + 0.5, -1 + 4) = (1.5, 3); batchnorm ((1.5 - 0.5) / 2, 2 (3 - 1) / 1 + 1) = (0.5, 5);
        // elu(0.5, -5) = (0.5, exp(-5) - 1); softmax; p0 + 3 p1.
        double b = Math.Exp(-5) - 1;
        double p0 = 1 / (1 + Math.Exp(b - 0.5));
        Near([p0 + (3 * (1 - p0))], Run(Load(json), [1], [2]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public void Blocks_of_any_size_give_the_same_bits(int block)
    {
        LoadedModel loaded = Load(AudioFiles.GuitarMlGru.Draw(2, 9, 1, new Draw(6)).ToJson());
        (float[] x, float[] controls, _) = Signal(2);
        float[] whole = Run(loaded, x, controls), parts = (float[])x.Clone();
        using AudioSession session = new AudioModel(loaded.Model, loaded.Audio with { OutputGain = 1 }).CreateSession();
        session.SetControl(0, controls[0]);
        for (int start = 0; start < Samples; start += block)
        {
            Span<float> part = parts.AsSpan(start, Math.Min(block, Samples - start));
            session.Process(part, part);
        }

        Bits.Equal(whole, parts, "in blocks, in place");
    }

    [Fact]
    public void Reset_goes_back_to_the_learned_state()
    {
        LoadedModel loaded = Load(AudioFiles.Nam.Draw(1, 8, 2, new Draw(5)).ToJson());
        (float[] x, _, _) = Signal(1);
        float[] first = new float[Samples], second = new float[Samples];
        using AudioSession session = new AudioModel(loaded.Model, loaded.Audio).CreateSession();
        session.Process(x, first);
        session.Reset();
        session.Process(x, second);
        Bits.Equal(first, second, "after Reset");
    }

    [Fact]
    public void A_saved_audio_model_sounds_as_the_file_it_came_from()
    {
        LoadedModel nam = Load(AudioFiles.Nam.Draw(1, 8, 2, new Draw(5)).ToJson());
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["a"], nam.Model, new ModelSaveOptions { Audio = nam.Audio });
        (float[] x, _, _) = Signal(1);
        Bits.Equal(Run(nam, x, []), Run(ModelFile.Load(folder["a"]), x, []), "saved and loaded");
    }

    [Fact]
    public void Models_that_are_no_audio_are_refused()
    {
        ModelDefinition two = new ModelBuilder(1).Lstm(2).Build(), reverse = new ModelBuilder(1).Recurrent(new GruCell(1), Direction.Reverse).Build();
        Assert.Contains("2", Assert.Throws<ArgumentException>(() => new AudioModel(new RecurrentModel(two, new ParameterSet(two)))).Message, StringComparison.Ordinal);
        Assert.Contains("step by step", Assert.Throws<ArgumentException>(() => new AudioModel(new RecurrentModel(reverse, new ParameterSet(reverse)))).Message, StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        Assert.Contains("one output", Assert.Throws<ArgumentException>(() => ModelFile.Save(
            folder["two"], new RecurrentModel(two, new ParameterSet(two)), new ModelSaveOptions { Audio = new AudioSettings { AddsInput = true } })).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["two"]));
        ModelDefinition one = new ModelBuilder(1).Lstm(1).Build();
        AudioModel model = new(new RecurrentModel(one, new ParameterSet(one)));
        using AudioSession session = model.CreateSession();
        Assert.Throws<ArgumentException>(() => session.Process(new float[3], new float[2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => session.SetControl(0, 1));
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => session.Process([], []));
    }

    private static LoadedModel Load(JsonObject json)
    {
        using TemporaryFolder folder = new();
        return ModelFile.Load(folder.Write("model.json", Encoding.UTF8.GetBytes(json.ToJsonString())));
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static (float[] X, float[] Controls, double[][] Frames) Signal(int inputs)
    {
        Draw draw = new(77);
        float[] x = draw.Floats(Samples, -1, 1), controls = draw.Floats(inputs - 1, 0, 1);
        return (x, controls, [.. x.Select(sample => (double[])[sample, .. controls.Select(value => (double)value)])]);
    }

    private static float[] Run(LoadedModel loaded, float[] x, float[] controls)
    {
        float[] y = new float[x.Length];
        AudioModel model = new(loaded.Model, loaded.Audio);
        Assert.Equal(controls.Length, model.ControlCount);
        using AudioSession session = model.CreateSession();
        for (int i = 0; i < controls.Length; i++)
            session.SetControl(i, controls[i]);
        session.Process(x, y);
        return y;
    }

    private static void Near(double[] wanted, float[] found)
    {
        Assert.Equal(wanted.Length, found.Length);
        for (int i = 0; i < wanted.Length; i++)
            Assert.True(Math.Abs(wanted[i] - found[i]) <= Tolerance, $"sample {i} is {found[i]:g9}; wanted {wanted[i]:g17}.");
    }
}
