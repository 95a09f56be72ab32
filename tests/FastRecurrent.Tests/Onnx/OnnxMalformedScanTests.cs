using FastRecurrent.Onnx.Proto;
using static FastRecurrent.Tests.Onnx.OnnxModels;
using Attribute = FastRecurrent.Onnx.Export.Attribute;

namespace FastRecurrent.Tests.Onnx;

/// <summary>R14 for Scan, a node that holds a graph: malformed ones by name, each with the part of the message that says what and where.</summary>
public class OnnxMalformedScanTests
{
    private static readonly Dictionary<string, (Action<ModelProto, NodeProto, GraphProto> Change, string[] Message)> Corpus = new()
    {
        ["no body"] = ((_, scan, _) => Drop(scan, "body"), ["'body'", "is missing"]),
        ["a body that is no graph"] = ((_, scan, _) => Replace(scan, Int("body", 1)), ["'body'", "type Int", "wanted Graph"]),
        ["no num_scan_inputs"] = ((_, scan, _) => Drop(scan, "num_scan_inputs"), ["'num_scan_inputs'", "is 0", "1 to the node's 2"]),
        ["a negative num_scan_inputs"] = ((_, scan, _) => Replace(scan, Int("num_scan_inputs", -1)), ["'num_scan_inputs'", "is -1"]),
        ["more scanned inputs than inputs"] = ((_, scan, _) => Replace(scan, Int("num_scan_inputs", 3)), ["'num_scan_inputs'", "is 3", "2 inputs"]),
        ["a state counted as a scanned input"] = ((_, scan, _) => Replace(scan, Int("num_scan_inputs", 2)), ["(Scan)"]),
        ["a state that is missing"] = ((model, scan, _) =>
        {
            model.Graph!.Initializers.Clear();
            scan.Inputs.RemoveAt(0);
        }, ["'body'", "takes 2 inputs", "the node has 1"]),
        ["a body with an input too many"] = ((_, _, body) => body.Inputs.Add(Declare("more", TensorDataType.Float, [3])), ["'body'", "takes 3 inputs", "the node has 2"]),
        ["a body without the next state"] = ((_, _, body) => body.Outputs.RemoveAt(0), ["'body'", "gives 1 outputs"]),
        ["an output that the body does not give"] = ((_, scan, _) => scan.Outputs.Add("Z"), ["'body'", "gives 2 outputs", "the node has 2 and 3"]),
        ["a body without outputs"] = ((_, _, body) => body.Outputs.Clear(), ["'body'", "cannot be used", "no outputs"]),
        ["a body's output that nothing makes"] = ((_, _, body) => body.Outputs[1] = Declare("nowhere", TensorDataType.Float, [3]), ["'body'", "'nowhere'", "made by no node"]),
        ["a body that reads what is nowhere"] = ((_, _, body) => body.Nodes[0].Inputs[1] = "nowhere", ["'nowhere'"]),
        ["a body that reads what is made behind it"] = ((model, _, body) =>
        {
            model.Graph!.Nodes.Add(Node("Relu", ["Y"], ["late"]));
            body.Nodes[0].Inputs[1] = "late";
        }, ["'late'"]),
        ["a body that reads its own node's output"] = ((_, _, body) => body.Nodes[0].Inputs[1] = "Y", ["'Y'"]),
        ["a body with an unknown operator"] = ((_, _, body) => body.Nodes[1].OpType = "Einsum", ["'body'", "cannot be used", "(Einsum)", "not known"]),
        ["a body with a weight that nothing reads"] = ((_, _, body) => body.Initializers.Add(new TestTensor([1], [1]).ToProto("spare")), ["'body'", "'spare'", "used by no node"]),
        ["a body with a broken weight"] = ((_, _, body) => body.Initializers.Add(new TestTensor([2], [1]).ToProto("spare")), ["'body'", "'spare'", "[2]"]),
        ["a body that holds another one"] = ((_, _, body) =>
        {
            NodeProto inner = Node("Scan", ["h", "x"], ["a", "b"], Int("num_scan_inputs", 1), Attribute.Graph("body", Body()));
            body.Nodes.Add(inner);
        }, ["'body'", "a graph of its own", "one level"]),
        ["bodies beyond every depth"] = ((_, _, body) =>
        {
            GraphProto graph = Body();
            for (int depth = 0; depth < 40; depth++)
            {
                GraphProto outer = Body();
                outer.Nodes.Add(Node("Scan", ["h", "x"], ["a", "b"], Attribute.Graph("body", graph)));
                graph = outer;
            }

            body.Nodes.Add(Node("Scan", ["h", "x"], ["a", "b"], Attribute.Graph("body", graph)));
        }, ["nested deeper than", "MaxDepth"]),
        ["a next state of another shape"] = ((_, _, body) => body.Nodes[0] = Node("Concat", ["h", "x"], ["next"], Int("axis", 0)), ["'body'", "state 0", "[3]", "[6]"]),
        ["a next state of another type"] = ((_, _, body) => body.Nodes[0] = Node("Equal", ["h", "x"], ["next"]), ["(Scan)"]),
        ["axes for more inputs than there are"] = ((_, scan, _) => scan.Attributes.Add(Ints("scan_input_axes", 0, 1)), ["'scan_input_axes'", "has 2 values", "wanted 1"]),
        ["an axis that the input has not"] = ((_, scan, _) => scan.Attributes.Add(Ints("scan_input_axes", 2)), ["'scan_input_axes'", "is 2"]),
        ["an axis that the output has not"] = ((_, scan, _) => scan.Attributes.Add(Ints("scan_output_axes", 5)), ["'scan_output_axes'", "is 5"]),
        ["a direction that is none"] = ((_, scan, _) => scan.Attributes.Add(Ints("scan_input_directions", 2)), ["'scan_input_directions'", "holds 2", "0 or 1"]),
        ["directions for no output"] = ((_, scan, _) => scan.Attributes.Add(Ints("scan_output_directions")), ["'scan_output_directions'", "has 0 values", "wanted 1"]),
        ["two scanned inputs of different lengths"] = ((model, scan, body) =>
        {
            model.Input("X2", 4, 3);
            scan.Inputs.Add("X2");
            body.Inputs.Add(Declare("x2", TensorDataType.Float, [3]));
            Replace(scan, Int("num_scan_inputs", 2));
        }, ["input 2", "4 steps", "5"]),
        ["an unknown attribute"] = ((_, scan, _) => scan.Attributes.Add(Int("num_states", 1)), ["'num_states'"]),
        ["the operator of set 8"] = ((model, _, _) => model.Opsets[0] = ("", 8), ["set 8", "9 or above"]),
    };

    public static TheoryData<string> Names => [.. Corpus.Keys];

    /// <summary>How many there are, for the sum of all malformed files.</summary>
    public static int Count => Corpus.Count;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_malformed_scan_is_refused_with_a_sentence_that_says_what_and_where(string name)
    {
        (Action<ModelProto, NodeProto, GraphProto> change, string[] message) = Corpus[name];
        ModelProto model = Sound();
        NodeProto scan = model.Graph!.Nodes[0];
        change(model, scan, scan.Attributes[0].Graph!);
        byte[] bytes = model.ToBytes();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() =>
        {
            using OnnxRunner runner = Load(bytes).CreateRunner();
            runner.Run();
        });
        Assert.All(message, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.True(error.Message.Length < 2_000, error.Message);
    }

    [Fact]
    public void The_model_that_they_are_made_of_is_sound()
    {
        using OnnxRunner runner = Sound().Load().CreateRunner();
        runner.Input("X").Floats.Fill(1);
        runner.Run();
        Assert.Equal([1f, 2, 3, 4, 5], Enumerable.Range(0, 5).Select(step => runner.Output("Y").Floats[3 * step]));
    }

    /// <summary>Sums of the steps so far: h' = h + x, y = h'.</summary>
    private static ModelProto Sound() => Model(14, Node("Scan", ["H", "X"], ["last", "Y"], Attribute.Graph("body", Body()), Int("num_scan_inputs", 1)))
        .Input("X", 5, 3).With("H", new([3], [0, 0, 0])).Output("Y");

    private static GraphProto Body()
    {
        GraphProto body = new() { Name = "body" };
        body.Nodes.AddRange([Node("Add", ["h", "x"], ["next"]), Node("Identity", ["next"], ["y"])]);
        body.Inputs.AddRange([Declare("h", TensorDataType.Float, [3]), Declare("x", TensorDataType.Float, [3])]);
        body.Outputs.AddRange([Declare("next", TensorDataType.Float, [3]), Declare("y", TensorDataType.Float, [3])]);
        return body;
    }

    private static void Drop(NodeProto node, string attribute) => node.Attributes.RemoveAll(one => one.Name == attribute);

    private static void Replace(NodeProto node, AttributeProto attribute)
    {
        Drop(node, attribute.Name);
        node.Attributes.Add(attribute);
    }
}
