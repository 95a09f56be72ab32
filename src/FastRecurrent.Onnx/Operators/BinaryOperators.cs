using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>A function of two values, which broadcast (NumPy's rule; the rule of operator sets below 7 is refused by its attributes).</summary>
internal sealed class BinaryOperator(Func<float, float, float> floats, Func<long, long, long> integers) : Operator
{
    public override void Plan(PlannedNode node)
    {
        (OnnxTensor a, OnnxTensor b) = SameType(node);
        Broadcast broadcast = Broadcast.Of(node, a, b);
        OnnxTensor y = node.Output(0, a.Type, broadcast.Shape);
        Broadcast.RowAction row = a.IsFloat
            ? Row(a.FloatArray, b.FloatArray, y.FloatArray, floats, broadcast)
            : Row(a.IntegerArray, b.IntegerArray, y.IntegerArray, integers, broadcast);
        node.Run(() => broadcast.Run(row));
    }

    public static (OnnxTensor A, OnnxTensor B) SameType(PlannedNode node, int first = 0)
    {
        (OnnxTensor a, OnnxTensor b) = (node.Input(first), node.Input(first + 1));
        return a.Type == b.Type ? (a, b) : throw node.Node.Refuse($"inputs are {a} and {b}; wanted one type.");
    }

    public static Broadcast.RowAction Row<TIn, TOut>(TIn[] a, TIn[] b, TOut[] y, Func<TIn, TIn, TOut> function, Broadcast broadcast)
    {
        (int aStep, int bStep) = (broadcast.Step(0), broadcast.Step(1));
        return (offsets, result, count) =>
        {
            (int i, int j) = (offsets[0], offsets[1]);
            for (int end = result + count; result < end; result++, i += aStep, j += bStep)
            {
                y[result] = function(a[i], b[j]);
            }
        };
    }

    /// <summary>Towards zero; the one quotient that does not fit wraps.</summary>
    public static long Quotient(long a, long b) => b switch
    {
        0 => throw new ModelFormatException("A node Div divides an integer by 0."),
        -1 => unchecked(-a),
        _ => a / b,
    };
}

/// <summary>a^b; a constant exponent may be integers.</summary>
internal sealed class PowOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor a = node.FloatInput(0), b = node.Input(1);
        float[] exponents = b.IsFloat ? b.FloatArray : [.. node.Integers(1, "exponent").Select(value => (float)value)];
        Broadcast broadcast = Broadcast.Of(node, a, b);
        float[] y = node.Output(0, OnnxElementType.Float32, broadcast.Shape).FloatArray;
        Broadcast.RowAction row = BinaryOperator.Row(a.FloatArray, exponents, y, Power, broadcast);
        node.Run(() => broadcast.Run(row));
    }

    // The square and the root, which normalizations use, as what they are.
    private static float Power(float a, float b) => b switch
    {
        2 => a * a,
        0.5f => MathF.Sqrt(a),
        _ => MathF.Pow(a, b),
    };
}

/// <summary>A comparison of two values, which broadcast.</summary>
internal sealed class CompareOperator(Func<float, float, bool>? floats, Func<long, long, bool> integers) : Operator
{
    public override void Plan(PlannedNode node)
    {
        (OnnxTensor a, OnnxTensor b) = BinaryOperator.SameType(node);
        if (a.IsFloat && floats is null)
        {
            throw node.Node.Refuse($"inputs are {a} and {b}; wanted truth values.");
        }

        Broadcast broadcast = Broadcast.Of(node, a, b);
        long[] y = node.Output(0, OnnxElementType.Bool, broadcast.Shape).IntegerArray;
        Broadcast.RowAction row = a.IsFloat
            ? BinaryOperator.Row(a.FloatArray, b.FloatArray, y, (left, right) => floats!(left, right) ? 1L : 0, broadcast)
            : BinaryOperator.Row(a.IntegerArray, b.IntegerArray, y, (left, right) => integers(left, right) ? 1L : 0, broadcast);
        node.Run(() => broadcast.Run(row));
    }
}

/// <summary>condition ? a : b; all three broadcast.</summary>
internal sealed class WhereOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor condition = node.Input(0);
        (OnnxTensor a, OnnxTensor b) = BinaryOperator.SameType(node, first: 1);
        if (condition.IsFloat)
        {
            throw node.Node.Refuse($"input 0 is {condition}; wanted truth values.");
        }

        Broadcast broadcast = Broadcast.Of(node, condition, a, b);
        OnnxTensor y = node.Output(0, a.Type, broadcast.Shape);
        Broadcast.RowAction row = a.IsFloat
            ? Row(condition.IntegerArray, a.FloatArray, b.FloatArray, y.FloatArray, broadcast)
            : Row(condition.IntegerArray, a.IntegerArray, b.IntegerArray, y.IntegerArray, broadcast);
        node.Run(() => broadcast.Run(row));
    }

    private static Broadcast.RowAction Row<T>(long[] condition, T[] a, T[] b, T[] y, Broadcast broadcast)
    {
        (int cStep, int aStep, int bStep) = (broadcast.Step(0), broadcast.Step(1), broadcast.Step(2));
        return (offsets, result, count) =>
        {
            for (int i = 0; i < count; i++)
            {
                bool chosen = condition[offsets[0] + (i * cStep)] != 0;
                y[result + i] = chosen ? a[offsets[1] + (i * aStep)] : b[offsets[2] + (i * bStep)];
            }
        };
    }
}
