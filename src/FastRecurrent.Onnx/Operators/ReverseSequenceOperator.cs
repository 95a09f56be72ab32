using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>
/// The first so many steps of each row in reverse order, the steps behind them as they are (ONNX's ReverseSequence, operator set 10):
/// what exporters of Keras put before and behind a layer that runs backwards.
/// </summary>
internal sealed class ReverseSequenceOperator(OperatorSource source) : Operator
{
    private readonly int _timeAxis = Axis(source, "time_axis", 0);
    private readonly int _batchAxis = Axis(source, "batch_axis", 1);

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.Input(0), lengths = node.Input(1);
        if (_timeAxis == _batchAxis || x.Shape.Length < 2)
        {
            throw node.Node.RefuseAttribute("time_axis", $"is {_timeAxis} and batch_axis {_batchAxis} for input {x}; wanted 0 and 1, or 1 and 0.");
        }

        if (lengths.IsFloat || !lengths.Shape.AsSpan().SequenceEqual([x.Shape[_batchAxis]]))
        {
            throw node.Node.Refuse($"input sequence_lens is {lengths}; wanted integers [{x.Shape[_batchAxis]}].");
        }

        OnnxTensor y = node.Output(0, x.Type, [.. x.Shape]);
        int inner = x.Shape.Skip(2).Aggregate(1, (product, size) => product * size);
        node.Run(() => Run(node.Node, x, lengths.IntegerArray, y, inner));
    }

    /// <summary>The axis that is reversed as a whole for every row, or null.</summary>
    public int? ReversedAxis(PlannedNode node)
    {
        OnnxTensor lengths = node.Input(1);
        return lengths.IsConstant && !lengths.IntegerArray.AsSpan().ContainsAnyExcept(node.Input(0).Shape[_timeAxis]) ? _timeAxis : null;
    }

    private void Run(NodeInfo info, OnnxTensor x, long[] lengths, OnnxTensor y, int inner)
    {
        int steps = x.Shape[_timeAxis], columns = x.Shape[1];
        for (int row = 0; row < lengths.Length; row++)
        {
            if (lengths[row] < 0 || lengths[row] > steps)
            {
                throw info.Refuse($"row {row} has {lengths[row]} steps; wanted 0 to {steps}.");
            }

            for (int step = 0; step < steps; step++)
            {
                int to = Place(step, row, columns) * inner, from = Place(step < lengths[row] ? (int)lengths[row] - 1 - step : step, row, columns) * inner;
                if (x.IsFloat)
                {
                    x.FloatArray.AsSpan(from, inner).CopyTo(y.FloatArray.AsSpan(to));
                }
                else
                {
                    x.IntegerArray.AsSpan(from, inner).CopyTo(y.IntegerArray.AsSpan(to));
                }
            }
        }
    }

    private int Place(int step, int row, int columns) => _timeAxis == 0 ? (step * columns) + row : (row * columns) + step;

    private static int Axis(OperatorSource source, string name, int usual)
    {
        long axis = source.Attributes.Int(name, usual);
        return axis is 0 or 1 ? (int)axis : throw source.Node.RefuseAttribute(name, $"is {axis}; wanted 0 or 1.");
    }
}
