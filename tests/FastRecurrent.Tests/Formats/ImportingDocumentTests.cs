using System.Diagnostics;
using System.Text.Json;
using FastRecurrent.Formats;
using FastRecurrent.Tests.Formats.Malformed;

namespace FastRecurrent.Tests.Formats;

/// <summary>docs/importing.md and docs/importing-onnx.md are what happens: their C# and their commands run here, and the lines that export where PyTorch is there.</summary>
public sealed class ImportingDocumentTests : IDisposable
{
    private const string Document = "docs/importing.md", Onnx = "docs/importing-onnx.md", Test = "Formats/ImportingDocumentTests.cs";
    private const float Tolerance = 2e-6f;

    private static readonly ThreadLocal<string> Folder = new();

    private readonly TemporaryFolder _folder = new();

    public ImportingDocumentTests() => Folder.Value = _folder.Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_code_is_that_of_these_tests()
    {
        DocumentExamples.AreRegions(Document, Test, "Importing");
        DocumentExamples.AreRegions(Onnx, Test, "ONNX");
    }

    [Fact]
    public void Any_model_file()
    {
        ModelDefinition network = new ModelBuilder(2).Lstm(3).Dense(1).Build();
        FastRecurrent.ModelFile.Save(_folder["model.safetensors"], new RecurrentModel(network, ParameterSet.Uniform(network, 1)));

        #region Importing
        LoadedModel loaded = ModelFile.Load("model.safetensors");   // or amp.nam, rtneural.json, guitarml.json
        using StreamingSession session = loaded.Model.CreateSession();
        #endregion

        Assert.Equal(ModelFileFormat.FastRecurrent, loaded.Format);
    }

    [TorchFact]
    public void What_the_lines_for_PyTorch_write_gives_its_numbers()
    {
        Export();

        #region Importing
        ModelDefinition network = new ModelBuilder(inputSize: 1).Lstm(64).Lstm(64).LastStep().Dense(1).Build();
        RecurrentModel model = new(network, PyTorchWeights.Load("model.safetensors", network));
        #endregion

        Agrees(model);
    }

    [TorchFact]
    public void What_the_lines_for_Keras_write_gives_its_numbers()
    {
        Export();

        #region Importing
        ModelDefinition network = new ModelBuilder(inputSize: 1).Gru(32).LastStep().Dense(1).Build();
        RecurrentModel model = new(network, KerasWeights.Load("model.safetensors", network));
        #endregion

        Agrees(model);
    }

    [TorchFact]
    public void What_the_lines_for_ONNX_write_gives_its_numbers()
    {
        Export();

        #region Importing
        OnnxStack stack = OnnxModel.Load("model.onnx").ToStack();
        RecurrentModel model = new(stack.Definition, stack.Parameters);
        #endregion

        Agrees(model);
        OnnxModel graph = OnnxModel.Load("model.onnx");
        using OnnxRunner runner = graph.CreateRunner(new Dictionary<string, int[]> { ["x"] = [9, 2, 1] });
        Numbers("x").CopyTo(runner.Input("x").Floats);
        runner.Run();
        Agrees(runner.Output("y").Floats);
    }

    [Fact]
    public void An_audio_model()
    {
        _folder.Write("model.json", MalformedFile.Text(
            """{"in_shape": [null, null, 1], "in_skip": 1, "layers": [{"type": "dense", "activation": "", "shape": [null, null, 1], "weights": [[[2]], [1]]}]}"""));
        float[] input = [0.5f, -0.25f], output = new float[2];

        #region Importing
        LoadedModel loaded = ModelFile.Load("model.json");
        using AudioSession amp = new AudioModel(loaded.Model, loaded.Audio).CreateSession();
        amp.Process(input, output);
        #endregion

        Assert.Equal([2.5f, 0.25f], output);
    }

    [Fact]
    public void A_graph_and_a_stack()
    {
        ModelDefinition layers = new ModelBuilder(3).Gru(4).Dense(2).Build();
        OnnxExport.Save(_folder["model.onnx"], layers, ParameterSet.Uniform(layers, 1));
        float[] input = new Draw(1).Floats(50 * 8 * 3, -1, 1), step = new float[2];

        #region ONNX
        OnnxModel model = OnnxModel.Load("model.onnx");

        // Any graph: runs with shapes that are fixed when the runner is made; a run allocates nothing.
        using OnnxRunner runner = model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [50, 8, 3] });
        input.CopyTo(runner.Input("x").Floats);
        runner.Run();
        Span<float> y = runner.Output("y").Floats;

        // A chain of layers: becomes a model of the engine, which batches, streams and shares its weights.
        OnnxStack stack = model.ToStack();
        RecurrentModel network = new(stack.Definition, stack.Parameters);
        using StreamingSession session = network.CreateSession();
        #endregion

        session.Step(input.AsSpan(0, 3), step);
        Assert.Equal(y[0], step[0], Tolerance);
        Assert.Equal(y[1], step[1], Tolerance);
    }

    [Fact]
    public void Every_command_runs()
    {
        _folder.Write("amp.nam", MalformedFile.Text(AudioFiles.Nam.Draw(1, 3, 1, new Draw(9)).ToJson().ToJsonString()));
        _folder.Write("guitar.wav", WavCases.Wav(WavSample.Pcm16, new Draw(2).Floats(2_000, -0.9f, 0.9f)));
        ModelDefinition network = new ModelBuilder(2).Lstm(3).Dense(1).Build();
        FastRecurrent.ModelFile.Save(_folder["model.safetensors"], new RecurrentModel(network, ParameterSet.Uniform(network, 1)));
        SafeTensors.Write(_folder["x.safetensors"], [KeyValuePair.Create("x", new Tensor([5, 2, 2], new float[20]))]);

        string[] commands = DocumentExamples.Commands(Document);
        string[] verbs = ["inspect", "convert", "infer", "process", "latency", "gradcheck"];
        Assert.All(verbs, verb => Assert.Contains(commands, command => command.StartsWith($"-- {verb} ", StringComparison.Ordinal)));
        foreach (string command in commands)
        {
            string[] arguments = command.Replace("--seconds 10", "--seconds 0.1", StringComparison.Ordinal).Split(' ')[1..]; // behind the "--"
            CliProcess run = CliProcess.RunIn(_folder.Path, arguments);
            Assert.True(run.ExitCode == 0, $"{command}: exit code {run.ExitCode}: {run.Error}");
        }

        Assert.All((string[])["amp.safetensors", "model.onnx", "y.safetensors", "out.wav"], file => Assert.True(File.Exists(_folder[file]), file));
    }

    [Fact]
    public void Every_format_that_can_be_written_is_named()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, Document));
        Assert.All(FastRecurrent.Cli.Models.ModelFiles.SaverNames, name => Assert.Contains($"`{name}`", text, StringComparison.Ordinal));
    }

    /// <summary>Runs the document's Python; this test's section becomes its folder.</summary>
    private void Export([System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        string script = Path.Combine(Repository.Root, "tests", "generators", "importing_document.py");
        using Process python = Process.Start(new ProcessStartInfo(TorchFactAttribute.Python, [script, _folder.Path]) { RedirectStandardError = true })!;
        string error = python.StandardError.ReadToEnd();
        python.WaitForExit();
        Assert.True(python.ExitCode == 0, error);
        Folder.Value = _folder[new[] { "PyTorch", "Keras", "ONNX" }.Single(section => test.Contains(section, StringComparison.Ordinal)).ToLowerInvariant()];
    }

    private static float[] Numbers(string name) => JsonSerializer.Deserialize<float[]>(File.ReadAllText(Path.Combine(Folder.Value!, $"{name}.json")))!;

    private static void Agrees(RecurrentModel model)
    {
        float[] y = new float[Numbers("y").Length];
        using SequenceRunner runner = model.CreateRunner(9, 2);
        runner.Forward(Numbers("x"), time: 9, batch: 2, y);
        Agrees(y);
    }

    private static void Agrees(ReadOnlySpan<float> found)
    {
        float[] wanted = Numbers("y");
        Assert.Equal(wanted.Length, found.Length);
        for (int i = 0; i < wanted.Length; i++)
            Assert.Equal(wanted[i], found[i], Tolerance);
    }

    // The document names files as they lie in the current folder, which all tests share: these read them in this test's.
    private static class ModelFile
    {
        public static LoadedModel Load(string file) => FastRecurrent.ModelFile.Load(Path.Combine(Folder.Value!, file));
    }

    private sealed class OnnxModel(FastRecurrent.OnnxModel model)
    {
        public static OnnxModel Load(string file) => new(FastRecurrent.OnnxModel.Load(Path.Combine(Folder.Value!, file)));

        public OnnxRunner CreateRunner(Dictionary<string, int[]> shapes) => model.CreateRunner(shapes);

        public OnnxStack ToStack() => model.ToStack();
    }

    private static class PyTorchWeights
    {
        public static ParameterSet Load(string file, ModelDefinition network) => FastRecurrent.PyTorchWeights.Load(Path.Combine(Folder.Value!, file), network);
    }

    private static class KerasWeights
    {
        public static ParameterSet Load(string file, ModelDefinition network) => FastRecurrent.KerasWeights.Load(Path.Combine(Folder.Value!, file), network);
    }
}
