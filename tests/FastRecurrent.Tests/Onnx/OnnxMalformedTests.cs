using FastRecurrent.Onnx.Proto;
using static FastRecurrent.Tests.Onnx.OnnxModels;

namespace FastRecurrent.Tests.Onnx;

/// <summary>R14: malformed and unsupported models by name, each with the part of the message that says what and where.</summary>
public class OnnxMalformedTests
{
    private static readonly Dictionary<string, (Func<byte[]> File, string[] Message)> Corpus = new()
    {
        // The file
        ["an empty file"] = (() => [], ["no graph"]),
        ["a text"] = (() => "no model at all, but a text"u8.ToArray(), ["damaged"]),
        ["a zip archive"] = (() => [0x50, 0x4B, 3, 4, 0, 0, 0, 0], ["damaged"]),
        ["a truncated file"] = (() => Small().ToBytes()[..^7], ["damaged"]),
        ["a field of the wrong kind"] = (() => [0x3D, 0, 0, 0, 0], ["Field 7", "a message"]),
        ["a length beyond the end"] = (() => [0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 7], ["damaged"]),
        ["a group"] = (() => [0x3B, 0x3C], ["Field 7"]),
        ["a varint without end"] = (() => [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], ["damaged"]),
        ["no operator set"] = (() => Changed(model => model.Opsets.Clear()), ["0 versions"]),
        ["two operator sets"] = (() => Changed(model => model.Opsets.Add(("", 14))), ["2 versions"]),
        ["operator set 0"] = (() => Changed(model => model.Opsets[0] = ("", 0)), ["version 0"]),
        ["an operator set of the future"] = (() => Changed(model => model.Opsets[0] = ("", 99)), ["version 99", "1 to 24"]),
        ["functions"] = (() => [.. Small().ToBytes(), 0xCA, 1, 0], ["functions"]),

        // The graph
        ["no outputs"] = (() => Changed(model => model.Graph!.Outputs.Clear()), ["no outputs"]),
        ["an output that nothing makes"] = (() => Changed(model => model.Output("nothing")), ["'nothing'", "made by no node"]),
        ["an input that nothing makes"] = (() => Changed(model => model.Graph!.Nodes[0].Inputs[0] = "nothing"), ["'the_lstm' (LSTM)", "'nothing'", "nothing before it"]),
        ["a value made twice"] = (() => Changed(model => model.Graph!.Nodes.Add(model.Graph.Nodes[0])), ["made before"]),
        ["an input that is there twice"] = (() => Changed(model => model.Input("X", 5, 3, 2)), ["'X'", "twice"]),
        ["a node before what it needs"] = (() => Changed(model => model.Graph!.Nodes.Insert(0, Node("Relu", ["Y"], ["Z"]))), ["'the_relu' (Relu)", "'Y'"]),
        ["an input that is a sequence"] = (() => Changed(model => model.Graph!.Inputs[0].IsTensor = false), ["'X'", "no tensor"]),
        ["an input of doubles"] = (() => Changed(model => model.Graph!.Inputs[0].Type = TensorDataType.Double), ["'X'", "double"]),
        ["an input of nine axes"] = (() => Changed(model => model.Graph!.Inputs[0].Shape!.AddRange(Enumerable.Repeat(((long?)1, ""), 6))), ["'X'", "9 axes"]),
        ["an unknown operator"] = (() => Changed(model => model.Graph!.Nodes[0].OpType = "Conv"), ["'the_lstm' (Conv)", "not known here"]),
        ["an operator of another domain"] = (() => Changed(model => model.Graph!.Nodes[0].Domain = "com.microsoft"), ["'com.microsoft'"]),
        ["too few inputs"] = (() => Changed(model => AddNode(model, Node("Concat", [], ["Z"]))), ["(Concat)", "0 inputs", "1 or more"]),
        ["too many outputs"] = (() => Changed(model => model.Graph!.Nodes[0].Outputs.AddRange(["a", "b", "c"])), ["4 outputs"]),

        // Stored tensors
        ["a weight that nothing reads"] = (() => Changed(model => model.With("spare", new([1], [1]))), ["'spare'", "used by no node"]),
        ["a weight that is there twice"] = (() => Changed(model => model.Graph!.Initializers.Add(model.Graph.Initializers[0])), ["'W'", "twice"]),
        ["a weight without a name"] = (() => Changed(model => model.Graph!.Initializers[0].Name = ""), ["no name"]),
        ["a weight with too few bytes"] = (() => Changed(model => model.Graph!.Initializers[0].Raw = new byte[12]), ["'W'", "[1, 12, 2]", "12 bytes"]),
        ["a weight with a broken value"] = (() => Changed(model => model.Graph!.Initializers[0].Raw = new byte[97]), ["'W'", "97 bytes"]),
        ["a weight without values"] = (() => Changed(model => model.Graph!.Initializers[0].Raw = null), ["'W'", "0 values"]),
        ["a weight with a negative size"] = (() => Changed(model => model.Graph!.Initializers[0].Dims[1] = -12), ["'W'", "-12"]),
        ["a weight of nine axes"] = (() => Changed(model => model.Graph!.Initializers[0].Dims.AddRange([1, 1, 1, 1, 1, 1])), ["'W'", "9 axes"]),
        ["a weight whose size overflows"] = (() => Changed(model => SetDims(model.Graph!.Initializers[0], int.MaxValue, int.MaxValue, 4)), ["'W'", "memory"]),
        ["a weight of texts"] = (() => Changed(model => model.Graph!.Initializers[0].Type = TensorDataType.String), ["'W'", "string"]),
        ["a weight of an unknown type"] = (() => Changed(model => model.Graph!.Initializers[0].Type = (TensorDataType)77), ["'W'", "77"]),
        ["external data"] = (() => External(), ["'W'", "external data"]),

        // Recurrent nodes
        ["an unknown attribute"] = (() => Attributed(Int("no_such", 1)), ["'the_lstm' (LSTM)", "'no_such'", "none that this reader knows"]),
        ["an attribute that is there twice"] = (() => Attributed(Int("layout", 0), Int("layout", 0)), ["'layout'", "twice"]),
        ["an attribute of the wrong type"] = (() => Attributed(Float("layout", 1)), ["'layout'", "type Float", "wanted Int"]),
        ["layout 2"] = (() => Attributed(Int("layout", 2)), ["'layout'", "is 2"]),
        ["layout before operator set 14"] = (() => Changed(model => (model.Opsets[0], _) = (("", 13), Add(model, Int("layout", 1)))), ["'layout'"]),
        ["linear_before_reset of an LSTM"] = (() => Attributed(Int("linear_before_reset", 1)), ["'linear_before_reset'"]),
        ["an unknown direction"] = (() => Attributed(Text("direction", "sideways")), ["'direction'", "'sideways'"]),
        ["an unknown activation"] = (() => Attributed(Texts("activations", "Sigmoid", "Swish", "Tanh")), ["'activations'", "'Swish'"]),
        ["too few activations"] = (() => Attributed(Texts("activations", "Sigmoid")), ["'activations'", "1 functions", "wanted 3"]),
        ["an affine activation without parameters"] = (() => Attributed(Texts("activations", "Sigmoid", "Affine", "Tanh")), ["'activation_alpha'", "'Affine'", "no default"]),
        ["more alphas than functions that take one"] = (() => Attributed(Texts("activations", "Sigmoid", "Elu", "Tanh"), Floats("activation_alpha", 1, 2)), ["'activation_alpha'", "1 values more"]),
        ["an alpha that is no number"] = (() => Attributed(Texts("activations", "Sigmoid", "Elu", "Tanh"), Floats("activation_alpha", float.NaN)), ["'activation_alpha'", "NaN"]),
        ["a negative clip"] = (() => Attributed(Float("clip", -1)), ["'clip'", "-1"]),
        ["a hidden size that the weights have not"] = (() => Attributed(Int("hidden_size", 4)), ["'hidden_size'", "is 4", "[1, 12, 3]"]),
        ["two directions with weights for one"] = (() => Attributed(Text("direction", "bidirectional")), ["input W", "wanted Float32 [2, 12, 2]"]),

        // Nodes around them
        ["a reshape that does not fit"] = (() => After("Reshape", [4, 4], []), ["'the_reshape' (Reshape)", "[4, 4]"]),
        ["a reshape with two open sizes"] = (() => After("Reshape", [-1, -1], []), ["(Reshape)", "does not fit"]),
        ["a squeeze of an axis that is not 1"] = (() => After("Squeeze", [0], []), ["(Squeeze)", "'axes'", "not 1"]),
        ["an axis that is not there"] = (() => After("Unsqueeze", [9], []), ["(Unsqueeze)", "'axes'", "is 9"]),
        ["an axis that is named twice"] = (() => After("Unsqueeze", [0, 0], []), ["(Unsqueeze)", "twice"]),
        ["an index beyond its axis"] = (() => After("Gather", [5], [Int("axis", 0)]), ["(Gather)", "index 5", "size 5"]),
        ["a transpose that is no order"] = (() => After("Transpose", null, [Ints("perm", 0, 0, 1, 2)]), ["(Transpose)", "'perm'", "[0, 0, 1, 2]"]),
        ["an expansion that does not broadcast"] = (() => After("Expand", [7, 1, 1, 1], []), ["(Expand)", "does not broadcast"]),
        ["an expansion beyond all memory"] = (() => After("Expand", [1 << 30, 5, 1, 3, 3], []), ["(Expand)", "MaxValues"]),
        ["a cast to texts"] = (() => After("Cast", null, [Int("to", 8)]), ["(Cast)", "'to'", "string"]),
        ["a dropout in training"] = (() => Changed(model => (model.Opsets[0], _) = (("", 6), AddNode(model, Node("Dropout", ["Y"], ["Z"])))), ["(Dropout)", "'is_test'", "training"]),
        ["an axis of the old broadcasting rule"] = (() => Changed(model => AddNode(model, Node("Add", ["Y", "Y"], ["Z"], Int("broadcast", 1)))), ["(Add)", "'broadcast'"]),
        ["a product that does not fit"] = (() => After("MatMul", null, [], new([4, 2], new float[8])), ["(MatMul)", "do not multiply"]),
        ["a constant without a value"] = (() => Changed(model => AddNode(model, Node("Constant", [], ["Z"]))), ["(Constant)", "'value'"]),
        ["a mean over axes that are not there"] = (() => Changed(model => AddNode(model, Node("ReduceMean", ["Y"], ["Z"], Ints("axes", 4)))), ["(ReduceMean)", "'axes'", "is 4"]),
        ["a division of integers by 0"] = (() => Changed(model => AddNode(
            model.With("a", TestTensor.Integers([1], 1)).With("b", TestTensor.Integers([1], 0)), Node("Div", ["a", "b"], ["Z"]))), ["Div", "by 0"]),
    };

    public static TheoryData<string> Names => [.. Corpus.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_malformed_model_is_refused_with_a_sentence_that_says_what_and_where(string name)
    {
        (Func<byte[]> file, string[] message) = Corpus[name];
        byte[] bytes = file();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() =>
        {
            using OnnxRunner runner = Load(bytes).CreateRunner();
            runner.Run();
        });
        Assert.All(message, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        Assert.True(error.Message.Length < 2_000, error.Message);
    }

    /// <summary>How many there are, for the sum of all malformed files.</summary>
    public static int Count => Corpus.Count;

    [Fact]
    public void There_are_at_least_40_and_the_model_that_they_are_made_of_is_sound()
    {
        Assert.True(Corpus.Count >= 40, $"{Corpus.Count}");
        using OnnxRunner runner = Small().Load().CreateRunner();
        runner.Run();
        Assert.Equal([5, 1, 3, 3], runner.Output("Y").Shape.ToArray());
    }

    /// <summary>An LSTM of 3 units on [5, 3, 2].</summary>
    private static ModelProto Small() => Model(14, Node("LSTM", ["X", "W", "R"], ["Y"]))
        .Input("X", 5, 3, 2).With("W", new([1, 12, 2], new float[24])).With("R", new([1, 12, 3], new float[36])).Output("Y");

    private static byte[] Changed(Action<ModelProto> change)
    {
        ModelProto model = Small();
        change(model);
        byte[] bytes = model.ToBytes();

        // The writer knows tensors only: a sequence is field 4 of a type, a tensor field 1.
        return model.Graph!.Inputs.Exists(input => !input.IsTensor) ? Patched(bytes) : bytes;
    }

    private static byte[] Patched(byte[] bytes)
    {
        int type = bytes.AsSpan().IndexOf("\x01X\x12"u8) + 4;
        bytes[type] = (4 << 3) | 2;
        return bytes;
    }

    private static byte[] Attributed(params AttributeProto[] attributes) => Changed(model => model.Graph!.Nodes[0].Attributes.AddRange(attributes));

    private static ModelProto Add(ModelProto model, AttributeProto attribute)
    {
        model.Graph!.Nodes[0].Attributes.Add(attribute);
        return model;
    }

    private static ModelProto AddNode(ModelProto model, NodeProto node)
    {
        model.Graph!.Nodes.Add(node);
        return model.Output("Z");
    }

    /// <summary>A node behind the LSTM, with a second input of integers or floats where it has one.</summary>
    private static byte[] After(string operation, long[]? integers, AttributeProto[] attributes, TestTensor? floats = null) => Changed(model =>
    {
        string[] inputs = integers is null && floats is null ? ["Y"] : ["Y", "second"];
        AddNode(model, Node(operation, inputs, ["Z"], attributes));
        if (inputs.Length == 2)
        {
            model.With("second", floats ?? TestTensor.Integers([integers!.Length], integers));
        }
    });

    private static void SetDims(TensorProto tensor, params long[] dims)
    {
        tensor.Dims.Clear();
        tensor.Dims.AddRange(dims);
    }

    /// <summary>W with data_location (field 14) = 1, added to its message: the graph's message is written again around it.</summary>
    private static byte[] External()
    {
        ModelProto model = Small();
        model.Graph!.Initializers.RemoveAt(0);
        byte[] graph = OnnxFiles.Wrapped(7, OnnxFiles.Wrapped(5, [0x42, 1, (byte)'W', 0x70, 1]));

        // A field that comes again replaces a message here, so the graph with the external tensor comes last.
        return [.. model.ToBytes(), .. graph];
    }
}
