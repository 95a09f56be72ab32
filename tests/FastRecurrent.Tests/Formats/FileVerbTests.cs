using System.Text.Json;
using FastRecurrent.Formats;
using FastRecurrent.Tests.Formats.Malformed;

namespace FastRecurrent.Tests.Formats;

/// <summary>The verbs of the command line that work on files.</summary>
public sealed class FileVerbTests : IDisposable
{
    private const float Pcm16Step = 1f / 32768;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Infer_gives_what_the_engine_gives()
    {
        ModelDefinition network = new ModelBuilder(3).Bidirectional(new LstmCell(4)).Dense(2).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 3));
        ModelFile.Save(_folder["m"], model);
        float[] x = new Draw(1).Floats(5 * 2 * 3, -1, 1), y = new float[5 * 2 * 2];
        SafeTensors.Write(_folder["x"], [KeyValuePair.Create("x", new Tensor([5, 2, 3], x))]);
        Succeeds("infer", _folder["m"], "--input", _folder["x"], "--output", _folder["y"]);
        using SequenceRunner runner = model.CreateRunner(5, 2);
        runner.Forward(x, 5, 2, y);
        using SafeTensors output = SafeTensors.Open(_folder["y"]);
        Assert.Equal((int[])[5, 2, 2], output.Shape("y").ToArray());
        Bits.Equal(y, output.Read("y").Values, "y");

        Refuses("[5, 2, 3]", "infer", Vector(), "--input", _folder["x"], "--output", _folder["z"]);
        SafeTensors.Write(_folder["x"], [KeyValuePair.Create("input", new Tensor([5, 2, 3], x))]);
        Refuses("wanted 'x'", "infer", _folder["m"], "--input", _folder["x"], "--output", _folder["z"]);
        Assert.False(File.Exists(_folder["z"]));
    }

    [Fact]
    public void Infer_starts_an_audio_model_from_its_state_in_every_row_and_adds_the_skip()
    {
        string model = Nam(out LoadedModel loaded);
        ModelFile.Save(_folder["skip"], loaded.Model, new ModelSaveOptions { Audio = loaded.Audio with { AddsInput = true, InputGain = 0.5f, OutputGain = 2 } });
        float[] x = new Draw(1).Floats(9, -1, 1);
        float[] twice = [.. x.SelectMany(value => (float[])[value, value])];
        SafeTensors.Write(_folder["x"], [KeyValuePair.Create("x", new Tensor([9, 2, 1], twice))]);
        foreach (string file in (string[])[model, _folder["skip"]])
        {
            Succeeds("infer", file, "--input", _folder["x"], "--output", _folder["y"]);
            LoadedModel wanted = ModelFile.Load(file);
            using AudioSession session = new AudioModel(wanted.Model, wanted.Audio).CreateSession();
            float[] y = new float[9];
            session.Process(x, y);
            using SafeTensors output = SafeTensors.Open(_folder["y"]);
            Bits.Equal(y.SelectMany(value => (float[])[value, value]).ToArray(), output.Read("y").Values, file);
        }
    }

    [Fact]
    public void Convert_and_inspect_know_the_formats()
    {
        string nam = Nam(out LoadedModel loaded);
        Assert.Contains("metadata", Succeeds("convert", nam, _folder["m.safetensors"]).Error, StringComparison.Ordinal);
        LoadedModel converted = ModelFile.Load(_folder["m.safetensors"]);
        Assert.Equal(ModelFileFormat.FastRecurrent, converted.Format);
        Assert.Equal(loaded.Audio.SampleRate, converted.Audio.SampleRate);
        Refuses("initial state", "convert", nam, _folder["w.safetensors"], "--as", "pytorch");
        Refuses(1, "--as", "convert", nam, _folder["w.pt"]);
        Assert.False(File.Exists(_folder["w.safetensors"]));

        ModelDefinition network = new ModelBuilder(2).Gru(3).Dense(1).Build();
        ModelFile.Save(_folder["g"], new RecurrentModel(network, ParameterSet.Uniform(network, seed: 3)));
        Succeeds("convert", _folder["g"], _folder["k.safetensors"], "--as", "keras");
        ParameterSet keras = KerasWeights.Load(_folder["k.safetensors"], network);
        Bits.Equal(ParameterSet.Uniform(network, seed: 3)["0.bias_hh"], keras["0.bias_hh"], "bias_hh");
        Succeeds("convert", _folder["g"], _folder["t.safetensors"], "--as", "pytorch");
        Succeeds("convert", _folder["t.safetensors"], _folder["back.safetensors"]);

        using JsonDocument report = JsonDocument.Parse(Succeeds("inspect", _folder["m.safetensors"], "--json").Output);
        Assert.Equal(48_000, report.RootElement.GetProperty("sample_rate").GetInt32());
        Assert.True(report.RootElement.GetProperty("has_initial_state").GetBoolean());
        Assert.Equal("Lstm(3)", report.RootElement.GetProperty("layers")[0].GetProperty("layer").GetString());
        using JsonDocument second = JsonDocument.Parse(Succeeds("inspect", nam, "--json").Output);
        Assert.Equal("version", second.RootElement.GetProperty("not_understood")[0].GetString());
        string text = Succeeds("inspect", _folder["g"]).Output;
        Assert.Contains("Gru(3) reset after", text, StringComparison.Ordinal);
        Assert.Contains("0.weight_ih [9, 2]", text, StringComparison.Ordinal);
        Assert.Contains("0/kernel F32 [2, 9]", Succeeds("inspect", _folder["k.safetensors"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Process_runs_every_channel_and_keeps_the_form()
    {
        string model = Nam(out LoadedModel loaded);
        float[] samples = new Draw(2).Floats(5000 * 2, -0.9f, 0.9f);
        string input = _folder.Write("in.wav", WavCases.Wav(WavSample.Pcm16, samples, channels: 2));
        Assert.Contains("times real time", Succeeds("process", model, input, _folder["out.wav"]).Output, StringComparison.Ordinal);
        (WavFormat format, float[] quantized) = Wav(input);
        (WavFormat found, float[] output) = Wav(_folder["out.wav"]);
        Assert.Equal(format, found);
        for (int channel = 0; channel < 2; channel++)
        {
            float[] x = [.. quantized.Where((_, i) => i % 2 == channel)], y = new float[x.Length];
            using AudioSession session = new AudioModel(loaded.Model, loaded.Audio).CreateSession();
            session.Process(x, y);
            for (int i = 0; i < y.Length; i++)
                Assert.True(Math.Abs(Math.Clamp(y[i], -1, 1) - output[(2 * i) + channel]) <= Pcm16Step, $"channel {channel}, sample {i}");
        }

        Succeeds("process", model, input, _folder["float.wav"], "--format", "float");
        Assert.Equal(WavSample.Float32, Wav(_folder["float.wav"]).Format.Sample);
        string slow = _folder.Write("slow.wav", [.. File.ReadAllBytes(input)[..24], 0x44, 0xAC, .. File.ReadAllBytes(input)[26..]]);
        Refuses("44100, the model's 48000", "process", model, slow, _folder["no.wav"]);
        Refuses("in.wav", "process", input, input, _folder["no.wav"]);
        Refuses(1, "1 values; the model has 0 controls", "process", model, input, _folder["no.wav"], "--control", "0.5");
        File.WriteAllBytes(_folder["cut.wav"], File.ReadAllBytes(input)[..2000]);
        Refuses("cut off", "process", model, _folder["cut.wav"], _folder["no.wav"]);
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), file => file.Contains("no.wav", StringComparison.Ordinal));
        Succeeds("process", model, slow, _folder["any.wav"], "--any-rate");
    }

    [Theory]
    [InlineData(nameof(WavSample.Pcm16), 1)]
    [InlineData(nameof(WavSample.Pcm24), 2)]
    [InlineData(nameof(WavSample.Float32), 2)]
    public void Process_says_where_a_model_has_no_sample_rate(string sample, int channels)
    {
        string text = AudioFiles.GuitarMlGru.Draw(1, 3, 1, new Draw(9)).ToJson().ToJsonString();
        string model = _folder.Write("guitar.json", MalformedFile.Text(text));
        string input = _folder.Write("in.wav", WavCases.Wav(Enum.Parse<WavSample>(sample), new Draw(2).Floats(100 * channels, -0.9f, 0.9f), channels));
        CliProcess run = Succeeds("process", model, input, _folder["out.wav"]);
        Assert.Contains("guitar.json does not say its sample rate", run.Error, StringComparison.Ordinal);
        Assert.Contains("48000 Hz", run.Error, StringComparison.Ordinal);
        Assert.Equal(Wav(input).Format, Wav(_folder["out.wav"]).Format);
        Assert.Empty(Succeeds("process", Nam(out _), input, _folder["nam.wav"]).Error);
    }

    [Fact]
    public void What_cannot_be_read_or_written_is_said_before_any_work()
    {
        string model = Nam(out _), sound = _folder.Write("in.wav", WavCases.Wav(WavSample.Pcm16, new float[64], channels: 1)), nowhere = _folder["no/folder/out"];
        Refuses(1, "there is no folder", "process", model, sound, nowhere);
        Refuses(1, "there is no folder", "convert", model, nowhere + ".onnx");
        Refuses(1, "there is no folder", "infer", model, "--input", sound, "--output", nowhere);
        Refuses(1, "which is a folder", "process", model, sound, _folder.Path);
        Refuses(1, "which is a folder", "convert", model, _folder.Path);
        Refuses(1, "which is a folder", "infer", model, "--input", sound, "--output", _folder.Path);
        Refuses("x.safetensors: there is no such file; wanted safetensors", "infer", model, "--input", _folder["x.safetensors"], "--output", _folder["y"]);
        Refuses("but a folder of that name; wanted safetensors", "infer", model, "--input", _folder.Path, "--output", _folder["y"]);
        Refuses("but a folder of that name; wanted a WAV file", "process", model, _folder.Path, _folder["out.wav"]);
        Refuses("nothing.wav: there is no such file; wanted a WAV file", "process", model, _folder["nothing.wav"], _folder["out.wav"]);
        Refuses("a WAV file, which holds sound and no model", "process", sound, sound, _folder["out.wav"]);
        Refuses("a WAV file, which holds sound and no model", "latency", sound);
        Refuses(1, "--as: found 'tflite'; wanted", "convert", model, _folder["out.onnx"], "--as", "tflite");
        Assert.Contains("1 channel,", Succeeds("process", model, sound, _folder["out.wav"]).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_object_on_stdout()
    {
        string model = Nam(out _), sound = _folder.Write("in.wav", WavCases.Wav(WavSample.Pcm24, new float[96], channels: 2));
        SafeTensors.Write(_folder["x"], [KeyValuePair.Create("x", new Tensor([5, 2, 1], new float[10]))]);
        using JsonDocument converted = JsonDocument.Parse(Succeeds("convert", model, _folder["m.safetensors"], "--json").Output);
        Assert.Equal($$"""{"input":"{{model}}","output":"{{_folder["m.safetensors"]}}","format":"fastrecurrent","parameter_count":76,"left_out":["version","metadata"]}""", converted.RootElement.GetRawText());
        using JsonDocument inferred = JsonDocument.Parse(Succeeds("infer", model, "--input", _folder["x"], "--output", _folder["y"], "--json").Output);
        Assert.Equal($$"""{"output":"{{_folder["y"]}}","format":"Neural Amp Modeler (JSON)","tensors":[{"name":"y","shape":[5,2,1]}]}""", inferred.RootElement.GetRawText());
        using JsonDocument processed = JsonDocument.Parse(Succeeds("process", model, sound, _folder["out.wav"], "--json").Output);
        JsonElement root = processed.RootElement;
        Assert.Equal(
            (string[])["output", "seconds", "channels", "sample_rate", "frames", "time_ns", "real_time_factor", "sample_ns"],
            root.EnumerateObject().Select(member => member.Name));
        Assert.Equal((0.001, 2, 48_000, 48), (root.GetProperty("seconds").GetDouble(), root.GetProperty("channels").GetInt32(),
            root.GetProperty("sample_rate").GetInt32(), root.GetProperty("frames").GetInt32()));
        Assert.Equal(root.GetProperty("time_ns").GetDouble() / 96, root.GetProperty("sample_ns").GetDouble(), precision: 3);
    }

    /// <summary>Files are written beside, under this name, first; whatever goes into /dev/full finds no space.</summary>
    [Theory]
    [InlineData("convert")]
    [InlineData("infer")]
    [InlineData("process")]
    public void A_full_disk_leaves_what_was_there(string verb)
    {
        if (!File.Exists("/dev/full"))
            return;
        string model = Nam(out _), sound = _folder.Write("in.wav", WavCases.Wav(WavSample.Pcm16, new float[40_000])), path = _folder["out.safetensors"];
        SafeTensors.Write(_folder["x"], [KeyValuePair.Create("x", new Tensor([30_000, 1, 1], new float[30_000]))]);
        File.WriteAllText(path, "old");
        File.CreateSymbolicLink($"{path}.tmp", "/dev/full");
        Refuses("No space left", verb switch
        {
            "convert" => ["convert", model, path],
            "infer" => ["infer", model, "--input", _folder["x"], "--output", path],
            _ => ["process", model, sound, path],
        });
        Assert.Equal("old", File.ReadAllText(path));
        Assert.False(File.Exists($"{path}.tmp"));
    }

    [Fact]
    public void Latency_reports_percentiles_and_no_allocation()
    {
        string[] keys = ["rate", "buffer", "buffers", "deadline_ns", "p50_ns", "p99_ns", "p99_9_ns", "max_ns", "deadline_misses", "misses_preempted", "misses_waiting",
            "misses_faulting", "misses_collecting", "idle_stalls", "stolen_ns", "allocated_bytes", "collections"];
        using JsonDocument report = JsonDocument.Parse(Succeeds("latency", Nam(out _), "--rate", "48000", "--buffer", "64", "--seconds", "0.1", "--json").Output);
        JsonElement root = report.RootElement;
        Assert.Equal(keys, root.EnumerateObject().Select(member => member.Name));
        Assert.Equal(0, root.GetProperty("allocated_bytes").GetInt64());
        Assert.InRange(root.GetProperty("p50_ns").GetDouble(), 1, root.GetProperty("p99_9_ns").GetDouble());
        Refuses("one output", "latency", Vector());
    }

    [Theory]
    [InlineData("inspect")]
    [InlineData("latency")]
    public void A_file_that_is_not_there_or_no_model_is_one_sentence_and_exit_code_2(string verb)
    {
        Refuses("nothing-here", verb, _folder["nothing-here"]);
        Refuses("no safetensors file", verb, _folder.Write("text", MalformedFile.Text("this is no model, but a text")));
    }

    [Fact]
    public void Missing_arguments_are_named()
    {
        CliProcess run = CliProcess.Run("infer", "m");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--input", run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static CliProcess Succeeds(params string[] arguments)
    {
        CliProcess run = CliProcess.Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    private static void Refuses(string word, params string[] arguments) => Refuses(exitCode: 2, word, arguments);

    private static void Refuses(int exitCode, string word, params string[] arguments)
    {
        CliProcess run = CliProcess.Run(arguments);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(word, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }

    private string Nam(out LoadedModel loaded)
    {
        string path = _folder.Write("amp.nam", MalformedFile.Text(AudioFiles.Nam.Draw(1, 3, 1, new Draw(9)).ToJson().ToJsonString()));
        loaded = ModelFile.Load(path);
        return path;
    }

    private string Vector()
    {
        ModelDefinition network = ModelBuilder.FromVector(2).Dense(2).Build();
        ModelFile.Save(_folder["v"], new RecurrentModel(network, ParameterSet.Uniform(network, seed: 1)));
        return _folder["v"];
    }

    private static (WavFormat Format, float[] Samples) Wav(string path)
    {
        using FileStream stream = File.OpenRead(path);
        WavReader reader = new(path, stream);
        float[] samples = new float[reader.Frames * reader.Format.Channels];
        reader.Read(samples);
        return (reader.Format, samples);
    }
}
