using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>How values become one.</summary>
internal enum ReduceKind
{
    Mean,
    Sum,
    Product,
    Max,
    Min,
}

/// <summary>
/// Values along axes become one, in double precision. The axes are an attribute up to operator set 17 (ReduceSum: 12), an
/// input since.
/// </summary>
internal sealed class ReduceOperator : Operator
{
    private readonly bool _isAttribute;
    private readonly long[]? _axes;
    private readonly bool _keepsAxes;
    private readonly bool _emptyMeansNone;

    public ReduceOperator(OperatorSource source, ReduceKind kind)
    {
        Kind = kind;
        _isAttribute = source.Opset < (kind == ReduceKind.Sum ? 13 : 18);
        _axes = _isAttribute ? source.Attributes.Ints("axes") : null;
        _keepsAxes = source.Attributes.Flag("keepdims", true);
        _emptyMeansNone = !_isAttribute && source.Attributes.Flag("noop_with_empty_axes", false);
    }

    public ReduceKind Kind { get; }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0);
        int[] axes = AxesOf(node);
        int[] kept = [.. x.Shape.Select((size, axis) => axes.Contains(axis) ? 1 : size)];
        int[] shape = _keepsAxes ? kept : [.. x.Shape.Where((_, axis) => !axes.Contains(axis))];
        float[] y = node.Output(0, OnnxElementType.Float32, shape).FloatArray;
        double[] sums = new double[y.Length];

        // Every value of x and the place where it goes, which stands still along the axes that vanish.
        int[] strides = Shapes.BroadcastStrides(kept, [.. x.Shape]);
        int[] places = new int[x.Count];
        int[] index = new int[x.Shape.Length];
        for (int i = 0, place = 0; i < places.Length; i++)
        {
            places[i] = place;
            for (int axis = index.Length - 1; axis >= 0; axis--)
            {
                place += strides[axis];
                if (++index[axis] < x.Shape[axis])
                {
                    break;
                }

                place -= strides[axis] * x.Shape[axis];
                index[axis] = 0;
            }
        }

        double count = y.Length == 0 ? 1 : (double)x.Count / y.Length;
        node.Run(() => Run(x.FloatArray, places, sums, y, count));
    }

    /// <summary>Which axes of the input vanish.</summary>
    public int[] AxesOf(PlannedNode node)
    {
        int rank = node.Input(0).Shape.Length;
        long[]? given = _isAttribute ? _axes : node.Optional(1) is null ? null : node.Integers(1, "axes");
        return given is { Length: > 0 } ? Axes(given, rank, node.Node) : _emptyMeansNone ? [] : [.. Enumerable.Range(0, rank)];
    }

    private void Run(float[] x, int[] places, double[] sums, float[] y, double count)
    {
        Array.Fill(sums, Kind switch
        {
            ReduceKind.Product => 1,
            ReduceKind.Max => double.NegativeInfinity,
            ReduceKind.Min => double.PositiveInfinity,
            _ => 0,
        });
        for (int i = 0; i < x.Length; i++)
        {
            ref double sum = ref sums[places[i]];
            sum = Kind switch
            {
                ReduceKind.Product => sum * x[i],
                ReduceKind.Max => Math.Max(sum, x[i]),
                ReduceKind.Min => Math.Min(sum, x[i]),
                _ => sum + x[i],
            };
        }

        for (int i = 0; i < y.Length; i++)
        {
            y[i] = (float)(Kind == ReduceKind.Mean ? sums[i] / count : sums[i]);
        }
    }
}
