using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Export;

/// <summary>
/// A recurrent layer as a Scan from zero states, its equations as the body: for what ONNX's RNN, GRU and LSTM have no attribute (norms
/// within the step, a bound on c, projection, zoneout, directions of different cells). Both directions are one Scan with states and steps of
/// their own. The body says in its documentation which layer it is, see <see cref="LayerText"/>.
/// </summary>
internal sealed class ScanExport(GraphBuilder graph, ParameterSet parameters, RecurrentLayer layer, int index, int inputSize)
{
    private const string Batch = "batch";

    // Matrices of products, which stand on the right of a MatMul: [columns, rows] of the parameter.
    private static readonly string[] Transposed = ["weight_ih", "weight_hh", "weight_hr"];

    /// <summary>Each direction's cell and the suffix of its parameters.</summary>
    public static (RecurrentCell Cell, string Suffix)[] DirectionsOf(RecurrentLayer layer) => layer.Direction == Direction.Bidirectional
        ? [(layer.Cell, ""), (layer.ReverseCell ?? layer.Cell, "_reverse")]
        : [(layer.Cell, "")];

    /// <summary>Whether each direction runs from the last step to the first: 1, else 0.</summary>
    public static long[] StepOrder(RecurrentLayer layer) => layer.Direction switch
    {
        Direction.Forward => [0],
        Direction.Reverse => [1],
        _ => [0, 1],
    };

    public static bool IsTransposed(string parameter) => Transposed.Contains(parameter.Replace("_reverse", "", StringComparison.Ordinal));

    /// <summary>From x [T, N, I] to the layer's output [T, N, O], or its final state [N, O].</summary>
    public string Write(string x, bool isFinalState)
    {
        (RecurrentCell Cell, string Suffix)[] directions = DirectionsOf(layer);
        string shape = graph.Node("Shape", [x]);
        string rows = graph.Node("Gather", [shape, graph.Integers(1)], Attribute.Int("axis", 0));
        string[] states = [.. directions.SelectMany(one => StateSizes(one.Cell)).Select(size => Zeros(rows, size))];
        long[] order = StepOrder(layer);
        string[] outputs = graph.Node(
            "Scan",
            [.. states, .. directions.Select(_ => x)],
            [
                Attribute.Graph("body", Body($"layer{index}")),
                Attribute.Int("num_scan_inputs", directions.Length),
                Attribute.Ints("scan_input_directions", order),
                Attribute.Ints("scan_output_directions", order),
            ],
            states.Length + directions.Length);

        int statesOfFirst = StateSizes(layer.Cell).Length;
        string[] results = isFinalState ? [.. new[] { outputs[0] }, .. directions.Skip(1).Select(_ => outputs[statesOfFirst])] : outputs[states.Length..];
        if (results.Length == 1)
        {
            return results[0];
        }

        if (directions[0].Cell.OutputSize != directions[1].Cell.OutputSize)
        {
            return graph.Node("Concat", results, Attribute.Int("axis", -1));
        }

        // In the form of Y [T, 2, N, H] and Y_h [2, N, H], directions merge as those of one node do.
        int axis = isFinalState ? 0 : 1;
        string both = graph.Node("Concat", [.. results.Select(result => graph.Node("Unsqueeze", [result, graph.Integers(axis)]))], Attribute.Int("axis", axis));
        return Directions.Merge(graph, layer.Merge, both, isFinalState);
    }

    /// <summary>The layer's step: all states and x of each direction to all next states and y of each direction. Every name in it begins with its own.</summary>
    public GraphProto Body(string name)
    {
        string prefix = $"{name}.";
        GraphBuilder body = new(graph.Opset, prefix);
        body.Graph.Name = name;
        body.Graph.Documentation = LayerText.Write(layer);
        List<ValueInfoProto> states = [], inputs = [], nextStates = [], outputs = [];
        foreach ((RecurrentCell cell, string suffix) in DirectionsOf(layer))
        {
            int[] sizes = StateSizes(cell);
            string h = Declare(states, $"{prefix}h{suffix}", sizes[0]);
            string? c = cell.HasCellState ? Declare(states, $"{prefix}c{suffix}", sizes[1]) : null;
            string x = Declare(inputs, $"{prefix}x{suffix}", inputSize);
            Dictionary<string, string> stored = [];
            (string hidden, string? memory) = new CellBody(body, parameter => Stored(body, stored, parameter, suffix), cell).Step(x, h, c);
            hidden = ZoneOut(body, h, hidden, layer.HiddenZoneout);
            Give(body, nextStates, hidden, $"{prefix}next_h{suffix}", sizes[0]);
            if (memory is not null)
            {
                Give(body, nextStates, ZoneOut(body, c!, memory, layer.CellZoneout), $"{prefix}next_c{suffix}", sizes[1]);
            }

            Give(body, outputs, hidden, $"{prefix}y{suffix}", sizes[0]);
        }

        body.Graph.Inputs.AddRange([.. states, .. inputs]);
        body.Graph.Outputs.AddRange([.. nextStates, .. outputs]);
        return body.Graph;
    }

    /// <summary>R and, where there is c, H.</summary>
    private static int[] StateSizes(RecurrentCell cell) => cell.HasCellState ? [cell.OutputSize, cell.HiddenSize] : [cell.OutputSize];

    private string Zeros(string rows, int size) =>
        graph.Node("ConstantOfShape", [graph.Node("Concat", [rows, graph.Integers(size)], Attribute.Int("axis", 0))]);

    private string Stored(GraphBuilder body, Dictionary<string, string> stored, string name, string suffix)
    {
        if (stored.TryGetValue(name, out string? known))
        {
            return known;
        }

        string parameter = $"{index}.{name}{suffix}";
        (int rows, int columns) = parameters.Shape(parameter);
        float[] values = parameters[parameter].ToArray();
        return stored[name] = IsTransposed(name) ? body.Floats(name + suffix, MatMulOperator.Dense(values, rows, columns), columns, rows)
            : rows == 1 ? body.Floats(name + suffix, values, values.Length)
            : body.Floats(name + suffix, values, rows, columns);
    }

    /// <summary>The expectation: d * old + (1 - d) * fresh.</summary>
    private static string ZoneOut(GraphBuilder body, string old, string fresh, float d) => d == 0
        ? fresh
        : body.Add(body.Multiply(old, body.Float(d)), body.Multiply(fresh, body.Float(1 - d)));

    private static string Declare(List<ValueInfoProto> values, string name, int size)
    {
        values.Add(new ValueInfoProto { Name = name, Type = TensorDataType.Float, IsTensor = true, Shape = [(null, Batch), (size, "")] });
        return name;
    }

    private static void Give(GraphBuilder body, List<ValueInfoProto> outputs, string value, string name, int size)
    {
        body.Node("Identity", [value]);
        body.Graph.Nodes[^1].Outputs[0] = Declare(outputs, name, size);
    }
}
