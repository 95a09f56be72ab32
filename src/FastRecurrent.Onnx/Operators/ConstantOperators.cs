using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>A value that the node itself holds.</summary>
internal sealed class ConstantOperator : Operator
{
    private readonly OnnxTensor _value;

    public ConstantOperator(OperatorSource source)
    {
        Attributes attributes = source.Attributes;
        OnnxTensor? value = attributes.Tensor("value");
        if (source.Opset >= 12)
        {
            value ??= attributes.Has("value_float") ? new OnnxTensor([], [attributes.Float("value_float", 0)]) : null;
            value ??= attributes.Has("value_int") ? new OnnxTensor([], [attributes.Int("value_int", 0)]) : null;
            value ??= attributes.Floats("value_floats") is { } floats ? new OnnxTensor([floats.Length], floats) : null;
            value ??= attributes.Ints("value_ints") is { } integers ? new OnnxTensor([integers.Length], integers) : null;
        }

        _value = value ?? throw source.Node.RefuseAttribute("value", "is missing; texts and sparse tensors are not read.");
        _value.IsConstant = true;
    }

    public override void Plan(PlannedNode node) => node.Alias(0, _value);
}

/// <summary>One value everywhere, in a shape that an input gives.</summary>
internal sealed class ConstantOfShapeOperator : Operator
{
    private readonly OnnxTensor _value;

    public ConstantOfShapeOperator(OperatorSource source)
    {
        _value = source.Attributes.Tensor("value") ?? new OnnxTensor([1], [0f]);
        if (_value.Count != 1)
        {
            throw source.Node.RefuseAttribute("value", $"is {_value}; wanted one value.");
        }
    }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor y = node.Output(0, _value.Type, Sizes.Of(node, node.Integers(0, "shape")));
        if (y.IsFloat)
        {
            y.Floats.Fill(_value.FloatArray[0]);
        }
        else
        {
            y.Integers.Fill(_value.IntegerArray[0]);
        }

        y.IsConstant = true;
    }
}

/// <summary>start, start + delta, ... below (or, going down, above) the limit.</summary>
internal sealed class RangeOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        (double start, double limit, double delta) = (One(node, 0, "start"), One(node, 1, "limit"), One(node, 2, "delta"));
        double count = Math.Max(0, Math.Ceiling((limit - start) / delta));
        OnnxTensor y = node.Output(0, node.Input(0).Type, Sizes.Of(node, [count <= int.MaxValue ? (long)count : long.MaxValue]));
        for (int i = 0; i < y.Count; i++)
        {
            if (y.IsFloat)
            {
                y.FloatArray[i] = (float)(start + (i * delta));
            }
            else
            {
                y.IntegerArray[i] = (long)start + (i * (long)delta);
            }
        }

        y.IsConstant = true;
    }

    private static double One(PlannedNode node, int index, string what)
    {
        OnnxTensor input = node.Input(index);
        return input is { IsConstant: true, Count: 1 }
            ? input.IsFloat ? input.FloatArray[0] : input.IntegerArray[0]
            : throw node.Node.Refuse($"input {index} ({what}) is {input}; wanted one constant.");
    }
}

/// <summary>Sizes that a file's integers give.</summary>
internal static class Sizes
{
    public static int[] Of(PlannedNode node, long[] sizes) => sizes.Length <= OnnxTensor.MaxRank && Array.TrueForAll(sizes, size => size is >= 0 and <= int.MaxValue)
        ? Array.ConvertAll(sizes, size => (int)size)
        : throw node.Node.Refuse($"the shape [{string.Join(", ", sizes.Take(OnnxTensor.MaxRank + 1))}] has a size that is "
            + $"negative or more than memory can hold, or more than {OnnxTensor.MaxRank} axes.");
}
