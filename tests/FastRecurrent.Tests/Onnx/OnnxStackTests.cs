using FastRecurrent.Onnx.Proto;
using static FastRecurrent.Tests.Onnx.OnnxModels;

namespace FastRecurrent.Tests.Onnx;

/// <summary>Graphs as exporters write them around recurrent nodes, read as layers.</summary>
public class OnnxStackTests
{
    private const int I = 3, H = 4;

    // As tf2onnx writes Keras: batch-major outside, time-major inside, weights stored, shapes computed from the input.
    private static readonly Dictionary<string, (Func<ModelProto> Graph, ModelDefinition Stack)> Graphs = new()
    {
        ["Keras LSTM with return_sequences and Dense"] = (
            () => Recurrent(Model(13,
                    Node("Transpose", ["x"], ["t"], Ints("perm", 1, 0, 2)),
                    Node("LSTM", ["t", "W", "R", "B"], ["Y"], Int("hidden_size", H)),
                    Node("Squeeze", ["Y", "one"], ["s"]),
                    Node("Transpose", ["s"], ["b"], Ints("perm", 1, 0, 2)),
                    Node("MatMul", ["b", "kernel"], ["m"]),
                    Node("Add", ["m", "bias"], ["a"]),
                    Node("Sigmoid", ["a"], ["y"])), 4)
                .With("one", TestTensor.Integers([1], 1)).Head(2),
            new ModelBuilder(I).Lstm(H).Dense(2, Activation.Sigmoid).Build()),
        ["Keras GRU, Dense on flattened steps, shape computed"] = (
            () => Recurrent(Model(13,
                    Node("Transpose", ["x"], ["t"], Ints("perm", 1, 0, 2)),
                    Node("GRU", ["t", "W", "R", "B"], ["Y"], Int("hidden_size", H), Int("linear_before_reset", 1)),
                    Node("Squeeze", ["Y", "one"], ["s"]),
                    Node("Transpose", ["s"], ["b"], Ints("perm", 1, 0, 2)),
                    Node("Shape", ["b"], ["shape"]),
                    Node("Reshape", ["b", "flat"], ["f"]),
                    Node("MatMul", ["f", "kernel"], ["m"]),
                    Node("Slice", ["shape", "zero", "two"], ["outer"]),
                    Node("Concat", ["outer", "features"], ["whole"], Int("axis", 0)),
                    Node("Reshape", ["m", "whole"], ["r"]),
                    Node("Add", ["r", "bias"], ["y"])), 3)
                .With("one", TestTensor.Integers([1], 1)).With("flat", TestTensor.Integers([2], -1, H))
                .With("zero", TestTensor.Integers([1], 0)).With("two", TestTensor.Integers([1], 2)).With("features", TestTensor.Integers([1], 2)).Head(2),
            new ModelBuilder(I).Gru(H).Dense(2).Build()),
        ["Keras LSTM, last state, initial state computed from the batch"] = (
            () => Recurrent(Model(11,
                    Node("Transpose", ["x"], ["t"], Ints("perm", 1, 0, 2)),
                    Node("Shape", ["x"], ["shape"]),
                    Node("Gather", ["shape", "zero"], ["n"], Int("axis", 0)),
                    Node("Concat", ["one", "n", "units"], ["state"], Int("axis", 0)),
                    Node("ConstantOfShape", ["state"], ["h0"]),
                    Node("LSTM", ["t", "W", "R", "B", "", "h0", "h0"], ["", "h"], Int("hidden_size", H)),
                    Node("Squeeze", ["h"], ["s"], Ints("axes", 0)),
                    Node("Gemm", ["s", "kernel", "bias"], ["g"]),
                    Node("Softmax", ["g"], ["y"])), 4)
                .With("zero", TestTensor.Integers([1], 0)).With("one", TestTensor.Integers([1], 1)).With("units", TestTensor.Integers([1], H)).Head(2),
            new ModelBuilder(I).Lstm(H).FinalState().Dense(2).Softmax().Build()),
        ["encoder and decoder, batch-major, repeated by Tile"] = (
            () => Recurrent(Model(14,
                    Node("GRU", ["x", "W", "R", "B"], ["", "h"], Int("layout", 1)),
                    Node("Tile", ["h", "repeats"], ["t"]),
                    Node("GRU", ["t", "W2", "R2"], ["Y"], Int("layout", 1)),
                    Node("Reshape", ["Y", "steps"], ["s"]),
                    Node("MatMul", ["s", "kernel"], ["m"]),
                    Node("Add", ["m", "bias"], ["y"])), 3)
                .With("repeats", TestTensor.Integers([3], 1, 9, 1)).With("steps", TestTensor.Integers([3], 0, 9, H))
                .With("W2", Weight(6, 1, 3 * H, H)).With("R2", Weight(7, 1, 3 * H, H)).Head(2),
            new ModelBuilder(I).Recurrent(new GruCell(H) { ResetAfter = false }).FinalState().RepeatVector(9)
                .Recurrent(new GruCell(H) { ResetAfter = false, Bias = false }).Dense(2).Build()),
        ["the last step by Slice"] = (
            () => Recurrent(Model(14,
                    Node("RNN", ["x", "W", "R", "B"], ["Y"], Int("layout", 1)),
                    Node("Slice", ["Y", "last", "end", "one"], ["z"]),
                    Node("Reshape", ["z", "rows"], ["f"]),
                    Node("MatMul", ["f", "kernel"], ["m"]),
                    Node("Add", ["m", "bias"], ["y"])), 1)
                .With("last", TestTensor.Integers([1], -1)).With("end", TestTensor.Integers([1], long.MaxValue)).With("one", TestTensor.Integers([1], 1))
                .With("rows", TestTensor.Integers([2], -1, H)).Head(2),
            new ModelBuilder(I).SimpleRnn(H).LastStep().Dense(2).Build()),
    };

    public static TheoryData<string> Names => [.. Graphs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_graph_of_an_exporter_is_the_stack_that_was_meant(string name)
    {
        (Func<ModelProto> graph, ModelDefinition wanted) = Graphs[name];
        OnnxModel model = graph().Load();
        OnnxStack stack = model.ToStack();
        Assert.Equal(wanted.Layers.AsEnumerable(), stack.Definition.Layers);
        Assert.Equal(SequenceLayout.BatchMajor, stack.InputLayout);
        using OnnxRunner runner = model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [2, 6, I] });
        StackAgreement.FillInputs(model, runner);
        runner.Run();
        StackAgreement.Holds(model, runner, stack);
    }

    [Fact]
    public void A_fixed_index_that_is_the_last_step_of_one_length_only_makes_no_stack()
    {
        // The first example has 5 rows and 7 steps: index 6 is its last step, and no other's.
        ModelProto graph = Recurrent(Model(14,
            Node("RNN", ["x", "W", "R", "B"], ["Y"], Int("layout", 1)),
            Node("Gather", ["Y", "six"], ["z"], Int("axis", 1)),
            Node("Squeeze", ["z", "one"], ["y"])), 1).With("six", TestTensor.Integers([], 6)).With("one", TestTensor.Integers([1], 1)).Output("y");
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => graph.Load().ToStack());
        Assert.Contains("index 6", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("first step", "takes index 0")]
    [InlineData("initial state", "not zero")]
    [InlineData("cell state", "cell state")]
    [InlineData("one direction", "only the last step")]
    public void What_no_layer_does_is_refused_by_node(string what, string message)
    {
        bool isBidirectional = what == "one direction";
        int directions = isBidirectional ? 2 : 1;
        NodeProto lstm = Node("LSTM", what == "initial state" ? ["x", "W", "R", "", "", "h0"] : ["x", "W", "R"], ["Y", "Y_h", "Y_c"], Text("direction", isBidirectional ? "bidirectional" : "forward"));
        string value = what switch { "cell state" => "Y_c", "one direction" => "Y_h", _ => "Y" };
        ModelProto graph = Model(14, lstm, Node("Gather", [value, "zero"], ["y"], Int("axis", 0)))
            .Input("x", 5, 7, I).With("zero", TestTensor.Integers([], 0)).Output("y")
            .With("W", Weight(1, directions, 4 * H, I)).With("R", Weight(2, directions, 4 * H, H));
        if (what == "initial state")
        {
            graph.With("h0", Weight(3, 1, 7, H));
        }

        OnnxModel model = graph.Load();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => model.ToStack());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("Node '", error.Message, StringComparison.Ordinal);
    }

    private static ModelProto Recurrent(ModelProto model, int gates) => model.Input("x", null, null, I)
        .With("W", Weight(1, 1, gates * H, I)).With("R", Weight(2, 1, gates * H, H)).With("B", Weight(3, 1, 2 * gates * H));

    internal static TestTensor Weight(int seed, params int[] shape) =>
        new(shape, new Draw(seed).Floats(shape.Aggregate(1, (product, size) => product * size), -0.7f, 0.7f));
}

internal static class OnnxHeads
{
    /// <summary>A dense layer's weights behind H units, and the graph's output.</summary>
    public static ModelProto Head(this ModelProto model, int size) => model
        .With("kernel", OnnxStackTests.Weight(4, 4, size)).With("bias", OnnxStackTests.Weight(5, size)).Output("y");
}
