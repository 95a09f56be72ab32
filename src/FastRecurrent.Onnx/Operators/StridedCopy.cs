namespace FastRecurrent.Onnx.Operators;

/// <summary>
/// Moves values between two tensors, each read and written by strides of its own: what transposing, slicing, joining,
/// splitting and repeating have in common. Axes that lie behind each other in both are merged in advance.
/// </summary>
internal sealed class StridedCopy
{
    private readonly int[] _shape;
    private readonly int[] _from;
    private readonly int[] _to;
    private readonly int[] _index;
    private readonly int _fromStart;
    private readonly int _toStart;

    /// <param name="shape">How many values along each axis are moved.</param>
    /// <param name="fromStart">The first value of the source.</param>
    /// <param name="from">Strides of the source; 0 repeats, negative reads backwards.</param>
    /// <param name="toStart">The first value of the destination.</param>
    /// <param name="to">Strides of the destination.</param>
    public StridedCopy(ReadOnlySpan<int> shape, int fromStart, ReadOnlySpan<int> from, int toStart, ReadOnlySpan<int> to)
    {
        List<int> sizes = [], sources = [], destinations = [];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            bool follows = sizes.Count > 0 && sources[^1] == (long)from[axis] * shape[axis] && destinations[^1] == (long)to[axis] * shape[axis];
            if (follows)
            {
                sizes[^1] *= shape[axis];
                sources[^1] = from[axis];
                destinations[^1] = to[axis];
            }
            else if (shape[axis] != 1)
            {
                sizes.Add(shape[axis]);
                sources.Add(from[axis]);
                destinations.Add(to[axis]);
            }
        }

        _shape = sizes.Count == 0 ? [1] : [.. sizes];
        _from = sizes.Count == 0 ? [1] : [.. sources];
        _to = sizes.Count == 0 ? [1] : [.. destinations];
        _index = new int[_shape.Length];
        (_fromStart, _toStart) = (fromStart, toStart);
    }

    public void Run(OnnxTensor from, OnnxTensor to)
    {
        if (from.IsFloat)
        {
            Run(from.FloatArray, to.FloatArray);
        }
        else
        {
            Run(from.IntegerArray, to.IntegerArray);
        }
    }

    private void Run<T>(T[] from, T[] to)
    {
        if (Array.IndexOf(_shape, 0) >= 0)
        {
            return;
        }

        (int source, int destination, int last) = (_fromStart, _toStart, _shape.Length - 1);
        Array.Clear(_index);
        for (int axis = last; axis >= 0;)
        {
            Row(from, source, _from[last], to, destination, _to[last], _shape[last]);
            for (axis = last - 1; axis >= 0; axis--)
            {
                source += _from[axis];
                destination += _to[axis];
                if (++_index[axis] < _shape[axis])
                {
                    break;
                }

                source -= _from[axis] * _shape[axis];
                destination -= _to[axis] * _shape[axis];
                _index[axis] = 0;
            }
        }
    }

    private static void Row<T>(T[] from, int source, int sourceStride, T[] to, int destination, int destinationStride, int count)
    {
        if (sourceStride == 1 && destinationStride == 1)
        {
            from.AsSpan(source, count).CopyTo(to.AsSpan(destination, count));
            return;
        }

        for (int i = 0; i < count; i++, source += sourceStride, destination += destinationStride)
        {
            to[destination] = from[source];
        }
    }
}
