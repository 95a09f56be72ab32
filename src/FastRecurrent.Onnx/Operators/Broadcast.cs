using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>Goes over up to three tensors that broadcast to one shape, a row of the last axis at a time.</summary>
internal sealed class Broadcast
{
    private readonly int[] _shape;
    private readonly int[][] _strides;
    private readonly int[] _index;
    private readonly int[] _offsets = new int[3];

    private Broadcast(int[] shape, int[][] strides)
    {
        (_shape, _strides) = (shape, strides);
        _index = new int[shape.Length];
    }

    /// <summary>A row: where each operand begins, where the result begins. Steps within a row are in <see cref="Step"/>.</summary>
    public delegate void RowAction(ReadOnlySpan<int> offsets, int result, int count);

    public int[] Shape { get; private init; } = [];

    public static Broadcast Of(PlannedNode node, params ReadOnlySpan<OnnxTensor> operands)
    {
        int[] result = [];
        foreach (OnnxTensor operand in operands)
        {
            result = Shapes.Broadcast(result, operand.Shape.AsSpan()) ?? throw node.Node.Refuse(
                $"inputs of the shapes {Shapes.Text(operands[0].Shape.AsSpan())} and {Shapes.Text(operand.Shape.AsSpan())} do not broadcast to one shape.");
        }

        int[] shape = result.Length == 0 ? [1] : result;
        int[][] strides = new int[3][];
        for (int i = 0; i < strides.Length; i++)
        {
            strides[i] = i < operands.Length ? Shapes.BroadcastStrides(operands[i].Shape.AsSpan(), shape) : new int[shape.Length];
        }

        return new Broadcast(shape, strides) { Shape = result };
    }

    /// <summary>0 where an operand repeats one value along a row, else 1.</summary>
    public int Step(int operand) => _strides[operand][^1];

    public void Run(RowAction row)
    {
        if (Array.IndexOf(_shape, 0) >= 0)
        {
            return;
        }

        Array.Clear(_index);
        Array.Clear(_offsets);
        int last = _shape.Length - 1;
        int result = 0;
        for (int axis = last; axis >= 0;)
        {
            row(_offsets, result, _shape[last]);
            result += _shape[last];
            for (axis = last - 1; axis >= 0; axis--)
            {
                bool carries = ++_index[axis] == _shape[axis];
                for (int operand = 0; operand < _offsets.Length; operand++)
                {
                    _offsets[operand] += _strides[operand][axis] * (carries ? 1 - _shape[axis] : 1);
                }

                if (!carries)
                {
                    break;
                }

                _index[axis] = 0;
            }
        }
    }
}
