using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Operators;

/// <summary>What an operator reads when a node is loaded.</summary>
internal sealed record OperatorSource(NodeInfo Node, Attributes Attributes, int Opset, OnnxOptions Options);

/// <summary>The operators that are known: the one list of them.</summary>
internal static class OperatorTable
{
    private const int Any = int.MaxValue;

    private static readonly Dictionary<string, Entry> Entries = new()
    {
        ["RNN"] = new(3, 6, 2, source => new RecurrentOperator(source)),
        ["GRU"] = new(3, 6, 2, source => new RecurrentOperator(source)),
        ["LSTM"] = new(3, 8, 3, source => new RecurrentOperator(source)),

        ["Scan"] = new(1, Any, Any, source => new ScanOperator(source)),

        ["MatMul"] = new(2, 2, 1, _ => new MatMulOperator()),
        ["Gemm"] = new(2, 3, 1, source => new GemmOperator(source)),
        ["Softmax"] = new(1, 1, 1, source => new SoftmaxOperator(source)),
        ["LayerNormalization"] = new(2, 3, 3, source => new LayerNormOperator(source)),
        ["BatchNormalization"] = new(5, 5, 5, source => new BatchNormOperator(source)),
        ["Dropout"] = new(1, 3, 2, source => new DropoutOperator(source)),

        ["Relu"] = new(1, 1, 1, _ => new UnaryOperator(Activation.Relu)),
        ["Tanh"] = new(1, 1, 1, _ => new UnaryOperator(Activation.Tanh)),
        ["Sigmoid"] = new(1, 1, 1, _ => new UnaryOperator(Activation.Sigmoid)),
        ["Softsign"] = new(1, 1, 1, _ => new UnaryOperator(Activation.Softsign)),
        ["Softplus"] = new(1, 1, 1, _ => new UnaryOperator(Activation.Softplus)),
        ["LeakyRelu"] = new(1, 1, 1, source => new UnaryOperator(Activation.LeakyRelu(source.Attributes.Float("alpha", 0.01f)))),
        ["ThresholdedRelu"] = new(1, 1, 1, source => new UnaryOperator(Activation.ThresholdedRelu(source.Attributes.Float("alpha", 1)))),
        ["Elu"] = new(1, 1, 1, source => new UnaryOperator(Activation.Elu(source.Attributes.Float("alpha", 1)))),
        ["HardSigmoid"] = new(1, 1, 1, source => new UnaryOperator(
            Activation.HardSigmoid(source.Attributes.Float("alpha", 0.2f), source.Attributes.Float("beta", 0.5f)))),
        ["Sqrt"] = new(1, 1, 1, _ => new UnaryOperator(MathF.Sqrt)),
        ["Exp"] = new(1, 1, 1, _ => new UnaryOperator(MathF.Exp)),
        ["Log"] = new(1, 1, 1, _ => new UnaryOperator(MathF.Log)),
        ["Abs"] = new(1, 1, 1, _ => new UnaryOperator(MathF.Abs, x => x < 0 ? unchecked(-x) : x)),
        ["Neg"] = new(1, 1, 1, _ => new UnaryOperator(x => -x, x => unchecked(-x))),
        ["Reciprocal"] = new(1, 1, 1, _ => new UnaryOperator(x => 1 / x)),
        ["Floor"] = new(1, 1, 1, _ => new UnaryOperator(MathF.Floor)),
        ["Ceil"] = new(1, 1, 1, _ => new UnaryOperator(MathF.Ceiling)),
        ["Not"] = new(1, 1, 1, _ => new NotOperator()),
        ["Clip"] = new(1, 3, 1, source => new ClipOperator(source)),
        ["Cast"] = new(1, 1, 1, source => new CastOperator(source)),

        ["Add"] = new(2, 2, 1, _ => new BinaryOperator((a, b) => a + b, (a, b) => a + b)),
        ["Sub"] = new(2, 2, 1, _ => new BinaryOperator((a, b) => a - b, (a, b) => a - b)),
        ["Mul"] = new(2, 2, 1, _ => new BinaryOperator((a, b) => a * b, (a, b) => a * b)),
        ["Div"] = new(2, 2, 1, _ => new BinaryOperator((a, b) => a / b, BinaryOperator.Quotient)),
        ["Pow"] = new(2, 2, 1, _ => new PowOperator()),
        ["Min"] = new(2, 2, 1, _ => new BinaryOperator(MathF.Min, Math.Min)),
        ["Max"] = new(2, 2, 1, _ => new BinaryOperator(MathF.Max, Math.Max)),
        ["Equal"] = new(2, 2, 1, _ => new CompareOperator((a, b) => a == b, (a, b) => a == b)),
        ["Less"] = new(2, 2, 1, _ => new CompareOperator((a, b) => a < b, (a, b) => a < b)),
        ["LessOrEqual"] = new(2, 2, 1, _ => new CompareOperator((a, b) => a <= b, (a, b) => a <= b)),
        ["Greater"] = new(2, 2, 1, _ => new CompareOperator((a, b) => a > b, (a, b) => a > b)),
        ["GreaterOrEqual"] = new(2, 2, 1, _ => new CompareOperator((a, b) => a >= b, (a, b) => a >= b)),
        ["And"] = new(2, 2, 1, _ => new CompareOperator(null, (a, b) => (a & b) != 0)),
        ["Or"] = new(2, 2, 1, _ => new CompareOperator(null, (a, b) => (a | b) != 0)),
        ["Where"] = new(3, 3, 1, _ => new WhereOperator()),

        ["Constant"] = new(0, 0, 1, source => new ConstantOperator(source)),
        ["ConstantOfShape"] = new(1, 1, 1, source => new ConstantOfShapeOperator(source)),
        ["Range"] = new(3, 3, 1, _ => new RangeOperator()),
        ["Shape"] = new(1, 1, 1, source => new ShapeOperator(source)),
        ["Size"] = new(1, 1, 1, _ => new SizeOperator()),
        ["Identity"] = new(1, 1, 1, _ => new IdentityOperator()),
        ["Reshape"] = new(1, 2, 1, source => new ReshapeOperator(source)),
        ["Flatten"] = new(1, 1, 1, source => new FlattenOperator(source)),
        ["Squeeze"] = new(1, 2, 1, source => new SqueezeOperator(source)),
        ["Unsqueeze"] = new(1, 2, 1, source => new UnsqueezeOperator(source)),
        ["Transpose"] = new(1, 1, 1, source => new TransposeOperator(source)),
        ["ReverseSequence"] = new(2, 2, 1, source => new ReverseSequenceOperator(source)),
        ["Slice"] = new(1, 5, 1, source => new SliceOperator(source)),
        ["Gather"] = new(2, 2, 1, source => new GatherOperator(source)),
        ["Concat"] = new(1, Any, 1, source => new ConcatOperator(source)),
        ["Split"] = new(1, 2, Any, source => new SplitOperator(source)),
        ["Expand"] = new(2, 2, 1, _ => new ExpandOperator()),
        ["Tile"] = new(2, 2, 1, _ => new TileOperator()),

        ["ReduceMean"] = new(1, 2, 1, source => new ReduceOperator(source, ReduceKind.Mean)),
        ["ReduceSum"] = new(1, 2, 1, source => new ReduceOperator(source, ReduceKind.Sum)),
        ["ReduceProd"] = new(1, 2, 1, source => new ReduceOperator(source, ReduceKind.Product)),
        ["ReduceMax"] = new(1, 2, 1, source => new ReduceOperator(source, ReduceKind.Max)),
        ["ReduceMin"] = new(1, 2, 1, source => new ReduceOperator(source, ReduceKind.Min)),
    };

    public static IEnumerable<string> Names => Entries.Keys.Order(StringComparer.Ordinal);

    public static Operator Create(NodeProto proto, NodeInfo node, int opset, OnnxOptions options)
    {
        if (proto.Domain is not ("" or "ai.onnx"))
        {
            throw node.Refuse($"the operator is of the domain {NodeInfo.Quote(proto.Domain)}; only ONNX's own operators are known.");
        }

        if (!Entries.TryGetValue(proto.OpType, out Entry? entry))
        {
            throw node.Refuse($"the operator is not known here. Known are {string.Join(", ", Names)}.");
        }

        RequireCount(node, "inputs", proto.Inputs.Count, entry.MinInputs, entry.MaxInputs);
        RequireCount(node, "outputs", node.Outputs.Length, 1, entry.MaxOutputs);
        Attributes attributes = new(proto, node);
        Operator @operator = entry.Create(new OperatorSource(node, attributes, opset, options));
        attributes.RequireAllRead();
        return @operator;
    }

    private static void RequireCount(NodeInfo node, string what, int found, int min, int max)
    {
        if (found < min || found > max)
        {
            throw node.Refuse($"it has {found} {what}; wanted {min}{(max == min ? "" : max == Any ? " or more" : $" to {max}")}.");
        }
    }

    private sealed record Entry(int MinInputs, int MaxInputs, int MaxOutputs, Func<OperatorSource, Operator> Create);
}
