using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;
using FastRecurrent.Tests.Goldens;
using Xunit.Abstractions;

namespace FastRecurrent.Tests.Onnx;

/// <summary>
/// The node tests of the onnx package, as tests/generators/onnx_nodes.py writes them: a folder of folders with model.onnx and
/// test_data_set_0/*.pb, named by an environment variable. A model is either run with the right outputs or refused by a sentence.
/// </summary>
public class OnnxBackendTests(ITestOutputHelper output)
{
    private const string Variable = "FASTRECURRENT_ONNX_NODES";

    // Of the onnx package 1.12; later ones have more.
    private const int MinRight = 307;

    private static readonly Tolerance Close = new(1e-4f, 1e-5f, "NumPy's float32 results; float16 models are run in float32");

    [BackendFact]
    public void Every_node_test_of_a_known_operator_gives_its_outputs_or_is_refused_by_a_sentence()
    {
        List<string> wrong = [], refused = [];
        int right = 0;
        foreach (string folder in Directory.EnumerateDirectories(Environment.GetEnvironmentVariable(Variable)!).Order(StringComparer.Ordinal))
        {
            try
            {
                OnnxTensor[] outputs = OnnxFiles.ReadAll(folder, "output_");
                (OnnxModel model, Dictionary<string, OnnxTensor> inputs) = Read(folder);
                IReadOnlyDictionary<string, OnnxTensor> found = model.Run(inputs);
                string?[] violations = [.. model.Outputs.Zip(outputs, (declared, expected) => Violation(found[declared.Name], expected))];
                wrong.AddRange(violations.OfType<string>().Select(violation => $"{Path.GetFileName(folder)}: {violation}"));
                right += Array.TrueForAll(violations, violation => violation is null) ? 1 : 0;
            }
            catch (ModelFormatException error)
            {
                if (OperatorTable.Names.Any(name => error.Message.Contains($"({name})", StringComparison.Ordinal)))
                {
                    refused.Add($"{Path.GetFileName(folder)}: {error.Message}");
                }
            }
        }

        output.WriteLine($"{right} right; refused:\n{string.Join('\n', refused)}");
        Assert.True(wrong.Count == 0, $"{right} right; wrong:\n{string.Join('\n', wrong)}");
        Assert.InRange(right, MinRight, int.MaxValue);
    }

    /// <summary>The model with its integer inputs, such as shapes and axes, stored in it.</summary>
    private static (OnnxModel Model, Dictionary<string, OnnxTensor> Inputs) Read(string folder)
    {
        ModelProto proto = ModelReader.Read(File.ReadAllBytes(Path.Combine(folder, "model.onnx")), new OnnxOptions());
        List<ValueInfoProto> declared = [.. proto.Graph!.Inputs];
        bool storesAll = declared.TrueForAll(input => input.Type != TensorDataType.Float);
        bool hasSubgraphs = proto.Graph.Nodes.Any(node => node.Attributes.Any(attribute => attribute.Type is AttributeType.Undefined or AttributeType.Graph));
        Dictionary<string, OnnxTensor> inputs = [];
        foreach ((ValueInfoProto input, OnnxTensor value) in declared.Zip(OnnxFiles.ReadAll(folder, "input_")))
        {
            if (value.IsFloat || storesAll || hasSubgraphs)
            {
                inputs.Add(input.Name, value);
            }
            else
            {
                proto.Graph.Inputs.Remove(input);
                proto.With(input.Name, new TestTensor([.. value.Shape], [.. value.Integers.ToArray().Select(integer => (float)integer)], input.Type));
            }
        }

        return (hasSubgraphs ? OnnxModel.Load(Path.Combine(folder, "model.onnx")) : proto.Load(), inputs);
    }

    private static string? Violation(OnnxTensor found, OnnxTensor expected)
    {
        if (found.Type != expected.Type || !found.Shape.AsSpan().SequenceEqual(expected.Shape.AsSpan()))
        {
            return $"{found}, wanted {expected}";
        }

        bool isSame = !expected.IsFloat && found.Integers.SequenceEqual(expected.Integers);
        return expected.IsFloat ? Close.Violation(found.Floats, expected.Floats) : isSame ? null : "other integers";
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class BackendFactAttribute : FactAttribute
    {
        public BackendFactAttribute() => Skip = Environment.GetEnvironmentVariable(Variable) is null ? $"absent: {Variable} names no folder of ONNX's node tests (tests/generators/onnx_nodes.py writes one)" : null;
    }
}
