namespace FastRecurrent.Onnx.Graphs;

/// <summary>
/// A node with all its tensors known: what an operator plans on. Inputs are there with their shapes, and with their values
/// where those are constant; the operator adds its outputs and, unless they share their values with an input, what computes
/// them. The computation is made later, and only where it is run, because it may pack weights.
/// </summary>
internal sealed class PlannedNode(NodeInfo node, Operator @operator, OnnxTensor?[] inputs, ValueBudget budget)
{
    private Func<Execution, Action>? _compile;

    public NodeInfo Node => node;

    public Operator Operator => @operator;

    public OnnxTensor?[] Inputs => inputs;

    public OnnxTensor?[] Outputs { get; } = new OnnxTensor?[node.Outputs.Length];

    /// <summary>What is left of the values that may be made.</summary>
    public ValueBudget Budget => budget;

    public bool IsConstant => Array.TrueForAll(inputs, input => input is null || input.IsConstant);

    /// <summary>An input that must be there.</summary>
    public OnnxTensor Input(int index) => Optional(index) ?? throw node.Refuse($"input {index} is missing.");

    public OnnxTensor? Optional(int index) => index < inputs.Length ? inputs[index] : null;

    public OnnxTensor FloatInput(int index)
    {
        OnnxTensor input = Input(index);
        return input.IsFloat ? input : throw node.Refuse($"input {index} is {input}; wanted floats.");
    }

    /// <summary>Integers that must be known when the graph is planned, such as a shape or axes.</summary>
    public long[] Integers(int index, string what)
    {
        OnnxTensor input = Input(index);
        if (input.IsFloat)
        {
            throw node.Refuse($"input {index} ({what}) is {input}; wanted integers.");
        }

        return input.IsConstant
            ? input.IntegerArray
            : throw node.Refuse($"input {index} ({what}) depends on values that are known only when the model runs; it must follow from shapes and constants.");
    }

    /// <summary>Whether anybody may want an output.</summary>
    public bool Wants(int index) => index < node.Outputs.Length && node.Outputs[index].Length > 0;

    /// <summary>A new output with memory of its own.</summary>
    public OnnxTensor Output(int index, OnnxElementType type, int[] shape)
    {
        OnnxTensor output = budget.Allocate(type, shape, node);
        Set(index, output);
        return output;
    }

    /// <summary>An output that is an input under another shape.</summary>
    public void Alias(int index, OnnxTensor input, int[] shape)
    {
        if (Shapes.Count(shape) != input.Count)
        {
            throw node.Refuse($"{input} cannot take the shape {Shapes.Text(shape)}.");
        }

        Set(index, input.WithShape(shape));
    }

    public void Alias(int index, OnnxTensor input) => Alias(index, input, [.. input.Shape]);

    public void Run(Func<Execution, Action> compile) => _compile = compile;

    public void Run(Action run) => _compile = _ => run;

    /// <summary>What computes the outputs, or null where there is nothing to do.</summary>
    public Action? Compile(Execution execution) => _compile?.Invoke(execution);

    private void Set(int index, OnnxTensor output)
    {
        if (index < Outputs.Length)
        {
            Outputs[index] = output;
        }
    }
}

/// <summary>How many values may still be made; see <see cref="OnnxOptions.MaxValues"/>.</summary>
internal sealed class ValueBudget(long values)
{
    private long _left = values;

    public OnnxTensor Allocate(OnnxElementType type, int[] shape, NodeInfo node)
    {
        int? count = Shapes.Count(shape);
        if (count is not { } values || values > _left)
        {
            throw node.Refuse($"an output of the shape {Shapes.Text(shape)} is more than may be made (OnnxOptions.MaxValues, {_left} values are left).");
        }

        _left -= values;
        return new OnnxTensor(type, shape, values);
    }
}
