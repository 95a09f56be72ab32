namespace FastRecurrent.Onnx.Graphs;

/// <summary>
/// An operator of one node, its attributes read and checked. It knows nothing of shapes: for every set of input shapes
/// <see cref="Plan"/> works out the outputs and the computation once.
/// </summary>
internal abstract class Operator
{
    /// <summary>Whether a node whose inputs are all constants is computed when they are known, and not when the model runs.</summary>
    public virtual bool FoldsConstants => true;

    /// <summary>Stored floats within the operator.</summary>
    public virtual long ParameterCount => 0;

    public abstract void Plan(PlannedNode node);

    /// <summary>An axis as a file gives it, counted from the end where negative.</summary>
    protected static int Axis(long axis, int rank, NodeInfo node, string what = "axis") => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw node.RefuseAttribute(what, $"is {axis}; a tensor of {rank} axes has -{rank} to {rank - 1}.");

    /// <summary>Axes in increasing order, none twice.</summary>
    protected static int[] Axes(IReadOnlyList<long> axes, int rank, NodeInfo node)
    {
        if (axes.Count > rank)
        {
            throw node.RefuseAttribute("axes", $"names {axes.Count} axes of a tensor of {rank}.");
        }

        int[] result = [.. axes.Select(axis => Axis(axis, rank, node, "axes")).Order()];
        return result.Distinct().Count() == result.Length ? result : throw node.RefuseAttribute("axes", "names an axis twice.");
    }
}
