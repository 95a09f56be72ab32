using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>The axes in another order; without <c>perm</c> in the reverse one.</summary>
internal sealed class TransposeOperator(OperatorSource source) : Operator
{
    private readonly long[]? _order = source.Attributes.Ints("perm");

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        int[] order = OrderOf(x.Shape.Length, node.Node);
        int[] strides = Shapes.Strides(x.Shape.AsSpan());
        int[] shape = [.. order.Select(axis => x.Shape[axis])];
        StridedCopy copy = new(shape, 0, [.. order.Select(axis => strides[axis])], 0, Shapes.Strides(shape));
        OnnxTensor y = node.Output(0, x.Type, shape);
        node.Run(() => copy.Run(x, y));
    }

    /// <summary>Which axis of the input each axis of the output is.</summary>
    public int[] OrderOf(int rank, NodeInfo node)
    {
        if (_order is null)
        {
            return [.. Enumerable.Range(0, rank).Reverse()];
        }

        bool isOrder = _order.Length == rank && _order.Order().Select((axis, index) => axis == index).All(fits => fits);
        return isOrder
            ? Array.ConvertAll(_order, axis => (int)axis)
            : throw node.RefuseAttribute("perm", $"is [{string.Join(", ", _order)}]; wanted an order of the {rank} axes of the input.");
    }
}

/// <summary>A part of each axis, with a step; negative positions count from the end.</summary>
internal sealed class SliceOperator(OperatorSource source) : Operator
{
    private readonly bool _isAttribute = source.Opset < 10;
    private readonly long[]? _starts = source.Opset < 10 ? source.Attributes.Ints("starts") : null;
    private readonly long[]? _ends = source.Opset < 10 ? source.Attributes.Ints("ends") : null;
    private readonly long[]? _axes = source.Opset < 10 ? source.Attributes.Ints("axes") : null;

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        (int Start, int Step, int Count)[] parts = PartsOf(node);
        int[] strides = Shapes.Strides(x.Shape.AsSpan());
        int start = parts.Select((part, axis) => part.Count == 0 ? 0 : part.Start * strides[axis]).Sum();
        int[] shape = [.. parts.Select(part => part.Count)];
        StridedCopy copy = new(shape, start, [.. parts.Select((part, axis) => part.Step * strides[axis])], 0, Shapes.Strides(shape));
        OnnxTensor y = node.Output(0, x.Type, shape);
        node.Run(() => copy.Run(x, y));
    }

    /// <summary>What is taken of each axis of the input.</summary>
    public (int Start, int Step, int Count)[] PartsOf(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        long[] starts = (_isAttribute ? _starts : node.Integers(1, "starts")) ?? throw node.Node.RefuseAttribute("starts", "is missing.");
        long[] ends = (_isAttribute ? _ends : node.Integers(2, "ends")) ?? throw node.Node.RefuseAttribute("ends", "is missing.");
        long[]? axes = _isAttribute ? _axes : node.Optional(3) is null ? null : node.Integers(3, "axes");
        long[]? steps = _isAttribute || node.Optional(4) is null ? null : node.Integers(4, "steps");
        int count = starts.Length;
        if (ends.Length != count || (axes?.Length ?? count) != count || (steps?.Length ?? count) != count || count > x.Shape.Length)
        {
            throw node.Node.Refuse($"starts, ends, axes and steps have {count}, {ends.Length}, {axes?.Length ?? count} and "
                + $"{steps?.Length ?? count} values for {x}; wanted as many of each.");
        }

        (int Start, int Step, int Count)[] parts = [.. x.Shape.Select(size => (0, 1, size))];
        HashSet<int> named = [];
        for (int i = 0; i < count; i++)
        {
            int axis = Axis(axes?[i] ?? i, x.Shape.Length, node.Node, "axes");
            if (!named.Add(axis))
            {
                throw node.Node.RefuseAttribute("axes", "names an axis twice.");
            }

            parts[axis] = Part(starts[i], ends[i], steps?[i] ?? 1, x.Shape[axis], node.Node);
        }

        return parts;
    }

    private static (int Start, int Step, int Count) Part(long start, long end, long step, long size, NodeInfo node)
    {
        if (step == 0)
        {
            throw node.RefuseAttribute("steps", "has a step of 0.");
        }

        // Beyond the axis's size a step takes one value, whatever it is.
        step = Math.Clamp(step, -int.MaxValue, int.MaxValue);
        bool isForward = step > 0;
        start = Math.Clamp(start < 0 ? start + size : start, 0, isForward ? size : size - 1);
        end = Math.Clamp(end < 0 ? end + size : end, isForward ? 0 : -1, isForward ? size : size - 1);
        long length = isForward ? end - start : start - end;
        long count = size > 0 && length > 0 ? ((length - 1) / Math.Abs(step)) + 1 : 0;
        return ((int)Math.Max(0, start), count > 1 ? (int)step : 1, (int)count);
    }
}

/// <summary>The parts of an axis that indices name; an index may be known only when the model runs, as for an embedding.</summary>
internal sealed class GatherOperator(OperatorSource source) : Operator
{
    private readonly long _axis = source.Attributes.Int("axis", 0);

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0), indices = node.Input(1);
        int axis = AxisOf(node);
        ReadOnlySpan<int> shape = x.Shape.AsSpan();
        (int size, int inner) = (shape[axis], Shapes.Product(shape[(axis + 1)..]));
        int outer = Shapes.Product(shape[..axis]);
        OnnxTensor y = node.Output(0, x.Type, [.. shape[..axis], .. indices.Shape, .. shape[(axis + 1)..]]);
        node.Run(() =>
        {
            int to = 0;
            for (int row = 0; row < outer; row++)
            {
                foreach (long index in indices.IntegerArray)
                {
                    int from = (row * size) + Position(index, size, node.Node);
                    if (x.IsFloat)
                    {
                        x.FloatArray.AsSpan(from * inner, inner).CopyTo(y.FloatArray.AsSpan(to, inner));
                    }
                    else
                    {
                        x.IntegerArray.AsSpan(from * inner, inner).CopyTo(y.IntegerArray.AsSpan(to, inner));
                    }

                    to += inner;
                }
            }
        });
    }

    public int AxisOf(PlannedNode node)
    {
        OnnxTensor x = node.Input(0), indices = node.Input(1);
        return indices.IsFloat ? throw node.Node.Refuse($"input 1 (indices) is {indices}; wanted integers.")
            : x.Shape.Length + indices.Shape.Length - 1 > OnnxTensor.MaxRank ? throw node.Node.Refuse($"the result has more than {OnnxTensor.MaxRank} axes.")
            : Axis(_axis, x.Shape.Length, node.Node);
    }

    public static int Position(long index, int size, NodeInfo node) => index >= -size && index < size
        ? (int)(index < 0 ? index + size : index)
        : throw node.Refuse($"index {index} is outside of an axis of size {size}.");
}

/// <summary>Tensors one after the other along an axis.</summary>
internal sealed class ConcatOperator : Operator
{
    private readonly long _axis;

    public ConcatOperator(OperatorSource source)
    {
        bool isOptional = source.Opset < 4;
        _axis = isOptional || source.Attributes.Has("axis") ? source.Attributes.Int("axis", 1) : throw source.Node.RefuseAttribute("axis", "is missing.");
    }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor[] parts = [.. Enumerable.Range(0, node.Inputs.Length).Select(node.Input)];
        OnnxTensor first = parts[0];
        int axis = AxisOf(node);
        int[] shape = [.. first.Shape];
        shape[axis] = 0;
        foreach (OnnxTensor part in parts)
        {
            bool fits = part.Type == first.Type && part.Shape.Length == shape.Length
                && !part.Shape.Where((size, other) => other != axis && size != shape[other]).Any();
            shape[axis] = fits ? checked(shape[axis] + part.Shape[axis]) : throw node.Node.Refuse($"inputs {first} and {part} do not join along axis {axis}.");
        }

        OnnxTensor y = node.Output(0, first.Type, shape);
        int[] strides = Shapes.Strides(shape);
        StridedCopy[] copies = new StridedCopy[parts.Length];
        int start = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            copies[i] = new StridedCopy(parts[i].Shape.AsSpan(), 0, Shapes.Strides(parts[i].Shape.AsSpan()), start, strides);
            start += parts[i].Shape[axis] * strides[axis];
        }

        node.Run(() =>
        {
            for (int i = 0; i < copies.Length; i++)
            {
                copies[i].Run(parts[i], y);
            }
        });
    }

    public int AxisOf(PlannedNode node) => Axis(_axis, node.Input(0).Shape.Length, node.Node);
}

/// <summary>An axis cut into parts: of given sizes, or as many as there are outputs.</summary>
internal sealed class SplitOperator : Operator
{
    private readonly long _axis;
    private readonly bool _isAttribute;
    private readonly long[]? _sizes;

    public SplitOperator(OperatorSource source)
    {
        _axis = source.Attributes.Int("axis", 0);
        _isAttribute = source.Opset < 13;
        _sizes = _isAttribute ? source.Attributes.Ints("split") : null;
        long parts = source.Opset >= 18 ? source.Attributes.Int("num_outputs", source.Node.Outputs.Length) : source.Node.Outputs.Length;
        if (parts != source.Node.Outputs.Length)
        {
            throw source.Node.RefuseAttribute("num_outputs", $"is {parts}; the node has {source.Node.Outputs.Length} outputs.");
        }
    }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        int axis = Axis(_axis, x.Shape.Length, node.Node);
        (int size, int count) = (x.Shape[axis], node.Outputs.Length);
        long[]? given = _isAttribute ? _sizes : node.Optional(1) is null ? null : node.Integers(1, "split");

        // Equal parts; from operator set 18 on the last one may be smaller.
        int part = (size + count - 1) / count;
        long[] sizes = given ?? [.. Enumerable.Range(0, count).Select(i => (long)Math.Clamp(size - ((long)i * part), 0, part))];
        if (sizes.Length != count || sizes.Any(one => one < 0 || one > size) || sizes.Sum() != size)
        {
            throw node.Node.Refuse($"the parts [{string.Join(", ", sizes.Take(OnnxTensor.MaxRank))}] of an axis of {size} do not make it up in {count} outputs.");
        }

        int[] strides = Shapes.Strides(x.Shape.AsSpan());
        List<(StridedCopy Copy, OnnxTensor To)> copies = [];
        int start = 0;
        for (int i = 0; i < count; i++)
        {
            int[] shape = [.. x.Shape.Select((other, index) => index == axis ? (int)sizes[i] : other)];
            StridedCopy copy = new(shape, start * strides[axis], strides, 0, Shapes.Strides(shape));
            copies.Add((copy, node.Output(i, x.Type, shape)));
            start += (int)sizes[i];
        }

        node.Run(() =>
        {
            foreach ((StridedCopy copy, OnnxTensor to) in copies)
            {
                copy.Run(x, to);
            }
        });
    }
}

/// <summary>Repeats axes of size 1 until the shape broadcasts to the given one.</summary>
internal sealed class ExpandOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        int[] wanted = Sizes.Of(node, node.Integers(1, "shape"));
        int[] shape = Shapes.Broadcast(x.Shape.AsSpan(), wanted) ?? throw node.Node.Refuse($"{x} does not broadcast to {Shapes.Text(wanted)}.");
        StridedCopy copy = new(shape, 0, Shapes.BroadcastStrides(x.Shape.AsSpan(), shape), 0, Shapes.Strides(shape));
        OnnxTensor y = node.Output(0, x.Type, shape);
        node.Run(() => copy.Run(x, y));
    }
}

/// <summary>Repeats the whole tensor along each axis.</summary>
internal sealed class TileOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        int[] repeats = Sizes.Of(node, node.Integers(1, "repeats"));
        if (repeats.Length != x.Shape.Length)
        {
            throw node.Node.Refuse($"input 1 (repeats) has {repeats.Length} values for {x}; wanted one an axis.");
        }

        int[] shape = [.. x.Shape.Select((size, axis) => checked(size * repeats[axis]))];
        OnnxTensor y = node.Output(0, x.Type, shape);

        // Each axis is two: the repetition, which stands still in the source, and the values.
        int[] from = Shapes.Strides(x.Shape.AsSpan()), to = Shapes.Strides(shape);
        IEnumerable<int> axes = Enumerable.Range(0, shape.Length);
        StridedCopy copy = new(
            [.. axes.SelectMany(axis => new[] { repeats[axis], x.Shape[axis] })], 0, [.. axes.SelectMany(axis => new[] { 0, from[axis] })],
            0, [.. axes.SelectMany(axis => new[] { to[axis] * x.Shape[axis], to[axis] })]);
        node.Run(() => copy.Run(x, y));
    }
}
