using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>The inputs of RNN, GRU and LSTM, by position.</summary>
internal enum RecurrentInput
{
    X,
    W,
    R,
    B,
    SequenceLengths,
    InitialHidden,
    InitialCell,
    Peepholes,
}

/// <summary>
/// RNN, GRU and LSTM of operator sets 1, 3, 7, 14 and 22 as one layer of the engine: X [T, N, I], W [D, G*H, I], R [D, G*H, H],
/// B [D, 2*G*H], P [D, 3*H], Y [T, D, N, H], states [D, N, H]; with layout 1 X [N, T, I], Y [N, T, D, H], states [N, D, H].
/// </summary>
internal sealed class RecurrentOperator : Operator
{
    private readonly NodeInfo _node;
    private readonly long? _hiddenSize;
    private readonly float _clip;
    private readonly bool _couples;
    private readonly bool _resetsAfter;
    private readonly Activation[][] _functions;

    public RecurrentOperator(OperatorSource source)
    {
        _node = source.Node;
        Attributes attributes = source.Attributes;
        string direction = attributes.Text("direction") ?? "forward";
        Direction = direction switch
        {
            "forward" => Direction.Forward,
            "reverse" => Direction.Reverse,
            "bidirectional" => Direction.Bidirectional,
            _ => throw _node.RefuseAttribute("direction", $"is {NodeInfo.Quote(direction)}; wanted forward, reverse or bidirectional."),
        };
        _hiddenSize = attributes.Has("hidden_size") ? attributes.Int("hidden_size", 0) : null;
        _clip = attributes.Has("clip") ? attributes.Float("clip", 0) : 0;
        if (_clip < 0)
        {
            throw _node.RefuseAttribute("clip", $"is {_clip}; wanted a threshold above 0.");
        }

        IsBatchMajor = source.Opset >= 14 && attributes.Flag("layout", false);
        _couples = _node.OpType == "LSTM" && attributes.Flag("input_forget", false);
        _resetsAfter = _node.OpType == "GRU" && source.Opset >= 3 && attributes.Flag("linear_before_reset", false);
        if (source.Opset < 7)
        {
            // It said that Y is optional, which since then the name of the output says.
            attributes.Flag("output_sequence", false);
        }

        _functions = RecurrentActivations.Read(source, Directions, _node.OpType switch
        {
            "LSTM" => [Activation.Sigmoid, Activation.Tanh, Activation.Tanh],
            "GRU" => [Activation.Sigmoid, Activation.Tanh],
            _ => [Activation.Tanh],
        });
    }

    public Direction Direction { get; }

    public int Directions => Direction == Direction.Bidirectional ? 2 : 1;

    public bool IsBatchMajor { get; }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0);
        if (x.Shape.Length != 3)
        {
            throw _node.Refuse($"input X is {x}; wanted three axes.");
        }

        (int time, int batch, int inputs) = IsBatchMajor ? (x.Shape[1], x.Shape[0], x.Shape[2]) : (x.Shape[0], x.Shape[1], x.Shape[2]);
        if (x.Count == 0)
        {
            throw _node.Refuse($"input X is {x}; wanted at least one step, row and feature.");
        }

        int hidden = CheckedHiddenSize(node, inputs);
        int[] state = IsBatchMajor ? [batch, Directions, hidden] : [Directions, batch, hidden];
        OnnxTensor? lengths = node.Optional((int)RecurrentInput.SequenceLengths);
        if (lengths is not null && (lengths.IsFloat || !lengths.Shape.AsSpan().SequenceEqual([batch])))
        {
            throw _node.Refuse($"input sequence_lens is {lengths}; wanted integers [{batch}].");
        }

        RequireShape(node, RecurrentInput.InitialHidden, "initial_h", state);
        RequireShape(node, RecurrentInput.InitialCell, "initial_c", state);
        int[] sequence = IsBatchMajor ? [batch, time, Directions, hidden] : [time, Directions, batch, hidden];
        node.Output(0, OnnxElementType.Float32, sequence);
        for (int output = 1; output < node.Outputs.Length; output++)
        {
            node.Output(output, OnnxElementType.Float32, state);
        }

        node.Run(execution => new RecurrentStep(this, node, execution, time, batch).Run);
    }

    /// <summary>The engine's layer for the node, with the parameters that are there.</summary>
    public RecurrentLayer Layer(PlannedNode node)
    {
        RecurrentCell[] cells = [.. Enumerable.Range(0, Directions).Select(d => Cell(node, _functions[d]))];
        return new RecurrentLayer(cells[0], Direction) { ReverseCell = cells[^1] == cells[0] ? null : cells[^1] };
    }

    /// <summary>Copies the node's weights, as they are now, to the parameters of a layer.</summary>
    /// <param name="node">This operator's node.</param>
    /// <param name="parameters">Where they go.</param>
    /// <param name="layer">The layer's index.</param>
    /// <param name="isSecond">Whether this node's one direction is the second one of the layer.</param>
    public void Fill(PlannedNode node, ParameterSet parameters, int layer, bool isSecond = false)
    {
        RecurrentLayer definition = (RecurrentLayer)parameters.Definition.Layers[layer];
        RecurrentCell cell = isSecond ? definition.ReverseCell ?? definition.Cell : definition.Cell;
        for (int d = 0; d < Directions; d++)
        {
            string suffix = d == 1 || isSecond ? "_reverse" : "";
            GateBlocks.ToEngine(cell, Part(node, RecurrentInput.W, d), parameters[$"{layer}.weight_ih{suffix}"]);
            GateBlocks.ToEngine(cell, Part(node, RecurrentInput.R, d), parameters[$"{layer}.weight_hh{suffix}"]);
            if (cell.Bias)
            {
                ReadOnlySpan<float> both = Part(node, RecurrentInput.B, d);
                GateBlocks.ToEngine(cell, both[..(both.Length / 2)], parameters[$"{layer}.bias_ih{suffix}"]);
                GateBlocks.ToEngine(cell, both[(both.Length / 2)..], parameters[$"{layer}.bias_hh{suffix}"]);
            }

            if (cell is LstmCell { Peepholes: true } lstm)
            {
                GateBlocks.PeepholesToEngine(lstm, Part(node, RecurrentInput.Peepholes, d), parameters[$"{layer}.peephole{suffix}"]);
            }
        }
    }

    private RecurrentCell Cell(PlannedNode node, Activation[] functions)
    {
        int hidden = node.Input((int)RecurrentInput.R).Shape[2];
        RecurrentCell cell = _node.OpType switch
        {
            "LSTM" => new LstmCell(hidden)
            {
                GateActivation = functions[0],
                CandidateActivation = functions[1],
                OutputActivation = functions[2],
                CoupledInputForget = _couples,
                Peepholes = node.Optional((int)RecurrentInput.Peepholes) is not null,
            },
            "GRU" => new GruCell(hidden) { GateActivation = functions[0], CandidateActivation = functions[1], ResetAfter = _resetsAfter },
            _ => new SimpleRnnCell(hidden) { Activation = functions[0] },
        };
        return cell with { Bias = node.Optional((int)RecurrentInput.B) is not null, GateClip = _clip };
    }

    private int CheckedHiddenSize(PlannedNode node, int inputs)
    {
        OnnxTensor r = node.FloatInput((int)RecurrentInput.R);
        int hidden = r.Shape.Length == 3 && r.Shape[2] > 0 ? r.Shape[2] : throw _node.Refuse($"input R is {r}; wanted [directions, "
            + "gates * hidden_size, hidden_size].");
        if (_hiddenSize is { } declared && declared != hidden)
        {
            throw _node.RefuseAttribute("hidden_size", $"is {declared}, but input R is {r}.");
        }

        int gates = _node.OpType switch { "LSTM" => 4, "GRU" => 3, _ => 1 };
        int rows = checked(gates * hidden);
        RequireShape(node, RecurrentInput.W, "W", [Directions, rows, inputs]);
        RequireShape(node, RecurrentInput.R, "R", [Directions, rows, hidden]);
        RequireShape(node, RecurrentInput.B, "B", [Directions, checked(2 * rows)]);
        RequireShape(node, RecurrentInput.Peepholes, "P", [Directions, checked(3 * hidden)]);
        return hidden;
    }

    private void RequireShape(PlannedNode node, RecurrentInput input, string name, int[] shape)
    {
        OnnxTensor? tensor = node.Optional((int)input);
        if (tensor is not null && !(tensor.IsFloat && tensor.Shape.AsSpan().SequenceEqual(shape)))
        {
            throw _node.Refuse($"input {name} is {tensor}; wanted Float32 {Shapes.Text(shape)}.");
        }
    }

    private ReadOnlySpan<float> Part(PlannedNode node, RecurrentInput input, int direction)
    {
        ReadOnlySpan<float> values = node.Input((int)input).FloatValues;
        int size = values.Length / Directions;
        return values.Slice(direction * size, size);
    }
}
