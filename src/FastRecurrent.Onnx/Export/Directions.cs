namespace FastRecurrent.Onnx.Export;

/// <summary>How two directions become one output.</summary>
internal static class Directions
{
    /// <summary>Y [T, 2, N, H] or Y_h [2, N, H] with its directions joined.</summary>
    public static string Merge(GraphBuilder graph, Merge merge, string y, bool isFinalState)
    {
        string? reduction = merge switch
        {
            FastRecurrent.Merge.Sum => "ReduceSum",
            FastRecurrent.Merge.Multiply => "ReduceProd",
            FastRecurrent.Merge.Average => "ReduceMean",
            _ => null,
        };
        return reduction is not null ? graph.Reduce(reduction, y, isFinalState ? 0 : 1, keepsAxis: false)
            : isFinalState ? graph.Reshape(graph.Transpose(y, 1, 0, 2), 0, -1)
            : graph.Reshape(graph.Transpose(y, 0, 2, 1, 3), 0, 0, -1);
    }
}
