using System.Text.Json;
using FastRecurrent.Tests.Formats;
using FastRecurrent.Tests.Formats.Malformed;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Onnx;

/// <summary>The verbs of the command line on ONNX files: the graph's own names, and the engine's layers where it is a chain.</summary>
public sealed class OnnxVerbTests : IDisposable
{
    private static readonly Tolerance Close = new(1e-5f, 1e-5f, "PyTorch's own float32 results, through several layers");

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Chains => ["lstm", "gru_dense", "lstm_batch_first_last", "encoder_decoder"];

    [Theory]
    [InlineData("lstm")]
    [InlineData("lstm_stateful")]
    [InlineData("tokens")]
    [InlineData("gru_packed")]
    public void Infer_gives_pytorchs_outputs_under_the_graphs_names(string name)
    {
        OnnxRecording recording = OnnxRecording.Read(name);
        Write("x.safetensors", recording.Inputs);
        Succeeds("infer", Model(name), "--input", _folder["x.safetensors"], "--output", _folder["y.safetensors"]);
        using SafeTensors file = SafeTensors.Open(_folder["y.safetensors"]);
        Assert.Equal(recording.Outputs.Keys.Order(), file.Names.Order());
        foreach ((string output, GoldenTensor expected) in recording.Outputs)
        {
            Assert.Equal(expected.Shape, file.Shape(output));
            Assert.Null(Close.Violation(file.Read(output).Values, expected.Data));
        }
    }

    [Fact]
    public void Infer_wants_every_input_of_the_graph_and_no_other()
    {
        Dictionary<string, GoldenTensor> inputs = OnnxRecording.Read("lstm_stateful").Inputs;
        Write("x.safetensors", inputs.Take(2));
        Refuses("wanted x: Float32", "infer", Model("lstm_stateful"), "--input", _folder["x.safetensors"], "--output", _folder["y.safetensors"]);
        Write("x.safetensors", OnnxRecording.Read("lstm").Inputs);
        Refuses("h0: Float32", "infer", Model("lstm_stateful"), "--input", _folder["x.safetensors"], "--output", _folder["y.safetensors"]);
        Write("x.safetensors", inputs);
        Refuses("h0", "infer", Model("lstm"), "--input", _folder["x.safetensors"], "--output", _folder["y.safetensors"]);
        Write("x.safetensors", [KeyValuePair.Create("x", new GoldenTensor([1, 2], [0.5f, 1]))]);
        Refuses("whole numbers", "infer", Model("tokens"), "--input", _folder["x.safetensors"], "--output", _folder["y.safetensors"]);
        Assert.False(File.Exists(_folder["y.safetensors"]));
    }

    [Fact]
    public void Integers_come_from_integer_tensors()
    {
        OnnxRecording recording = OnnxRecording.Read("tokens");
        (string input, GoldenTensor tokens) = recording.Inputs.Single();
        long[] values = Array.ConvertAll(tokens.Data, value => (long)value);
        string header = $$"""{"{{input}}":{"dtype":"I64","shape":[{{string.Join(',', tokens.Shape)}}],"data_offsets":[0,{{8 * values.Length}}] } }""";
        _folder.Write("x.safetensors", [.. MalformedFile.SafeTensors(header), .. values.SelectMany(BitConverter.GetBytes)]);
        Succeeds("infer", Model("tokens"), "--input", _folder["x.safetensors"], "--output", _folder["y.safetensors"]);
        using SafeTensors file = SafeTensors.Open(_folder["y.safetensors"]);
        Assert.All(recording.Outputs, output => Assert.Null(Close.Violation(file.Read(output.Key).Values, output.Value.Data)));
    }

    [Theory]
    [MemberData(nameof(Chains))]
    public void A_chain_converts_to_the_own_format_and_back_bit_for_bit(string name)
    {
        OnnxStack stack = OnnxModel.Load(Model(name)).ToStack();
        Succeeds("convert", Model(name), _folder["m.safetensors"]);
        Same(stack.Parameters, ModelFile.Load(_folder["m.safetensors"]).Model.ExportParameters());
        foreach ((string[] format, int opset) in ((string[], int)[])[([], 22), (["--as", "onnx-14"], 14)])
        {
            Succeeds(["convert", _folder["m.safetensors"], _folder["back.onnx"], .. format]);
            OnnxModel back = OnnxModel.Load(_folder["back.onnx"]);
            Assert.Equal(opset, back.Opset);
            Same(stack.Parameters, back.ToStack().Parameters);
        }
    }

    [Fact]
    public void Foreign_models_become_graphs_and_what_a_graph_has_no_place_for_is_refused()
    {
        AudioFiles.Nam nam = AudioFiles.Nam.Draw(1, 3, 1, new Draw(9));
        string path = _folder.Write("amp.nam", MalformedFile.Text(nam.ToJson().ToJsonString()));
        Refuses("initial state", "convert", path, _folder["amp.onnx"]);
        string guitar = _folder.Write("guitar.json", MalformedFile.Text(AudioFiles.GuitarMlGru.Draw(1, 4, 0, new Draw(2)).ToJson().ToJsonString()));
        Succeeds("convert", guitar, _folder["guitar.onnx"]);
        Same(ModelFile.Load(guitar).Model.ExportParameters(), OnnxModel.Load(_folder["guitar.onnx"]).ToStack().Parameters);

        ModelDefinition network = new ModelBuilder(2).Recurrent(new LstmCell(3) { CellClip = 1 }).Build();
        ModelFile.Save(_folder["clip"], new RecurrentModel(network, ParameterSet.Uniform(network, seed: 1)));
        Succeeds("convert", _folder["clip"], _folder["clip.onnx"]);
        Succeeds("convert", _folder["clip.onnx"], _folder["clip.safetensors"]);
        Assert.Equal(network.Layers.AsEnumerable(), ModelFile.Load(_folder["clip.safetensors"]).Model.Definition.Layers);
        Assert.False(File.Exists(_folder["amp.onnx"]));
    }

    [Fact]
    public void Metadata_go_to_ONNX_and_back_and_what_has_no_place_is_named()
    {
        ModelDefinition network = new ModelBuilder(2).Recurrent(new LstmCell(3) { ProjectionSize = 2 }).Dense(1).Build();
        RecurrentModel model = new(network, ParameterSet.Uniform(network, seed: 1));
        Dictionary<string, string> metadata = new() { ["forecast.window"] = "12", ["forecast.scaler"] = "{\"mean\":[1.5]}" };
        ModelFile.Save(_folder["full.safetensors"], model, new ModelSaveOptions
        {
            Metadata = metadata,
            Tensors = new Dictionary<string, Tensor> { ["scale"] = new([1], [2]) },
            Audio = new AudioSettings { SampleRate = 48_000 },
        });
        CliProcess there = Succeeds("convert", _folder["full.safetensors"], _folder["full.onnx"]);
        Assert.Contains("tensor 'scale'", there.Error, StringComparison.Ordinal);
        Assert.Contains("48000 Hz", there.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("forecast", there.Error, StringComparison.Ordinal);
        Succeeds("convert", _folder["full.onnx"], _folder["back.safetensors"]);
        LoadedModel back = ModelFile.Load(_folder["back.safetensors"]);
        Assert.Equal(metadata, back.Metadata);
        Same(model.ExportParameters(), back.Model.ExportParameters());
        Assert.Contains("metadata 'forecast.window'", CliProcess.Run("convert", _folder["full.safetensors"], _folder["w.safetensors"], "--as", "pytorch").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Convert_names_what_is_left_behind_and_refuses_a_graph_that_is_no_chain()
    {
        Assert.Contains("[N, T, F] of 'x'", Succeeds("convert", Model("lstm_batch_first_last"), _folder["m.safetensors"]).Error, StringComparison.Ordinal);
        Refuses("depend on the model's inputs", "convert", Model("attention"), _folder["no.safetensors"]);
        Assert.False(File.Exists(_folder["no.safetensors"]));
    }

    [Fact]
    public void Inspect_tells_graph_and_layers_or_why_there_are_none()
    {
        using JsonDocument chain = JsonDocument.Parse(Succeeds("inspect", Model("gru_dense"), "--json").Output);
        JsonElement root = chain.RootElement, graph = root.GetProperty("graph");
        Assert.Equal("ONNX", root.GetProperty("format").GetString());
        Assert.Contains("pytorch", graph.GetProperty("producer").GetString(), StringComparison.Ordinal);
        Assert.Equal(OnnxModel.Load(Model("gru_dense")).Opset, graph.GetProperty("opset").GetInt32());
        Assert.Contains(graph.GetProperty("nodes").EnumerateArray(), node => node.GetProperty("operator").GetString() == "GRU");
        Assert.StartsWith("x: Float32 [", graph.GetProperty("inputs")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("Gru(8) reset after", root.GetProperty("layers")[0].GetProperty("layer").GetString());
        Assert.True(root.GetProperty("can_stream").GetBoolean());

        string text = Succeeds("inspect", Model("attention")).Output;
        Assert.Contains("no stack of layers", text, StringComparison.Ordinal);
        Assert.Contains("MatMul", text, StringComparison.Ordinal);
        using JsonDocument open = JsonDocument.Parse(Succeeds("inspect", Model("attention"), "--json").Output);
        Assert.Equal(0, open.RootElement.GetProperty("layers").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, open.RootElement.GetProperty("model_bytes").ValueKind);
    }

    [Fact]
    public void Latency_runs_a_chain_and_says_why_a_graph_has_none()
    {
        ModelDefinition network = new ModelBuilder(1).Lstm(8).Dense(1).Build();
        OnnxExport.Save(_folder["amp.onnx"], network, ParameterSet.Uniform(network, seed: 1));
        using JsonDocument report = JsonDocument.Parse(Succeeds("latency", _folder["amp.onnx"], "--seconds", "0.05", "--json").Output);
        Assert.Equal(0, report.RootElement.GetProperty("allocated_bytes").GetInt64());
        Refuses("no stack of layers", "latency", Model("attention"));
    }

    [Fact]
    public void What_is_ONNX_shows_from_its_first_bytes_and_damage_names_the_file()
    {
        byte[] bytes = File.ReadAllBytes(Model("lstm"));
        Assert.Contains("ONNX", Succeeds("inspect", _folder.Write("model", bytes)).Output, StringComparison.Ordinal);
        Refuses("cut.onnx", "inspect", _folder.Write("cut.onnx", bytes[..(bytes.Length / 2)]));
        Refuses("text.onnx", "inspect", _folder.Write("text.onnx", MalformedFile.Text("this is no model, but a text")));
        Refuses("nothing.onnx: there is no such file", "inspect", _folder["nothing.onnx"]);
    }

    public void Dispose() => _folder.Dispose();

    private static string Model(string name) => OnnxFiles.Path(name, "onnx");

    private void Write(string file, IEnumerable<KeyValuePair<string, GoldenTensor>> tensors) =>
        SafeTensors.Write(_folder[file], tensors.Select(tensor => KeyValuePair.Create(tensor.Key, new Tensor(tensor.Value.Shape, tensor.Value.Data))));

    private static void Same(ParameterSet expected, ParameterSet found)
    {
        Assert.Equal(expected.Definition.Layers.AsEnumerable(), found.Definition.Layers);
        Assert.All(expected.Names, name => Bits.Equal(expected[name], found[name], name));
    }

    private static CliProcess Succeeds(params string[] arguments)
    {
        CliProcess run = CliProcess.Run(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    private static void Refuses(string word, params string[] arguments)
    {
        CliProcess run = CliProcess.Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(word, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
