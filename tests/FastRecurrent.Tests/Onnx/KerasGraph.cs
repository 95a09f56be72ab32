using System.Globalization;
using FastRecurrent.Onnx.Proto;
using FastRecurrent.Tests.Formats;
using static FastRecurrent.Tests.Onnx.OnnxModels;

namespace FastRecurrent.Tests.Onnx;

/// <summary>
/// Writes graphs as the exporters of Keras do (tf2onnx, keras2onnx): batch-major outside, time-major inside, axes as attributes before
/// operator set 13 and as inputs from then on, weights taken from a file in Keras's layout.
/// </summary>
internal sealed class KerasGraph
{
    private readonly List<NodeProto> _nodes = [];
    private readonly Dictionary<string, TestTensor> _stored = [];
    private readonly Dictionary<string, Tensor> _weights;
    private readonly int _opset;

    /// <param name="opset">The operator set.</param>
    /// <param name="parameters">The network's weights.</param>
    /// <param name="names">Keras's name of each layer that has weights.</param>
    public KerasGraph(int opset, ParameterSet parameters, params string[] names)
    {
        _opset = opset;
        using TemporaryFolder folder = new();
        KerasWeights.Save(folder["keras"], parameters, new WeightOptions { Modules = names });
        using SafeTensors file = SafeTensors.Open(folder["keras"]);
        _weights = file.Names.ToDictionary(name => name, file.Read);
    }

    public ModelProto Build(string output, params long?[] shape)
    {
        ModelProto model = Model(_opset, [.. _nodes]).Input("x", shape).Output(output);
        foreach ((string name, TestTensor tensor) in _stored)
        {
            model.With(name, tensor);
        }

        return model;
    }

    /// <summary>A node with one output, whose name is returned.</summary>
    public string Add(string operation, string[] inputs, params AttributeProto[] attributes) => AddNode(operation, inputs, 1, attributes)[0];

    public string[] AddNode(string operation, string[] inputs, int outputs, params AttributeProto[] attributes)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{operation}_{_nodes.Count}");
        string[] made = [.. Enumerable.Range(0, outputs).Select(output => outputs == 1 ? name : $"{name}:{output}")];
        NodeProto node = Node(operation, inputs, made, attributes);
        node.Name = name;
        _nodes.Add(node);
        return made;
    }

    public string Store(TestTensor tensor)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"stored_{_stored.Count}");
        _stored.Add(name, tensor);
        return name;
    }

    public string Integers(params long[] values) => Store(TestTensor.Integers([values.Length], values));

    public string Floats(params float[] values) => Store(new([values.Length], values));

    public string Transpose(string x, params long[] order) => Add("Transpose", [x], Ints("perm", order));

    public string Squeeze(string x, params long[] axes) => _opset >= 13 ? Add("Squeeze", [x, Integers(axes)]) : Add("Squeeze", [x], Ints("axes", axes));

    public string Unsqueeze(string x, params long[] axes) => _opset >= 13 ? Add("Unsqueeze", [x, Integers(axes)]) : Add("Unsqueeze", [x], Ints("axes", axes));

    public string Slice(string x, long start, long end, long axis, long step = 1) => _opset >= 10
        ? Add("Slice", [x, Integers(start), Integers(end), Integers(axis), Integers(step)])
        : Add("Slice", [x], Ints("starts", start), Ints("ends", end), Ints("axes", axis));

    /// <summary>The number of rows, [1], as the exporters compute it from the input [N, T, I].</summary>
    public string Rows() => Slice(Add("Shape", ["x"]), 0, 1, 0);

    /// <summary>Zero states [directions, N, H], made from the input's shape.</summary>
    public string ZeroState(int hidden, int directions, bool expands)
    {
        string shape = Add("Concat", [Integers(directions), Rows(), Integers(hidden)], Int("axis", 0));
        return expands ? Add("Expand", [Store(new([1, 1, 1], [0])), shape]) : Add("ConstantOfShape", [shape]);
    }

    /// <summary>Steps and rows in time-major order; the outputs Y [T, D, N, H] and Y_h [D, N, H].</summary>
    public string[] Recurrent(string x, RecurrentCell cell, string state, params string[] names)
    {
        string op = cell switch { LstmCell => "LSTM", GruCell => "GRU", _ => "RNN" };
        int gates = cell.GateCount * cell.HiddenSize, inputs = _weights[$"{names[0]}/kernel"].Shape[0], directions = names.Length;
        string w = Store(new([directions, gates, inputs], [.. names.SelectMany(name => Turned(cell, $"{name}/kernel"))]));
        string r = Store(new([directions, gates, cell.HiddenSize], [.. names.SelectMany(name => Turned(cell, $"{name}/recurrent_kernel"))]));
        string b = Store(new([directions, 2 * gates], [.. names.SelectMany(name => Bias(cell, $"{name}/bias"))]));
        List<AttributeProto> attributes = [Int("hidden_size", cell.HiddenSize), Text("direction", directions == 2 ? "bidirectional" : "forward")];
        if (cell is GruCell gru)
        {
            attributes.Add(Int("linear_before_reset", gru.ResetAfter ? 1 : 0));
        }

        string[] states = state.Length == 0 ? [] : op == "LSTM" ? ["", state, state] : ["", state];
        return AddNode(op, [x, w, r, b, .. states], op == "LSTM" ? 3 : 2, [.. attributes]);
    }

    /// <summary>Reverses the steps of [T, N, F], or of [N, T, F], with lengths computed from the input.</summary>
    public string ReverseSteps(string x, bool isBatchMajor)
    {
        string steps = Add("Slice", [Add("Shape", ["x"]), Integers(1), Integers(2), Integers(0), Integers(1)]);
        return Add("ReverseSequence", [x, Add("Expand", [steps, Rows()])], Int("time_axis", isBatchMajor ? 1 : 0), Int("batch_axis", isBatchMajor ? 0 : 1));
    }

    public string Dense(string x, string name) => Add("Add", [Add("MatMul", [x, Stored($"{name}/kernel")]), Stored($"{name}/bias")]);

    /// <summary>Dense on every step of [N, T, F] as TimeDistributed is written: steps as rows, and back.</summary>
    public string TimeDistributed(string x, string name)
    {
        Tensor kernel = _weights[$"{name}/kernel"];
        string outer = Slice(Add("Shape", [x]), 0, 2, 0);
        string rows = Add("Reshape", [x, Integers(-1, kernel.Shape[0])]);
        return Add("Reshape", [Dense(rows, name), Add("Concat", [outer, Integers(kernel.Shape[1])], Int("axis", 0))]);
    }

    /// <summary>Batch normalization folded to one product and one sum of the features.</summary>
    public string FoldedBatchNorm(string x, string name, float epsilon)
    {
        float[] Values(string part) => [.. _weights[$"{name}/{part}"].Values];
        float[] scale = [.. Values("gamma").Zip(Values("moving_variance"), (gamma, variance) => gamma / MathF.Sqrt(variance + epsilon))];
        float[] shift = [.. Values("beta").Zip(Values("moving_mean").Zip(scale, (mean, factor) => mean * factor), (beta, mean) => beta - mean)];
        return Add("Add", [Add("Mul", [x, Floats(scale)]), Floats(shift)]);
    }

    public string Stored(string name) => Store(new([.. _weights[name].Shape], [.. _weights[name].Values]));

    // Keras [inputs, gates i f c o or z r h] to ONNX [gates i o f c or z r h, inputs].
    private float[] Turned(RecurrentCell cell, string name)
    {
        Tensor kernel = _weights[name];
        (int rows, int columns) = (kernel.Shape[0], kernel.Shape[1]);
        float[] turned = [.. Enumerable.Range(0, columns).SelectMany(gate => Enumerable.Range(0, rows).Select(input => kernel.Values[(input * columns) + gate]))];
        return Ordered(cell, turned);
    }

    private float[] Bias(RecurrentCell cell, string name)
    {
        float[] values = [.. _weights[name].Values];
        int gates = cell.GateCount * cell.HiddenSize;
        return values.Length == 2 * gates ? [.. Ordered(cell, values[..gates]), .. Ordered(cell, values[gates..])] : [.. Ordered(cell, values), .. new float[gates]];
    }

    private static float[] Ordered(RecurrentCell cell, float[] rows)
    {
        int block = rows.Length / cell.GateCount;
        int[] order = cell is LstmCell ? [0, 3, 1, 2] : [.. Enumerable.Range(0, cell.GateCount)];
        return [.. order.SelectMany(gate => rows.AsSpan(gate * block, block).ToArray())];
    }
}
