using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Export;

/// <summary>
/// A recurrent layer as one node, or, where its directions differ in more than their activations or are projected, as a node
/// for each direction.
/// </summary>
internal sealed class RecurrentExport(GraphBuilder graph, ParameterSet parameters, RecurrentLayer layer, int index, int inputSize)
{
    /// <summary>From x [T, N, I] to the layer's output [T, N, O], or its final state [N, O].</summary>
    public string Write(string x, bool isFinalState)
    {
        RecurrentCell reverse = layer.ReverseCell ?? layer.Cell;
        if (layer.HiddenZoneout > 0 || layer.CellZoneout > 0)
        {
            throw new ArgumentException($"Layer {index} keeps a part of its old state at every step (zoneout), for which ONNX has no attribute; the model cannot be written as ONNX.", nameof(x));
        }

        RequireExpressible(layer.Cell);
        RequireExpressible(reverse);
        if (layer.Direction != Direction.Bidirectional)
        {
            string only = WriteNode(x, layer.Direction == Direction.Forward ? "forward" : "reverse", isFinalState, (layer.Cell, ""));
            return Project(graph.Squeeze(only, isFinalState ? 0 : 1), layer.Cell, "");
        }

        bool isOneNode = WithoutActivations(layer.Cell) == WithoutActivations(reverse) && Projection(layer.Cell) == 0;
        if (isOneNode)
        {
            return Merged(WriteNode(x, "bidirectional", isFinalState, (layer.Cell, ""), (reverse, "_reverse")), isFinalState);
        }

        int axis = isFinalState ? 0 : 1;
        string first = Project(graph.Squeeze(WriteNode(x, "forward", isFinalState, (layer.Cell, "")), axis), layer.Cell, "");
        string second = Project(graph.Squeeze(WriteNode(x, "reverse", isFinalState, (reverse, "_reverse")), axis), reverse, "_reverse");
        return layer.Merge switch
        {
            Merge.Sum => graph.Node("Add", [first, second]),
            Merge.Multiply => graph.Node("Mul", [first, second]),
            Merge.Average => graph.Node("Mul", [graph.Node("Add", [first, second]), graph.Float(0.5f)]),
            _ => graph.Node("Concat", [first, second], Attribute.Int("axis", -1)),
        };
    }

    private static int Projection(RecurrentCell cell) => cell is LstmCell lstm ? lstm.ProjectionSize : 0;

    private static RecurrentCell WithoutActivations(RecurrentCell cell) => cell switch
    {
        LstmCell lstm => lstm with { GateActivation = default, CandidateActivation = default, OutputActivation = default },
        GruCell gru => gru with { GateActivation = default, CandidateActivation = default },
        SimpleRnnCell rnn => rnn with { Activation = default },
        _ => cell,
    };

    private void RequireExpressible(RecurrentCell cell)
    {
        string? why = cell switch
        {
            LstmCell { CellClip: > 0 } => "clamps its cell state (CellClip), for which ONNX's LSTM has no attribute",
            LstmCell or GruCell or SimpleRnnCell => null,
            _ => "is no cell of ONNX's RNN, GRU or LSTM",
        };
        if (why is not null)
        {
            throw new ArgumentException($"Layer {index} ({cell.GetType().Name}) {why}; the model cannot be written as ONNX.", nameof(cell));
        }
    }

    /// <summary>One node of one or two directions; its output Y [T, D, N, H] or Y_h [D, N, H].</summary>
    private string WriteNode(string x, string direction, bool isFinalState, params (RecurrentCell Cell, string Suffix)[] directions)
    {
        RecurrentCell cell = directions[0].Cell;
        long blocks = GateBlocks.Count(cell), hidden = cell.HiddenSize, rows = blocks * hidden, count = directions.Length;
        string name = $"{index}{directions[0].Suffix}";
        List<string> inputs =
        [
            x,
            graph.Floats($"{name}.W", All(directions, rows * inputSize, (one, to) => GateBlocks.FromEngine(one.Cell, Value("weight_ih", one.Suffix), to)), count, rows, inputSize),
            graph.Floats($"{name}.R", All(directions, rows * hidden, (one, to) => GateBlocks.FromEngine(one.Cell, Recurrent(one.Cell, one.Suffix), to)), count, rows, hidden),
        ];
        if (cell.Bias)
        {
            inputs.Add(graph.Floats($"{name}.B", All(directions, 2 * rows, (one, to) =>
            {
                GateBlocks.FromEngine(one.Cell, Value("bias_ih", one.Suffix), to[..(to.Length / 2)]);
                GateBlocks.FromEngine(one.Cell, Value("bias_hh", one.Suffix), to[(to.Length / 2)..]);
            }), count, 2 * rows));
        }

        if (cell is LstmCell { Peepholes: true })
        {
            // Between B and P stand sequence_lens, initial_h and initial_c.
            inputs.AddRange(Enumerable.Repeat("", (int)RecurrentInput.Peepholes - inputs.Count));
            inputs.Add(graph.Floats($"{name}.P", All(directions, 3 * hidden, (one, to) =>
                GateBlocks.PeepholesFromEngine((LstmCell)one.Cell, Value("peephole", one.Suffix), to)), count, 3 * hidden));
        }

        string operation = cell switch { LstmCell => "LSTM", GruCell => "GRU", _ => "RNN" };
        string[] outputs = graph.Node(operation, [.. inputs], [.. Attributes(cell, direction, directions.Select(one => one.Cell))], outputs: 2);
        List<string> names = graph.Graph.Nodes[^1].Outputs;
        names[isFinalState ? 0 : 1] = "";
        return isFinalState ? outputs[1] : outputs[0];
    }

    private static IEnumerable<AttributeProto> Attributes(RecurrentCell cell, string direction, IEnumerable<RecurrentCell> cells)
    {
        Activation[] functions = [.. cells.SelectMany(one => one switch
        {
            LstmCell lstm => new[] { lstm.GateActivation, lstm.CandidateActivation, lstm.OutputActivation },
            GruCell gru => [gru.GateActivation, gru.CandidateActivation],
            SimpleRnnCell rnn => [rnn.Activation],
            _ => [],
        })];
        yield return Attribute.Int("hidden_size", cell.HiddenSize);
        yield return Attribute.Text("direction", direction);
        yield return Attribute.Texts("activations", functions.Select(function => function.Kind.ToString()));
        float[] alphas = [.. functions.Where(TakesAlpha).Select(function => function.Alpha)], betas = [.. functions.Where(TakesBeta).Select(function => function.Beta)];
        if (alphas.Length > 0)
        {
            yield return Attribute.Floats("activation_alpha", alphas);
        }

        if (betas.Length > 0)
        {
            yield return Attribute.Floats("activation_beta", betas);
        }

        if (cell.GateClip > 0)
        {
            yield return Attribute.Float("clip", cell.GateClip);
        }

        if (cell is LstmCell { CoupledInputForget: true })
        {
            yield return Attribute.Int("input_forget", 1);
        }

        if (cell is GruCell { ResetAfter: true })
        {
            yield return Attribute.Int("linear_before_reset", 1);
        }
    }

    private static bool TakesAlpha(Activation function) => function.Kind
        is ActivationKind.Affine or ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu or ActivationKind.ScaledTanh or ActivationKind.HardSigmoid or ActivationKind.Elu;

    private static bool TakesBeta(Activation function) => function.Kind is ActivationKind.Affine or ActivationKind.ScaledTanh or ActivationKind.HardSigmoid;

    private Span<float> Value(string parameter, string suffix) => parameters[$"{index}.{parameter}{suffix}"];

    private delegate void Filler((RecurrentCell Cell, string Suffix) direction, Span<float> to);

    /// <summary>The parts of all directions, one behind the other.</summary>
    private static float[] All((RecurrentCell Cell, string Suffix)[] directions, long size, Filler fill)
    {
        float[] values = new float[checked((int)(size * directions.Length))];
        for (int d = 0; d < directions.Length; d++)
        {
            fill(directions[d], values.AsSpan(d * (int)size, (int)size));
        }

        return values;
    }

    /// <summary>
    /// The recurrent weights [G*H, H]. With a projection h = W_hr m the node carries m [H] in place of h [P], so its weights are
    /// U W_hr, and W_hr follows the node.
    /// </summary>
    private float[] Recurrent(RecurrentCell cell, string suffix)
    {
        int projection = Projection(cell), hidden = cell.HiddenSize;
        Span<float> weight = Value("weight_hh", suffix);
        if (projection == 0)
        {
            return weight.ToArray();
        }

        Span<float> projecting = Value("weight_hr", suffix);
        float[] product = new float[cell.GateCount * hidden * hidden];
        for (int row = 0; row < cell.GateCount * hidden; row++)
        {
            for (int column = 0; column < hidden; column++)
            {
                double sum = 0;
                for (int p = 0; p < projection; p++)
                {
                    sum += (double)weight[(row * projection) + p] * projecting[(p * hidden) + column];
                }

                product[(row * hidden) + column] = (float)sum;
            }
        }

        return product;
    }

    private string Project(string x, RecurrentCell cell, string suffix)
    {
        int projection = Projection(cell);
        return projection == 0
            ? x
            : graph.Node("MatMul", [x, graph.Floats($"{index}{suffix}.projection", MatMulOperator.Dense(Value("weight_hr", suffix).ToArray(), projection, cell.HiddenSize), cell.HiddenSize, projection)]);
    }

    /// <summary>Y [T, 2, N, H] or Y_h [2, N, H] with its directions joined.</summary>
    private string Merged(string y, bool isFinalState)
    {
        string? reduction = layer.Merge switch
        {
            Merge.Sum => "ReduceSum",
            Merge.Multiply => "ReduceProd",
            Merge.Average => "ReduceMean",
            _ => null,
        };
        return reduction is not null ? graph.Reduce(reduction, y, isFinalState ? 0 : 1, keepsAxis: false)
            : isFinalState ? graph.Reshape(graph.Transpose(y, 1, 0, 2), 0, -1)
            : graph.Reshape(graph.Transpose(y, 0, 2, 1, 3), 0, 0, -1);
    }
}
