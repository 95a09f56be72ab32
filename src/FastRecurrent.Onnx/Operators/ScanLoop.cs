using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>One index after the other of an axis of a tensor, and the tensor without that axis.</summary>
internal sealed record ScanSlice(OnnxTensor Whole, OnnxTensor Part, int Axis, bool IsReverse)
{
    private readonly int _inner = Shapes.Product(Whole.Shape.AsSpan()[(Axis + 1)..]);
    private readonly int _steps = Whole.Shape[Axis];

    public void Take(int step)
    {
        Copy(Whole.FloatArray, Part.FloatArray, step, toPart: true);
        Copy(Whole.IntegerArray, Part.IntegerArray, step, toPart: true);
    }

    public void Put(int step)
    {
        Copy(Whole.FloatArray, Part.FloatArray, step, toPart: false);
        Copy(Whole.IntegerArray, Part.IntegerArray, step, toPart: false);
    }

    private void Copy<T>(T[] whole, T[] part, int step, bool toPart)
    {
        int index = IsReverse ? _steps - 1 - step : step;
        for (int at = 0; at < part.Length; at += _inner)
        {
            Span<T> slice = whole.AsSpan(((at / _inner * _steps) + index) * _inner, _inner), own = part.AsSpan(at, _inner);
            (toPart ? slice : own).CopyTo(toPart ? own : slice);
        }
    }
}

/// <summary>The body of a Scan, step by step, in memory that is there from the start.</summary>
internal sealed class ScanLoop(int steps, ScanSlice[] inputs, ScanSlice[] outputs, Action[] body)
{
    /// <summary>The states that the node is given.</summary>
    public required OnnxTensor[] Initial { get; init; }

    /// <summary>The states that the body reads.</summary>
    public required OnnxTensor[] States { get; init; }

    /// <summary>The states that the body gives; they may be the same memory as one that it reads.</summary>
    public required OnnxTensor[] Next { get; init; }

    /// <summary>The node's outputs, which hold the states between two steps.</summary>
    public required OnnxTensor[] Final { get; init; }

    public void Run()
    {
        Copy(Initial, Final);
        for (int step = 0; step < steps; step++)
        {
            Copy(Final, States);
            foreach (ScanSlice input in inputs)
            {
                input.Take(step);
            }

            foreach (Action node in body)
            {
                node();
            }

            Copy(Next, Final);
            foreach (ScanSlice output in outputs)
            {
                output.Put(step);
            }
        }
    }

    private static void Copy(OnnxTensor[] from, OnnxTensor[] to)
    {
        for (int i = 0; i < from.Length; i++)
        {
            from[i].FloatArray.CopyTo(to[i].FloatArray, 0);
            from[i].IntegerArray.CopyTo(to[i].IntegerArray, 0);
        }
    }
}
