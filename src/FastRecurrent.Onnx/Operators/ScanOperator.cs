using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Operators;

/// <summary>
/// Scan (operator sets 9 on): a graph, the body, once for each index of an axis. From N states and M scanned inputs to the N last states and
/// K scanned outputs: (state', y[t]) = body(state, x[t]). Each input and output has its own axis and may run from the end to the start.
/// </summary>
internal sealed class ScanOperator : Operator
{
    // Before it, the operator had an axis of rows and lengths.
    private const int FirstOpset = 9;

    private readonly NodeInfo _node;
    private readonly Graph _graph;
    private readonly long[] _inputAxes;
    private readonly long[] _outputAxes;

    public ScanOperator(OperatorSource source)
    {
        _node = source.Node;
        if (source.Opset < FirstOpset)
        {
            throw _node.Refuse($"the operator of set {source.Opset} takes lengths, which is not read; export with operator set {FirstOpset} or above.");
        }

        Body = source.Attributes.Graph("body") ?? throw _node.RefuseAttribute("body", "is missing.");
        if (Body.Nodes.Any(node => node.Attributes.Any(attribute => attribute.Type == AttributeType.Graph)))
        {
            throw _node.RefuseAttribute("body", "holds a node with a graph of its own; one level of them is read.");
        }

        try
        {
            _graph = new Graph(Body, source.Opset, source.Options, _node.Captured);
        }
        catch (ModelFormatException error)
        {
            throw _node.RefuseAttribute("body", $"cannot be used. {error.Message}", error);
        }

        int inputs = _node.Inputs.Length - _node.Captured.Length;
        long scanned = source.Attributes.Int("num_scan_inputs", 0);
        if (scanned < 1 || scanned > inputs)
        {
            throw _node.RefuseAttribute("num_scan_inputs", $"is {scanned}; wanted 1 to the node's {inputs} inputs.");
        }

        Scanned = (int)scanned;
        States = inputs - Scanned;
        if (_graph.Inputs.Length != inputs || _graph.Outputs.Length != _node.Outputs.Length || _node.Outputs.Length < States)
        {
            throw _node.RefuseAttribute("body", $"takes {_graph.Inputs.Length} inputs and gives {_graph.Outputs.Length} outputs; "
                + $"the node has {inputs} and {_node.Outputs.Length}, {States} of them states.");
        }

        int outputs = _node.Outputs.Length - States;
        InputIsReverse = Flags(source.Attributes, "scan_input_directions", Scanned);
        OutputIsReverse = Flags(source.Attributes, "scan_output_directions", outputs);
        _inputAxes = List(source.Attributes, "scan_input_axes", Scanned);
        _outputAxes = List(source.Attributes, "scan_output_axes", outputs);
    }

    /// <summary>As the file has it.</summary>
    public GraphProto Body { get; }

    /// <summary>The number of states.</summary>
    public int States { get; }

    /// <summary>The number of inputs that are taken apart.</summary>
    public int Scanned { get; }

    public bool[] InputIsReverse { get; }

    public bool[] OutputIsReverse { get; }

    /// <summary>Whether every axis is the first, so that step t is x[t] and y[t].</summary>
    public bool IsTimeMajor => !_inputAxes.AsSpan().ContainsAnyExcept(0) && !_outputAxes.AsSpan().ContainsAnyExcept(0);

    public override long ParameterCount => _graph.ParameterCount;

    // A body over a long constant would be work without a bound while a file is loaded.
    public override bool FoldsConstants => false;

    public override void Plan(PlannedNode node)
    {
        Dictionary<string, OnnxTensor> values = [];
        for (int i = 0; i < _node.Captured.Length; i++)
        {
            values.Add(_node.Captured[i], node.Input(States + Scanned + i));
        }

        OnnxTensor[] states = new OnnxTensor[States];
        for (int i = 0; i < States; i++)
        {
            OnnxTensor initial = node.Input(i);
            states[i] = node.Budget.Allocate(initial.Type, [.. initial.Shape], _node);
            values.Add(_graph.Inputs[i].Name, states[i]);
        }

        int? steps = null;
        ScanSlice[] inputs = new ScanSlice[Scanned];
        for (int i = 0; i < Scanned; i++)
        {
            OnnxTensor whole = node.Input(States + i);
            int axis = whole.Shape.Length == 0
                ? throw _node.Refuse($"input {States + i} is {whole}, which has no axis to scan.")
                : Axis(_inputAxes[i], whole.Shape.Length, _node, "scan_input_axes");
            steps ??= whole.Shape[axis];
            if (steps != whole.Shape[axis])
            {
                throw _node.Refuse($"input {States + i} is {whole} with {whole.Shape[axis]} steps; the first scanned input has {steps}.");
            }

            OnnxTensor part = node.Budget.Allocate(whole.Type, [.. whole.Shape.RemoveAt(axis)], _node);
            values.Add(_graph.Inputs[States + i].Name, part);
            inputs[i] = new ScanSlice(whole, part, axis, InputIsReverse[i]);
        }

        Plan plan = _graph.Plan(values, node.Budget);
        OnnxTensor[] next = [.. _graph.Outputs.Take(States).Select(output => plan[output.Name])];
        for (int i = 0; i < States; i++)
        {
            if (next[i].Type != states[i].Type || !next[i].Shape.AsSpan().SequenceEqual(states[i].Shape.AsSpan()))
            {
                throw _node.RefuseAttribute("body", $"makes of state {i}, {states[i]}, the next one as {next[i]}.");
            }

            node.Output(i, states[i].Type, [.. states[i].Shape]);
        }

        ScanSlice[] outputs = new ScanSlice[OutputIsReverse.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            OnnxTensor part = plan[_graph.Outputs[States + i].Name];
            int axis = Axis(_outputAxes[i], part.Shape.Length + 1, _node, "scan_output_axes");
            OnnxTensor whole = node.Output(States + i, part.Type, [.. part.Shape.Insert(axis, steps!.Value)]);
            outputs[i] = new ScanSlice(whole, part, axis, OutputIsReverse[i]);
        }

        node.Run(execution =>
        {
            Action[] body = [.. plan.Nodes.Select(planned => planned.Compile(execution)).OfType<Action>()];
            return new ScanLoop(steps!.Value, inputs, outputs, body)
            {
                Initial = [.. Enumerable.Range(0, States).Select(node.Input)],
                States = states,
                Next = next,
                Final = [.. node.Outputs.Take(States).Select(output => output!)],
            }.Run;
        });
    }

    private bool[] Flags(Attributes attributes, string name, int count) =>
        [.. List(attributes, name, count).Select(value => value is 0 or 1 ? value == 1 : throw _node.RefuseAttribute(name, $"holds {value}; wanted 0 or 1."))];

    private long[] List(Attributes attributes, string name, int count)
    {
        long[] values = attributes.Ints(name) ?? new long[count];
        return values.Length == count ? values : throw _node.RefuseAttribute(name, $"has {values.Length} values; wanted {count}.");
    }
}
