using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>The sizes of the input's axes, or of a range of them: known as soon as the shapes are.</summary>
internal sealed class ShapeOperator : Operator
{
    private readonly long _start;
    private readonly long? _end;

    public ShapeOperator(OperatorSource source)
    {
        bool hasRange = source.Opset >= 15;
        _start = hasRange ? source.Attributes.Int("start", 0) : 0;
        _end = hasRange && source.Attributes.Has("end") ? source.Attributes.Int("end", 0) : null;
    }

    public override void Plan(PlannedNode node)
    {
        ReadOnlySpan<int> shape = node.Input(0).Shape.AsSpan();
        int start = Bound(_start, shape.Length), end = Math.Max(start, Bound(_end ?? shape.Length, shape.Length));
        OnnxTensor sizes = node.Output(0, OnnxElementType.Int64, [end - start]);
        for (int i = start; i < end; i++)
        {
            sizes.IntegerArray[i - start] = shape[i];
        }

        sizes.IsConstant = true;
    }

    private static int Bound(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
}

/// <summary>The number of values.</summary>
internal sealed class SizeOperator : Operator
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor size = node.Output(0, OnnxElementType.Int64, []);
        size.IntegerArray[0] = node.Input(0).Count;
        size.IsConstant = true;
    }
}

/// <summary>The input itself.</summary>
internal sealed class IdentityOperator : Operator
{
    public override void Plan(PlannedNode node) => node.Alias(0, node.Input(0));
}

/// <summary>The same values under another shape: 0 keeps an axis, -1 takes what is left.</summary>
internal sealed class ReshapeOperator(OperatorSource source) : Operator
{
    private readonly long[]? _shape = source.Opset < 5 ? source.Attributes.Ints("shape") : null;
    private readonly bool _allowZero = source.Opset >= 14 && source.Attributes.Flag("allowzero", false);

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        long[] wanted = _shape ?? node.Integers(1, "shape");
        if (wanted.Length > OnnxTensor.MaxRank)
        {
            throw node.Node.Refuse($"the new shape has {wanted.Length} axes; at most {OnnxTensor.MaxRank} are read.");
        }

        int[] shape = new int[wanted.Length];
        int open = -1;
        long known = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            bool isKept = wanted[i] == 0 && !_allowZero;
            bool isRefused = wanted[i] is < -1 or > int.MaxValue || (wanted[i] == -1 && open >= 0) || (isKept && i >= x.Shape.Length);
            if (isRefused)
            {
                throw node.Node.Refuse($"the new shape [{string.Join(", ", wanted)}] does not fit {x}.");
            }

            open = wanted[i] == -1 ? i : open;
            shape[i] = isKept ? x.Shape[i] : (int)wanted[i];
            known = wanted[i] == -1 ? known : checked(known * shape[i]);
        }

        if (open >= 0)
        {
            shape[open] = known > 0 && x.Count % known == 0 ? (int)(x.Count / known) : throw node.Node.Refuse("the new shape "
                + $"[{string.Join(", ", wanted)}] does not fit {x}.");
        }

        node.Alias(0, x, shape);
    }
}

/// <summary>All axes before one become one, and all from there.</summary>
internal sealed class FlattenOperator(OperatorSource source) : Operator
{
    private readonly long _axis = source.Attributes.Int("axis", 1);

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        int axis = _axis == x.Shape.Length ? x.Shape.Length : Axis(_axis, Math.Max(1, x.Shape.Length), node.Node);
        int rows = Shapes.Product(x.Shape.AsSpan()[..axis]);
        node.Alias(0, x, [rows, Shapes.Product(x.Shape.AsSpan()[axis..])]);
    }
}

/// <summary>Where a node's axes are: an attribute up to operator set 12, an input since.</summary>
internal abstract class AxesOperator(OperatorSource source) : Operator
{
    private readonly bool _isAttribute = source.Opset < 13;
    private readonly long[]? _axes = source.Opset < 13 ? source.Attributes.Ints("axes") : null;

    protected long[]? AxesOf(PlannedNode node) => _isAttribute ? _axes : node.Optional(1) is null ? null : node.Integers(1, "axes");
}

/// <summary>Drops axes of size 1: the given ones, or all.</summary>
internal sealed class SqueezeOperator(OperatorSource source) : AxesOperator(source)
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        int[] axes = AxesOf(node) is { } given
            ? Axes(given, x.Shape.Length, node.Node)
            : [.. Enumerable.Range(0, x.Shape.Length).Where(axis => x.Shape[axis] == 1)];
        foreach (int axis in axes)
        {
            if (x.Shape[axis] != 1)
            {
                throw node.Node.RefuseAttribute("axes", $"names axis {axis} of {x}, whose size is not 1.");
            }
        }

        node.Alias(0, x, [.. x.Shape.Where((_, axis) => !axes.Contains(axis))]);
    }
}

/// <summary>Adds axes of size 1.</summary>
internal sealed class UnsqueezeOperator(OperatorSource source) : AxesOperator(source)
{
    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0);
        long[] given = AxesOf(node) ?? throw node.Node.RefuseAttribute("axes", "is missing.");
        int rank = x.Shape.Length + given.Length;
        if (rank > OnnxTensor.MaxRank)
        {
            throw node.Node.RefuseAttribute("axes", $"makes {rank} axes; at most {OnnxTensor.MaxRank} are read.");
        }

        int[] axes = Axes(given, rank, node.Node);
        int next = 0;
        node.Alias(0, x, [.. Enumerable.Range(0, rank).Select(axis => axes.Contains(axis) ? 1 : x.Shape[next++])]);
    }
}
