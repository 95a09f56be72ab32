using FastRecurrent.Tests.Goldens;
using static FastRecurrent.Tests.Onnx.OnnxModels;

namespace FastRecurrent.Tests.Onnx;

/// <summary>
/// Networks of Keras in the graphs that its exporters write: the graph gives what the network gives, and is read as that network, with the
/// same weights. TensorFlow was not at hand; the forms are those of tf2onnx and keras2onnx as their projects describe them.
/// </summary>
public class OnnxKerasTests
{
    private const int I = 3, H = 5;
    private const float Epsilon = 1e-3f; // Keras's own for its norms

    private static readonly Tolerance Close = new(1e-5f, 1e-5f, "the graph's operators use the platform's math functions");

    private static readonly int[] Opsets = [9, 11, 13, 17];

    private static readonly Dictionary<string, RecurrentCell> Cells = new()
    {
        ["LSTM"] = new LstmCell(H),
        ["GRU"] = new GruCell(H),
        ["GRU reset before"] = new GruCell(H) { ResetAfter = false },
        ["SimpleRNN"] = new SimpleRnnCell(H),
    };

    /// <summary>What stands around the cell: the network, Keras's names of its layers, and its graph.</summary>
    private static readonly Dictionary<string, (Func<RecurrentCell, ModelDefinition> Network, string[] Names, Func<KerasGraph, RecurrentCell, string> Graph)> Forms = new()
    {
        ["return_sequences and Dense"] = (
            cell => new ModelBuilder(I).Recurrent(cell).Dense(2, Activation.Sigmoid).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Add("Sigmoid", [graph.Dense(Steps(graph, Forward(graph, cell)[0]), "dense")])),
        ["the last state"] = (
            cell => new ModelBuilder(I).Recurrent(cell).FinalState().Dense(3).Softmax().Build(), ["rnn", "dense"],
            (graph, cell) => graph.Add("Softmax", [graph.Dense(graph.Squeeze(Forward(graph, cell)[1], 0), "dense")])),
        ["the last step by a strided slice"] = (
            cell => new ModelBuilder(I).Recurrent(cell).LastStep().Dense(1).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Squeeze(graph.Slice(graph.Squeeze(Forward(graph, cell)[0], 1), -1, int.MaxValue, 0), 0), "dense")),
        ["initial states by Expand"] = (
            cell => new ModelBuilder(I).Recurrent(cell).FinalState().Build(), ["rnn"],
            (graph, cell) => graph.Squeeze(Forward(graph, cell, graph.ZeroState(H, 1, expands: true))[1], 0)),
        ["initial states by ConstantOfShape"] = (
            cell => new ModelBuilder(I).Recurrent(cell).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(Steps(graph, Forward(graph, cell, graph.ZeroState(H, 1, expands: false))[0]), "dense")),
        ["TimeDistributed(Dense)"] = (
            cell => new ModelBuilder(I).Recurrent(cell).Dense(4, Activation.Relu).Dense(2).Build(), ["rnn", "first", "second"],
            (graph, cell) => graph.TimeDistributed(graph.Add("Relu", [graph.TimeDistributed(Steps(graph, Forward(graph, cell)[0]), "first")]), "second")),
        ["BatchNormalization by its operator"] = (
            cell => new ModelBuilder(I).Recurrent(cell).BatchNorm(Epsilon).Dense(2).Build(), ["rnn", "norm", "dense"],
            (graph, cell) => graph.Dense(graph.Transpose(BatchNorm(graph, graph.Transpose(graph.Squeeze(Forward(graph, cell)[0], 1), 1, 2, 0)), 0, 2, 1), "dense")),
        ["Bidirectional, one node, transposed and reshaped"] = (
            cell => new ModelBuilder(I).Bidirectional(cell).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Add("Reshape", [graph.Transpose(Both(graph, cell)[0], 2, 0, 1, 3), graph.Integers(0, 0, 2 * H)]), "dense")),
        ["Bidirectional, one node, last states"] = (
            cell => new ModelBuilder(I).Bidirectional(cell).FinalState().Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Add("Reshape", [graph.Transpose(Both(graph, cell)[1], 1, 0, 2), graph.Integers(-1, 2 * H)]), "dense")),
        ["Bidirectional, one node, a slice of each direction"] = (
            cell => new ModelBuilder(I).Bidirectional(cell).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(Joined(graph, Both(graph, cell)[0]), "dense")),
        ["Bidirectional, one node, a slice of each last state"] = (
            cell => new ModelBuilder(I).Bidirectional(cell).FinalState().Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(JoinedStates(graph, Both(graph, cell)[1]), "dense")),
        ["Bidirectional, merge_mode sum"] = (
            cell => new ModelBuilder(I).Bidirectional(cell, Merge.Sum).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(Joined(graph, Both(graph, cell)[0], "Add"), "dense")),
        ["Bidirectional, merge_mode mul"] = (
            cell => new ModelBuilder(I).Bidirectional(cell, Merge.Multiply).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(Joined(graph, Both(graph, cell)[0], "Mul"), "dense")),
        ["Bidirectional, merge_mode ave"] = (
            cell => new ModelBuilder(I).Bidirectional(cell, Merge.Average).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Add("Mul", [Joined(graph, Both(graph, cell)[0], "Add"), graph.Floats(0.5f)]), "dense")),
    };

    /// <summary>The same for graphs that turn the steps round, which exporters do from operator set 10 on.</summary>
    private static readonly Dictionary<string, (Func<RecurrentCell, ModelDefinition> Network, string[] Names, Func<KerasGraph, RecurrentCell, string> Graph)> Backward = new()
    {
        ["go_backwards, the last state"] = (
            cell => new ModelBuilder(I).Recurrent(cell, Direction.Reverse).FinalState().Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Squeeze(graph.Recurrent(graph.ReverseSteps(graph.Transpose("x", 1, 0, 2), isBatchMajor: false), cell, "", "rnn")[1], 0), "dense")),
        ["go_backwards, the last step"] = (
            cell => new ModelBuilder(I).Recurrent(cell, Direction.Reverse).FinalState().Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Squeeze(graph.Slice(
                graph.Squeeze(graph.Recurrent(graph.Transpose(graph.ReverseSteps("x", isBatchMajor: true), 1, 0, 2), cell, "", "rnn")[0], 1), -1, int.MaxValue, 0), 0), "dense")),
        ["go_backwards, all steps turned back, by slices"] = (
            cell => new ModelBuilder(I).Recurrent(cell, Direction.Reverse).Build(), ["rnn"],
            (graph, cell) => Turned(graph, Steps(graph, graph.Recurrent(graph.Transpose(Turned(graph, "x"), 1, 0, 2), cell, "", "rnn")[0]))),
        ["Bidirectional, two nodes"] = (
            cell => new ModelBuilder(I).Bidirectional(cell).Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Add("Concat",
                [Steps(graph, OneWay(graph, cell, "rnn", isReversed: false)[0]), graph.ReverseSteps(Steps(graph, OneWay(graph, cell, "rnn/backward_rnn", isReversed: true)[0]), isBatchMajor: true)],
                Int("axis", -1)), "dense")),
        ["Bidirectional, two nodes, last states, merge_mode sum"] = (
            cell => new ModelBuilder(I).Bidirectional(cell, Merge.Sum).FinalState().Dense(2).Build(), ["rnn", "dense"],
            (graph, cell) => graph.Dense(graph.Add("Add",
                [graph.Squeeze(OneWay(graph, cell, "rnn", isReversed: false)[1], 0), graph.Squeeze(OneWay(graph, cell, "rnn/backward_rnn", isReversed: true)[1], 0)]), "dense")),
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach ((string cell, string form) in from cell in Cells.Keys from form in Forms.Keys.Concat(Backward.Keys) select (cell, form))
            {
                cases.Add(cell, form);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_network_of_Keras_comes_out_of_its_exporters_graph(string cellName, string formName)
    {
        RecurrentCell cell = Cells[cellName];
        bool isBackward = Backward.TryGetValue(formName, out var form);
        form = isBackward ? form : Forms[formName];
        foreach (int opset in Opsets.Where(opset => opset >= 10 || !isBackward))
        {
            ModelDefinition network = form.Network(cell);
            ParameterSet parameters = WithoutSecondBiases(Weights.Draw(network, new Draw(opset)));
            KerasGraph graph = new(opset, parameters, form.Names);
            OnnxModel model = graph.Build(form.Graph(graph, cell), null, null, I).Load();
            OnnxStack stack = model.ToStack();
            Assert.Equal(network.Layers.AsEnumerable(), stack.Definition.Layers);
            Assert.All(parameters.Names, name => Bits.Equal(parameters[name], stack.Parameters[name], name));
            Agree(model, stack, parameters);
        }
    }

    [Fact]
    public void A_folded_batch_normalization_and_a_scaler_are_scales_of_the_features()
    {
        ModelDefinition network = new ModelBuilder(I).Lstm(H).BatchNorm(Epsilon).Dense(2).Build();
        ParameterSet parameters = WithoutSecondBiases(Weights.Draw(network, new Draw(1)));
        KerasGraph graph = new(13, parameters, "rnn", "norm", "dense");
        string y = graph.Dense(graph.FoldedBatchNorm(Steps(graph, Forward(graph, new LstmCell(H))[0]), "norm", Epsilon), "dense");
        OnnxModel model = graph.Build(y, null, null, I).Load();
        OnnxStack stack = model.ToStack();
        Assert.Equal(["RecurrentLayer", "BatchNormLayer", "DenseLayer"], stack.Definition.Layers.Select(layer => layer.GetType().Name));
        Agree(model, stack, parameters);

        KerasGraph scaler = new(13, parameters, "rnn", "norm", "dense");
        string scaled = scaler.Add("Div", [scaler.Add("Sub", ["x", scaler.Floats(0.5f, -1, 2)]), scaler.Floats(2, 3, 0.25f)]);
        OnnxModel second = scaler.Build(scaler.Squeeze(scaler.Recurrent(scaler.Transpose(scaled, 1, 0, 2), new LstmCell(H), "", "rnn")[0], 1), null, null, I).Load();
        OnnxStack read = second.ToStack();
        Assert.Equal(["BatchNormLayer", "RecurrentLayer"], read.Definition.Layers.Select(layer => layer.GetType().Name));
        Assert.Equal([0.5f, 1f / 3, 4f], read.Parameters["0.weight"].ToArray());
        using OnnxRunner runner = Filled(second);
        StackAgreement.Holds(second, runner, read);
    }

    [Theory]
    [InlineData("steps in reverse order", "reverse order")]
    [InlineData("directions the wrong way round", "forward and then the backward direction")]
    [InlineData("one direction only", "only the last step")]
    public void What_only_looks_like_a_layer_is_refused_and_runs(string what, string message)
    {
        RecurrentCell cell = new GruCell(H);
        ModelDefinition network = new ModelBuilder(I).Bidirectional(cell).Build();
        KerasGraph graph = new(13, WithoutSecondBiases(Weights.Draw(network, new Draw(2))), "rnn");
        string output = what switch
        {
            "steps in reverse order" => Steps(graph, graph.Recurrent(graph.ReverseSteps(graph.Transpose("x", 1, 0, 2), isBatchMajor: false), cell, "", "rnn")[0]),
            "one direction only" => graph.Squeeze(graph.Slice(Both(graph, cell)[0], 0, 1, 1), 1),
            _ => Crossed(graph, Both(graph, cell)[0]),
        };
        OnnxModel model = graph.Build(output, null, null, I).Load();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => model.ToStack());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        using OnnxRunner runner = Filled(model);
    }

    private static void Agree(OnnxModel model, OnnxStack stack, ParameterSet parameters)
    {
        using OnnxRunner runner = Filled(model);
        StackAgreement.Holds(model, runner, stack);
        using SequenceRunner engine = new RecurrentModel(parameters.Definition, parameters).CreateRunner(Steps(), Rows());
        float[] y = new float[runner.Output(stack.Output).Count];
        engine.Forward(runner.Input("x").Floats, Steps(), Rows(), y, new() { Layout = SequenceLayout.BatchMajor });
        if (!parameters.Definition.OutputIsVector && stack.OutputLayout == SequenceLayout.TimeMajor)
        {
            return; // StackAgreement turns the axes
        }

        string? wrong = Close.Violation(runner.Output(stack.Output).Floats, y);
        Assert.True(wrong is null, wrong);
    }

    private static OnnxRunner Filled(OnnxModel model)
    {
        OnnxRunner runner = model.CreateRunner(new Dictionary<string, int[]> { ["x"] = [Rows(), Steps(), I] });
        StackAgreement.FillInputs(model, runner);
        runner.Run();
        return runner;
    }

    private static int Rows() => 2;

    private static int Steps() => 6;

    private static string[] Forward(KerasGraph graph, RecurrentCell cell, string state = "") => graph.Recurrent(graph.Transpose("x", 1, 0, 2), cell, state, "rnn");

    private static string[] Both(KerasGraph graph, RecurrentCell cell) =>
        graph.Recurrent(graph.Transpose("x", 1, 0, 2), cell, graph.ZeroState(H, 2, expands: true), "rnn", "rnn/backward_rnn");

    private static string[] OneWay(KerasGraph graph, RecurrentCell cell, string name, bool isReversed)
    {
        string x = graph.Transpose("x", 1, 0, 2);
        return graph.Recurrent(isReversed ? graph.ReverseSteps(x, isBatchMajor: false) : x, cell, "", name);
    }

    /// <summary>Y [T, 1, N, H] as [N, T, H].</summary>
    private static string Steps(KerasGraph graph, string y) => graph.Transpose(graph.Squeeze(y, 1), 1, 0, 2);

    private static string Turned(KerasGraph graph, string x) => graph.Slice(x, -1, int.MinValue, 1, -1);

    private static string Joined(KerasGraph graph, string y, string operation = "Concat")
    {
        string[] directions = [.. new[] { 0, 1 }.Select(direction => Steps(graph, graph.Slice(y, direction, direction + 1, 1)))];
        return operation == "Concat" ? graph.Add(operation, directions, Int("axis", 2)) : graph.Add(operation, directions);
    }

    private static string Crossed(KerasGraph graph, string y) =>
        graph.Add("Concat", [Steps(graph, graph.Slice(y, 1, 2, 1)), Steps(graph, graph.Slice(y, 0, 1, 1))], Int("axis", 2));

    private static string JoinedStates(KerasGraph graph, string state) => graph.Add(
        "Concat", [.. new[] { 0, 1 }.Select(direction => graph.Squeeze(graph.Slice(state, direction, direction + 1, 0), 0))], Int("axis", 1));

    private static string BatchNorm(KerasGraph graph, string x) => graph.Add(
        "BatchNormalization", [x, .. new[] { "gamma", "beta", "moving_mean", "moving_variance" }.Select(part => graph.Stored($"norm/{part}"))], Float("epsilon", Epsilon));

    /// <summary>Keras has one bias where the engine has two; only reset-after GRU has both.</summary>
    private static ParameterSet WithoutSecondBiases(ParameterSet parameters)
    {
        bool hasBoth = parameters.Definition.Layers.OfType<RecurrentLayer>().First().Cell is GruCell { ResetAfter: true };
        foreach (string name in parameters.Names.Where(name => name.Contains("bias_hh", StringComparison.Ordinal) && !hasBoth))
        {
            parameters[name].Clear();
        }

        return parameters;
    }
}
