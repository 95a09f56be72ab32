using FastRecurrent.Onnx.Proto;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Onnx;

/// <summary>R2: the recorded operator cases of ONNX and ONNX Runtime, each as a model of one node.</summary>
public class OnnxNodeTests
{
    private const string Folder = "goldens/shared-only/onnx_node";

    private static readonly Dictionary<string, OnnxCase> Cases =
        new[] { OnnxGoldens.Nodes, OnnxGoldens.Lstm, OnnxGoldens.Gru, OnnxGoldens.Rnn }.SelectMany(cases => cases).DistinctBy(one => one.Key).ToDictionary();

    private static readonly int[] Opsets = [7, 14, 22];

    public static TheoryData<string> Recorded => [.. Cases.Keys];

    public static TheoryData<string> Nodes => [.. OnnxGoldens.Nodes.Keys];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_operator_case_gives_its_outputs_with_weights_as_inputs_and_stored(string name)
    {
        OnnxCase recorded = Cases[name];
        Tolerance tolerance = recorded.SuggestedAtol is { } atol ? Tolerance.Suggested(atol) : Tolerance.Golden;
        foreach (int opset in Opsets.Where(opset => recorded.Attributes.Layout == 0 || opset >= 14))
        {
            foreach (bool isStored in new[] { false, true })
            {
                OnnxModel model = Model(recorded, opset, isStored).Load();
                IReadOnlyDictionary<string, OnnxTensor> outputs = model.Run(
                    model.Inputs.ToDictionary(input => input.Name, input => Tensor(input.Name, recorded.Inputs[input.Name]).ToTensor()));
                foreach ((string output, GoldenTensor expected) in recorded.Outputs)
                {
                    Holds(tolerance, outputs[output], expected.Shape, expected.Data, $"{name}, opset {opset}, {output}");
                }
            }
        }
    }

    [SharedTheory(Folder)]
    [MemberData(nameof(Nodes))]
    public void An_original_onnx_node_test_gives_its_outputs_in_every_opset_that_it_comes_in(string name)
    {
        string folder = Path.Combine(Repository.Shared!, Folder, name);
        string[] models = [.. Directory.EnumerateFiles(folder, "model*.onnx")];
        Assert.NotEmpty(models);
        foreach (string path in models)
        {
            OnnxModel model = OnnxModel.Load(path);
            OnnxTensor[] inputs = OnnxFiles.ReadAll(folder, "input_"), expected = OnnxFiles.ReadAll(folder, "output_");
            IReadOnlyDictionary<string, OnnxTensor> outputs = model.Run(model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => pair.Second));
            Assert.Equal(expected.Length, model.Outputs.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Holds(Tolerance.Golden, outputs[model.Outputs[i].Name], [.. expected[i].Shape], expected[i].Floats, $"{path}, output {i}");
            }
        }
    }

    private static void Holds(Tolerance tolerance, OnnxTensor found, int[] shape, ReadOnlySpan<float> expected, string what)
    {
        Assert.Equal(shape, found.Shape.ToArray());
        string? wrong = tolerance.Violation(found.Floats, expected);
        Assert.True(wrong is null, $"{what}: {wrong}");
    }

    private static ModelProto Model(OnnxCase recorded, int opset, bool isStored)
    {
        string[] order = recorded.Op == "LSTM"
            ? ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
            : ["X", "W", "R", "B", "sequence_lens", "initial_h"];
        string[] outputs = recorded.Op == "LSTM" ? ["Y", "Y_h", "Y_c"] : ["Y", "Y_h"];
        ModelProto model = OnnxModels.Model(opset, OnnxModels.Node(
            recorded.Op, [.. order.Select(input => recorded.Inputs.ContainsKey(input) ? input : "")], outputs, [.. Attributes(recorded.Attributes)]));
        foreach ((string name, GoldenTensor tensor) in recorded.Inputs)
        {
            model.With(name, Tensor(name, tensor) with { IsStored = isStored && name != "X" });
        }

        foreach (string name in recorded.Outputs.Keys)
        {
            model.Output(name);
        }

        return model;
    }

    private static IEnumerable<AttributeProto> Attributes(OnnxAttributes attributes)
    {
        yield return OnnxModels.Int("hidden_size", attributes.HiddenSize);
        yield return OnnxModels.Text("direction", attributes.Direction);
        if (attributes.Activations is { } names)
        {
            yield return OnnxModels.Texts("activations", names);
        }

        if (attributes.Clip > 0)
        {
            yield return OnnxModels.Float("clip", attributes.Clip);
        }

        if (attributes.LinearBeforeReset > 0)
        {
            yield return OnnxModels.Int("linear_before_reset", attributes.LinearBeforeReset);
        }

        if (attributes.Layout > 0)
        {
            yield return OnnxModels.Int("layout", attributes.Layout);
        }
    }

    private static TestTensor Tensor(string name, GoldenTensor tensor) =>
        new(tensor.Shape, tensor.Data, name == "sequence_lens" ? TensorDataType.Int32 : TensorDataType.Float);
}
