using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Export;

/// <summary>A recurrent layer as one node of ONNX's RNN, GRU or LSTM where they can express it, else as a Scan over its equations.</summary>
internal sealed class RecurrentExport(GraphBuilder graph, ParameterSet parameters, RecurrentLayer layer, int index, int inputSize)
{
    /// <summary>From x [T, N, I] to the layer's output [T, N, O], or its final state [N, O].</summary>
    public string Write(string x, bool isFinalState)
    {
        if (!IsOneNode())
        {
            return new ScanExport(graph, parameters, layer, index, inputSize).Write(x, isFinalState);
        }

        if (layer.Direction == Direction.Bidirectional)
        {
            string both = WriteNode(x, "bidirectional", isFinalState, (layer.Cell, ""), (layer.ReverseCell ?? layer.Cell, "_reverse"));
            return Directions.Merge(graph, layer.Merge, both, isFinalState);
        }

        string only = WriteNode(x, layer.Direction == Direction.Forward ? "forward" : "reverse", isFinalState, (layer.Cell, ""));
        return graph.Squeeze(only, isFinalState ? 0 : 1);
    }

    /// <summary>Whether the operators have an attribute or input for everything that the layer does, and one set of attributes for both directions.</summary>
    private bool IsOneNode() => layer is { HiddenZoneout: 0, CellZoneout: 0 }
        && layer.Cell is LstmCell { CellClip: 0, ProjectionSize: 0 } or GruCell or SimpleRnnCell
        && (layer.ReverseCell is not { } reverse || WithoutActivations(layer.Cell) == WithoutActivations(reverse));

    private static RecurrentCell WithoutActivations(RecurrentCell cell) => cell switch
    {
        LstmCell lstm => lstm with { GateActivation = default, CandidateActivation = default, OutputActivation = default },
        GruCell gru => gru with { GateActivation = default, CandidateActivation = default },
        SimpleRnnCell rnn => rnn with { Activation = default },
        _ => cell,
    };

    /// <summary>One node of one or two directions; its output Y [T, D, N, H] or Y_h [D, N, H].</summary>
    private string WriteNode(string x, string direction, bool isFinalState, params (RecurrentCell Cell, string Suffix)[] directions)
    {
        RecurrentCell cell = directions[0].Cell;
        long blocks = GateBlocks.Count(cell), hidden = cell.HiddenSize, rows = blocks * hidden, count = directions.Length;
        string name = $"{index}{directions[0].Suffix}";
        List<string> inputs =
        [
            x,
            graph.Floats(
                $"{name}.W", All(directions, rows * inputSize, (one, to) => GateBlocks.FromEngine(one.Cell, Value("weight_ih", one.Suffix), to)),
                count, rows, inputSize),
            graph.Floats(
                $"{name}.R", All(directions, rows * hidden, (one, to) => GateBlocks.FromEngine(one.Cell, Value("weight_hh", one.Suffix), to)),
                count, rows, hidden),
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
        float[] alphas = [.. functions.Where(TakesAlpha).Select(function => function.Alpha)];
        float[] betas = [.. functions.Where(TakesBeta).Select(function => function.Beta)];
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
        is ActivationKind.Affine or ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu or ActivationKind.ScaledTanh
            or ActivationKind.HardSigmoid or ActivationKind.Elu;

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
}
