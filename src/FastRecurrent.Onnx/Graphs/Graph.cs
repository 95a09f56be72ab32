using System.Collections.Immutable;
using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Graphs;

/// <summary>
/// A model's graph with its meaning checked: every operator and attribute is known, every value is made before it is used,
/// every stored tensor is used. What does not depend on an input is already worked out. Immutable.
/// </summary>
internal sealed class Graph
{
    // Opset 1 is the first one; later versions than these may have changed an operator.
    private const int NewestOpset = 24;

    private readonly Dictionary<string, OnnxTensor> _constants = [];
    private readonly List<(NodeInfo Info, Operator Operator)> _nodes = [];
    private readonly OnnxOptions _options;

    public Graph(ModelProto model, OnnxOptions options)
        : this(Checked(model), CheckedOpset(model), options, captured: [])
    {
    }

    /// <summary>A graph, or one within a node of another: it may read <paramref name="captured"/> values of the other.</summary>
    public Graph(GraphProto proto, int opset, OnnxOptions options, IEnumerable<string> captured)
    {
        _options = options;
        Opset = opset;
        if (proto.HasSparseInitializers)
        {
            throw new ModelFormatException("The graph has sparse initializers, which are not read; store them as dense tensors.");
        }

        ReadInitializers(proto);
        HashSet<string> stored = [.. _constants.Keys];
        ParameterCount = _constants.Values.Sum(tensor => tensor.IsFloat ? (long)tensor.Count : 0);
        Inputs = [.. proto.Inputs.Where(input => !stored.Contains(input.Name)).Select(input => Declared(input, "input"))];
        Outputs = [.. proto.Outputs.Select(output => Declared(output, "output"))];
        if (Outputs.IsEmpty)
        {
            throw new ModelFormatException("The graph has no outputs; there is nothing to run.");
        }

        NodeNames = [.. proto.Nodes.Select((node, index) => new NodeInfo(node, index))];
        RequireUse(stored);
        ReadNodes(proto, captured);
        ParameterCount += _nodes.Sum(node => node.Operator.ParameterCount);
        Prune();
    }

    public int Opset { get; }

    public ImmutableArray<OnnxValue> Inputs { get; }

    public ImmutableArray<OnnxValue> Outputs { get; }

    /// <summary>All nodes as the file has them.</summary>
    public ImmutableArray<NodeInfo> NodeNames { get; }

    /// <summary>Stored floats.</summary>
    public long ParameterCount { get; }

    /// <summary>What must be computed for a set of inputs, in order, with the shapes of everything.</summary>
    /// <param name="shapes">Each input's shape.</param>
    public Plan Plan(Func<OnnxValue, int[]> shapes)
    {
        Dictionary<string, OnnxTensor> inputs = [];
        foreach (OnnxValue input in Inputs)
        {
            int[] shape = shapes(input);
            inputs.Add(input.Name, Shapes.Count(shape) is { } count
                ? new OnnxTensor(input.Type, shape, count)
                : throw new ArgumentException($"Input '{input.Name}' of the shape {Shapes.Text(shape)} is more than memory can "
                    + "hold, or has a negative size.", nameof(shapes)));
        }

        return Plan(inputs, new ValueBudget(_options.MaxValues));
    }

    /// <summary>The same for given tensors of all inputs and captured values; those that are constants are worked with.</summary>
    public Plan Plan(IReadOnlyDictionary<string, OnnxTensor> inputs, ValueBudget budget)
    {
        Dictionary<string, OnnxTensor> values = new(_constants.Concat(inputs));
        Plan plan = new(values);
        foreach ((NodeInfo info, Operator @operator) in _nodes)
        {
            PlannedNode node = PlanNode(info, @operator, values, budget);
            if (!TryFold(node))
            {
                plan.Nodes.Add(node);
            }
        }

        return plan;
    }

    private static GraphProto Checked(ModelProto model)
    {
        GraphProto graph = model.Graph ?? throw new ModelFormatException("The file has no graph; it is no ONNX model.");
        return model.HasFunctions
            ? throw new ModelFormatException("The model defines functions of its own, which are not read; export it with its functions inlined.")
            : graph;
    }

    private static int CheckedOpset(ModelProto model)
    {
        (string Domain, long Version)[] own = [.. model.Opsets.Where(opset => opset.Domain is "" or "ai.onnx")];
        if (own.Length != 1)
        {
            throw new ModelFormatException($"The model names {own.Length} versions of ONNX's own operator set; wanted one.");
        }

        return own[0].Version is >= 1 and <= NewestOpset
            ? (int)own[0].Version
            : throw new ModelFormatException($"The model uses version {own[0].Version} of ONNX's operator set; 1 to {NewestOpset} are read.");
    }

    private static OnnxValue Declared(ValueInfoProto proto, string what)
    {
        string where = $"The {what} {NodeInfo.Quote(proto.Name)}";
        if (!proto.IsTensor)
        {
            throw new ModelFormatException($"{where} is no tensor; sequences, maps and optionals are not read.");
        }

        OnnxElementType type = proto.Type is TensorDataType.Float or TensorDataType.Int32 or TensorDataType.Int64 or TensorDataType.Bool
            ? TensorDecoder.ElementType(proto.Type)!.Value
            : throw new ModelFormatException($"{where} is of type {TensorDecoder.Name(proto.Type)}; wanted float, int32, int64 or bool.");
        if (proto.Shape is not { } shape)
        {
            return new OnnxValue(proto.Name, type, null);
        }

        if (shape.Count > OnnxTensor.MaxRank)
        {
            throw new ModelFormatException($"{where} has {shape.Count} axes; at most {OnnxTensor.MaxRank} are read.");
        }

        // Some exporters write -1 for an axis of any size.
        return new OnnxValue(proto.Name, type, [.. shape.Select(axis => axis.Size switch
        {
            null or < 0 => new OnnxDimension(null, axis.Name),
            > int.MaxValue => throw new ModelFormatException($"{where} has an axis of size {axis.Size}, which is more than memory can hold."),
            long size => new OnnxDimension((int)size, axis.Name),
        })]);
    }

    private void ReadInitializers(GraphProto proto)
    {
        foreach (TensorProto tensor in proto.Initializers)
        {
            string where = $"Initializer {NodeInfo.Quote(tensor.Name)}";
            if (tensor.Name.Length == 0 || !_constants.TryAdd(tensor.Name, TensorDecoder.Decode(tensor, where)))
            {
                throw new ModelFormatException(tensor.Name.Length == 0 ? "An initializer has no name." : $"{where} is there twice.");
            }
        }
    }

    private void RequireUse(HashSet<string> stored)
    {
        HashSet<string> used = [.. NodeNames.SelectMany(node => node.Inputs), .. Outputs.Select(output => output.Name)];
        foreach (string name in stored)
        {
            if (!used.Contains(name))
            {
                throw new ModelFormatException($"Initializer {NodeInfo.Quote(name)} is used by no node and is no output; a "
                    + "weight that nothing reads hints at a damaged model.");
            }
        }
    }

    private void ReadNodes(GraphProto proto, IEnumerable<string> captured)
    {
        ValueBudget budget = new(_options.MaxValues);
        HashSet<string> defined = [.. _constants.Keys, .. captured];
        foreach (OnnxValue input in Inputs)
        {
            if (input.Name.Length == 0 || !defined.Add(input.Name))
            {
                throw new ModelFormatException($"The input {NodeInfo.Quote(input.Name)} is there twice or has no name.");
            }
        }

        for (int i = 0; i < proto.Nodes.Count; i++)
        {
            NodeInfo info = NodeNames[i];
            Operator @operator = OperatorTable.Create(proto.Nodes[i], info, Opset, _options);
            foreach (string input in info.Inputs)
            {
                if (input.Length > 0 && !defined.Contains(input))
                {
                    throw info.Refuse($"input {NodeInfo.Quote(input)} is made by nothing before it.");
                }
            }

            foreach (string output in info.Outputs)
            {
                if (output.Length > 0 && !defined.Add(output))
                {
                    throw info.Refuse($"output {NodeInfo.Quote(output)} was made before.");
                }
            }

            bool isConstant = @operator.FoldsConstants && info.Inputs.All(input => input.Length == 0 || _constants.ContainsKey(input));
            if (!isConstant || !TryFold(PlanNode(info, @operator, _constants, budget)))
            {
                _nodes.Add((info, @operator));
            }
        }

        foreach (OnnxValue output in Outputs)
        {
            if (!defined.Contains(output.Name))
            {
                throw new ModelFormatException($"The output {NodeInfo.Quote(output.Name)} is made by no node.");
            }
        }
    }

    /// <summary>Plans a node and adds its outputs to the values.</summary>
    private static PlannedNode PlanNode(NodeInfo info, Operator @operator, Dictionary<string, OnnxTensor> values, ValueBudget budget)
    {
        PlannedNode node = new(info, @operator, [.. info.Inputs.Select(input => input.Length == 0 ? null : values[input])], budget);
        try
        {
            @operator.Plan(node);
        }
        catch (OverflowException error)
        {
            throw info.Refuse("its sizes are more than memory can hold.", error);
        }

        for (int i = 0; i < info.Outputs.Length; i++)
        {
            if (info.Outputs[i].Length > 0)
            {
                values.Add(info.Outputs[i], node.Outputs[i] ?? throw info.Refuse($"it has no output {i}."));
            }
        }

        return node;
    }

    /// <summary>Computes a node whose inputs are all known; then there is nothing left of it but constants.</summary>
    private static bool TryFold(PlannedNode node)
    {
        bool isConstant = node.IsConstant && node.Operator.FoldsConstants;
        if (isConstant)
        {
            using Execution execution = new(threads: 1);
            node.Compile(execution)?.Invoke();
        }

        // Shape gives a constant of an input that is none.
        bool isFolded = isConstant || Array.TrueForAll(node.Outputs, output => output is null || output.IsConstant);
        foreach (OnnxTensor? output in node.Outputs)
        {
            if (isFolded && output is not null)
            {
                output.IsConstant = true;
            }
        }

        return isFolded;
    }

    /// <summary>Drops the nodes and constants that no output needs.</summary>
    private void Prune()
    {
        HashSet<string> needed = [.. Outputs.Select(output => output.Name)];
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            if (_nodes[i].Info.Outputs.Any(needed.Contains))
            {
                needed.UnionWith(_nodes[i].Info.Inputs);
            }
            else
            {
                _nodes.RemoveAt(i);
            }
        }

        foreach (string name in _constants.Keys.Where(name => !needed.Contains(name)).ToArray())
        {
            _constants.Remove(name);
        }
    }
}

/// <summary>The nodes that are left for given input shapes, in order, and every value by name.</summary>
internal sealed class Plan(Dictionary<string, OnnxTensor> values)
{
    public List<PlannedNode> Nodes { get; } = [];

    public OnnxTensor this[string name] => values[name];
}
