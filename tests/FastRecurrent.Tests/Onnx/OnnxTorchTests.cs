using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Onnx;

/// <summary>Models that PyTorch exported (tests/generators/export_onnx.py) give PyTorch's values, as graphs and, where they are chains, as stacks.</summary>
public class OnnxTorchTests
{
    private static readonly Tolerance Close = new(1e-5f, 1e-5f, "PyTorch's own float32 results, through several layers");

    /// <summary>How the generator's sweep begins the names of what is no chain.</summary>
    private const string NoChain = "graph_";

    /// <summary>Graphs that are no chain from one input, and a word of why.</summary>
    private static readonly Dictionary<string, string> NoStacks = new()
    {
        ["lstm_stateful"] = "values that depend on the model's inputs",
        ["gru_packed"] = "does not broadcast",
        ["tokens"] = "takes floats",
        ["norms"] = "values that depend on the model's inputs",
        ["attention"] = "values that depend on the model's inputs",
        ["activations"] = "values that depend on the model's inputs",
    };

    public static TheoryData<string> Models => [.. OnnxFiles.Exported];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_that_pytorch_exported_gives_pytorchs_outputs(string name)
    {
        OnnxRecording recording = OnnxRecording.Read(name);
        OnnxModel model = OnnxModel.Load(OnnxFiles.Path(name, "onnx"));
        IReadOnlyDictionary<string, OnnxTensor> outputs = model.Run(model.Inputs.ToDictionary(input => input.Name, input => Tensor(input, recording.Inputs[input.Name])));
        foreach ((string output, GoldenTensor expected) in recording.Outputs)
        {
            Assert.Equal(expected.Shape, outputs[output].Shape.ToArray());
            string? wrong = Close.Violation(outputs[output].Floats, expected.Data);
            Assert.True(wrong is null, $"{name}, {output}: {wrong}");
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_chain_is_a_stack_of_layers_with_the_same_outputs_and_another_graph_is_refused_by_node(string name)
    {
        OnnxRecording recording = OnnxRecording.Read(name);
        OnnxModel model = OnnxModel.Load(OnnxFiles.Path(name, "onnx"));
        string shortName = name.Split(' ')[^1];
        if (NoStacks.TryGetValue(shortName, out string? why) || shortName.StartsWith(NoChain, StringComparison.Ordinal))
        {
            ModelFormatException error = Assert.Throws<ModelFormatException>(() => model.ToStack());
            Assert.Contains(why ?? "", error.Message, StringComparison.Ordinal);
            return;
        }

        OnnxStack stack = model.ToStack();
        (GoldenTensor x, GoldenTensor expected) = (recording.Inputs[stack.Input], recording.Outputs[stack.Output]);
        bool isBatchMajor = stack.InputLayout == SequenceLayout.BatchMajor;
        (int time, int batch) = isBatchMajor ? (x.Shape[1], x.Shape[0]) : (x.Shape[0], x.Shape[1]);
        RecurrentModel packed = new(stack.Definition, stack.Parameters);
        using SequenceRunner runner = packed.CreateRunner(time, batch);
        float[] y = new float[expected.Data.Length];
        runner.Forward(x.Data, time, batch, y, new() { Layout = stack.InputLayout });
        string? wrong = Close.Violation(y, expected.Data);
        Assert.True(wrong is null, $"{name}: {wrong}");
    }

    [Fact]
    public void A_stack_of_an_exported_model_streams()
    {
        OnnxRecording recording = OnnxRecording.Read("gru_dense");
        OnnxStack stack = OnnxModel.Load(OnnxFiles.Path("gru_dense", "onnx")).ToStack();
        (GoldenTensor x, GoldenTensor expected) = (recording.Inputs["x"], recording.Outputs["y"]);
        (int time, int batch, int inputs, int outputs) = (x.Shape[0], x.Shape[1], x.Shape[2], expected.Shape[2]);
        RecurrentModel model = new(stack.Definition, stack.Parameters);
        float[] y = new float[expected.Data.Length];
        for (int row = 0; row < batch; row++)
        {
            using StreamingSession session = model.CreateSession();
            for (int t = 0; t < time; t++)
            {
                int step = (t * batch) + row;
                session.Step(x.Data.AsSpan(step * inputs, inputs), y.AsSpan(step * outputs, outputs));
            }
        }

        string? wrong = Close.Violation(y, expected.Data);
        Assert.True(wrong is null, wrong);
    }

    private static OnnxTensor Tensor(OnnxValue input, GoldenTensor recorded) => input.Type == OnnxElementType.Float32
        ? new OnnxTensor(recorded.Shape, recorded.Data)
        : new OnnxTensor(recorded.Shape, Array.ConvertAll(recorded.Data, value => (long)value), input.Type);
}
