using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>The matrix product of the last two axes, the others broadcast. With a constant matrix on the right it is a layer of the engine.</summary>
internal sealed class MatMulOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor a = node.FloatInput(0), b = node.FloatInput(1);
        if (a.Shape.Length == 0 || b.Shape.Length == 0)
        {
            throw node.Node.Refuse($"inputs are {a} and {b}; wanted at least one axis each.");
        }

        // A vector is a row on the left and a column on the right, and that axis vanishes again.
        int[] left = a.Shape.Length == 1 ? [1, a.Shape[0]] : [.. a.Shape];
        int[] right = b.Shape.Length == 1 ? [b.Shape[0], 1] : [.. b.Shape];
        (int rows, int depth, int columns) = (left[^2], left[^1], right[^1]);
        int[]? outer = Shapes.Broadcast(left.AsSpan()[..^2], right.AsSpan()[..^2]);
        if (depth != right[^2] || outer is null)
        {
            throw node.Node.Refuse($"inputs {a} and {b} do not multiply.");
        }

        int[] shape = [.. outer, .. a.Shape.Length == 1 ? Array.Empty<int>() : [rows], .. b.Shape.Length == 1 ? Array.Empty<int>() : [columns]];
        OnnxTensor y = node.Output(0, OnnxElementType.Float32, shape);
        if (b.IsConstant && right.Length == 2 && !a.IsConstant && a.Count > 0 && columns > 0)
        {
            node.Run(execution => DenseStep.Create(execution, a, Dense(b.FloatArray, depth, columns), null, y));
            return;
        }

        int[] leftStrides = Shapes.BroadcastStrides(left.AsSpan()[..^2], outer), rightStrides = Shapes.BroadcastStrides(right.AsSpan()[..^2], outer);
        int[] outerStrides = Shapes.Strides(outer);
        node.Run(() =>
        {
            for (int i = 0; i < Shapes.Product(outer); i++)
            {
                (int x, int w) = (0, 0);
                for (int axis = 0; axis < outer.Length; axis++)
                {
                    int index = i / outerStrides[axis] % outer[axis];
                    x += index * leftStrides[axis];
                    w += index * rightStrides[axis];
                }

                Product.Run(
                    a.FloatArray.AsSpan(x * rows * depth, rows * depth), b.FloatArray.AsSpan(w * depth * columns, depth * columns),
                    y.FloatArray.AsSpan(i * rows * columns, rows * columns), depth, columns);
            }
        });
    }

    /// <summary>[depth, columns] to the engine's [columns, depth].</summary>
    public static float[] Dense(float[] values, int depth, int columns)
    {
        float[] weight = new float[values.Length];
        for (int k = 0; k < depth; k++)
        {
            for (int column = 0; column < columns; column++)
            {
                weight[(column * depth) + k] = values[(k * columns) + column];
            }
        }

        return weight;
    }
}

/// <summary>y = alpha a b + beta c with matrices that may be transposed; with constants on the right it is a layer of the engine.</summary>
internal sealed class GemmOperator(OperatorSource source) : Operator
{
    private readonly float _alpha = source.Attributes.Float("alpha", 1);
    private readonly float _beta = source.Attributes.Float("beta", 1);
    private readonly bool _transposesA = source.Attributes.Flag("transA", false);
    private readonly bool _transposesB = source.Attributes.Flag("transB", false);
    private readonly bool _broadcast = source.Opset < 7 && source.Attributes.Flag("broadcast", false);

    public override void Plan(PlannedNode node)
    {
        (OnnxTensor a, OnnxTensor b) = (node.FloatInput(0), node.FloatInput(1));
        OnnxTensor? c = node.Optional(2) is null ? null : node.FloatInput(2);
        if (a.Shape.Length != 2 || b.Shape.Length != 2)
        {
            throw node.Node.Refuse($"inputs are {a} and {b}; wanted matrices.");
        }

        (int rows, int depth) = _transposesA ? (a.Shape[1], a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        (int found, int columns) = _transposesB ? (b.Shape[1], b.Shape[0]) : (b.Shape[0], b.Shape[1]);
        bool fits = c is null || (Shapes.Broadcast(c.Shape.AsSpan(), [rows, columns]) is { } sum && sum.AsSpan().SequenceEqual([rows, columns])
            && (source.Opset >= 7 || _broadcast || c.Shape.AsSpan().SequenceEqual([rows, columns])));
        if (depth != found || !fits)
        {
            throw node.Node.Refuse($"inputs {a}, {b}{(c is null ? "" : $" and {c}")} do not fit.");
        }

        OnnxTensor y = node.Output(0, OnnxElementType.Float32, [rows, columns]);
        if (TryDense(node) is { } dense && a.Count > 0 && columns > 0)
        {
            node.Run(execution => DenseStep.Create(execution, a, dense.Weight, dense.Bias, y));
            return;
        }

        float[] left = _transposesA ? new float[a.Count] : a.FloatArray;
        float[] right = _transposesB ? new float[b.Count] : b.FloatArray;
        int[] strides = c is null ? [0, 0] : Shapes.BroadcastStrides(c.Shape.AsSpan(), [rows, columns]);
        node.Run(() =>
        {
            Turn(a.FloatArray, left, rows, depth);
            Turn(b.FloatArray, right, depth, columns);
            Product.Run(left, right, y.FloatArray, depth, columns);
            for (int i = 0; i < y.Count; i++)
            {
                float added = c is null ? 0 : _beta * c.FloatArray[(i / columns * strides[0]) + (i % columns * strides[1])];
                y.FloatArray[i] = (_alpha * y.FloatArray[i]) + added;
            }
        });
    }

    /// <summary>Weight [columns, depth] and bias [columns] where the right side is constant and the same for every row.</summary>
    public (float[] Weight, float[]? Bias)? TryDense(PlannedNode node)
    {
        (OnnxTensor a, OnnxTensor b, OnnxTensor? c) = (node.Input(0), node.Input(1), node.Optional(2));
        bool isRowwise = c is null || (c.IsConstant && (c.Shape.Length < 2 || c.Shape[0] == 1));
        if (_transposesA || a.IsConstant || !b.IsConstant || !isRowwise)
        {
            return null;
        }

        int columns = b.Shape[_transposesB ? 0 : 1];
        float[] weight = _transposesB ? [.. b.FloatArray] : MatMulOperator.Dense(b.FloatArray, b.Shape[0], columns);
        Scale(weight, _alpha);
        if (c is null || _beta == 0)
        {
            return (weight, null);
        }

        float[] bias = new float[columns];
        for (int i = 0; i < columns; i++)
        {
            bias[i] = c.FloatArray[c.Count == 1 ? 0 : i];
        }

        Scale(bias, _beta);
        return (weight, bias);
    }

    private static void Scale(float[] values, float factor)
    {
        for (int i = 0; i < values.Length && factor != 1; i++)
        {
            values[i] *= factor;
        }
    }

    /// <summary>[columns, rows] to [rows, columns], unless it is in place already.</summary>
    private static void Turn(float[] from, float[] to, int rows, int columns)
    {
        for (int i = 0; i < to.Length && from != to; i++)
        {
            to[i] = from[(i % columns * rows) + (i / columns)];
        }
    }
}

/// <summary>A product of two tensors that are both known only when the model runs.</summary>
internal static class Product
{
    /// <summary>a [rows, depth] b [depth, columns], one chain of fused multiply-adds a value.</summary>
    public static void Run(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y, int depth, int columns)
    {
        y.Clear();
        for (int row = 0; row < y.Length / Math.Max(1, columns); row++)
        {
            Span<float> sums = y.Slice(row * columns, columns);
            for (int k = 0; k < depth; k++)
            {
                float x = a[(row * depth) + k];
                ReadOnlySpan<float> weights = b.Slice(k * columns, columns);
                for (int column = 0; column < sums.Length; column++)
                {
                    sums[column] = MathF.FusedMultiplyAdd(x, weights[column], sums[column]);
                }
            }
        }
    }
}

/// <summary>A product with constant weights, run by the engine's Dense layer.</summary>
internal static class DenseStep
{
    /// <param name="execution">Who owns the runner.</param>
    /// <param name="x">[..., depth].</param>
    /// <param name="weight">[columns, depth].</param>
    /// <param name="bias">[columns], or null.</param>
    /// <param name="y">[..., columns].</param>
    public static Action Create(Execution execution, OnnxTensor x, float[] weight, float[]? bias, OnnxTensor y)
    {
        int depth = x.Shape[^1], rows = x.Count / depth;
        ModelDefinition definition = ModelBuilder.FromVector(depth)
            .Add(new DenseLayer(weight.Length / depth, Activation.Linear) { Bias = bias is not null }).Build();
        ParameterSet parameters = new(definition);
        weight.CopyTo(parameters["0.weight"]);
        bias?.CopyTo(parameters["0.bias"]);
        SequenceRunner runner = execution.Own(new RecurrentModel(definition, parameters).CreateRunner(1, rows, execution.Threads));
        return () => runner.Forward(x.FloatArray, 1, rows, y.FloatArray);
    }
}
