using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>One node of a chain.</summary>
/// <param name="Node">The node.</param>
/// <param name="Output">Which of its outputs goes on.</param>
/// <param name="Index">For a Gather out of joined tensors: the index within the one that is followed.</param>
/// <param name="Norm">The layer normalization whose last node this is, where exporters wrote it as many nodes.</param>
/// <param name="Outputs">For a Scan whose directions are joined behind it: the output of each one.</param>
/// <param name="Fork">The two branches that this node joins.</param>
internal sealed record Link(
    PlannedNode Node, int Output, int? Index = null, LayerNormPattern? Norm = null, JoinedOutputs? Outputs = null, Fork? Fork = null);

/// <summary>Two outputs of one node, joined: along an axis of their own, or behind one another on the last axis.</summary>
/// <param name="First">The first output's number.</param>
/// <param name="Second">The second output's number.</param>
/// <param name="HasAxis">Whether they are joined along a new axis.</param>
internal sealed record JoinedOutputs(int First, int Second, bool HasAxis);

/// <summary>The nodes between an input and an output where each takes one value that depends on the input.</summary>
internal static class Chain
{
    /// <summary>The name of the input that the chain starts from, and its nodes in order.</summary>
    public static (string Input, List<Link> Links) Trace(Graph graph, Plan plan, string output)
    {
        Dictionary<string, (PlannedNode Node, int Output)> makers = [];
        foreach (PlannedNode node in plan.Nodes)
        {
            for (int i = 0; i < node.Node.Outputs.Length; i++)
            {
                makers[node.Node.Outputs[i]] = (node, i);
            }
        }

        List<Link> links = [];
        string name = output;
        while (makers.TryGetValue(name, out (PlannedNode Node, int Output) maker))
        {
            if (LayerNormPattern.TryMatch(maker.Node, makers) is { } norm)
            {
                links.Add(new Link(maker.Node, maker.Output, Norm: norm));
                name = norm.Input;
            }
            else if (Joined(maker.Node, makers) is { } joined)
            {
                links.Add(joined);
                name = OpenInput(joined.Node);
            }
            else if (Fork.TryFind(maker.Node, makers) is { } fork)
            {
                links.Add(new Link(maker.Node, maker.Output, Fork: fork));
                name = fork.Start;
            }
            else
            {
                (Link link, name) = Follow(maker.Node, maker.Output, makers);
                links.Add(link);
            }
        }

        links.Reverse();
        return graph.Inputs.Any(input => input.Name == name)
            ? (name, links)
            : throw new ModelFormatException($"The output {NodeInfo.Quote(output)} depends on no input; there is no stack of layers to make of it.");
    }

    private static (Link Link, string Input) Follow(PlannedNode node, int output, Dictionary<string, (PlannedNode Node, int Output)> makers)
    {
        int[] open = [.. Enumerable.Range(0, node.Inputs.Length).Where(index => node.Inputs[index] is { IsConstant: false })];

        // Both directions of a Scan read the same steps.
        open = node.Operator is ScanOperator ? [.. open.DistinctBy(index => node.Node.Inputs[index])] : open;
        if (open.Length != 1)
        {
            throw node.Node.Refuse($"it takes {open.Length} values that depend on the model's inputs "
                + $"({string.Join(", ", open.Select(index => node.Node.Inputs[index]))}); "
                + "a stack of layers is one chain.");
        }

        string input = node.Node.Inputs[open[0]];
        if (open[0] == 0 && node.Operator is GatherOperator gather && node.Input(1).Count == 1
            && makers.TryGetValue(input, out (PlannedNode Node, int Output) joined) && joined.Node.Operator is ConcatOperator concat
            && concat.AxisOf(joined.Node) == gather.AxisOf(node))
        {
            // One of several tensors that were joined only to be picked from, such as the last layer's state of PyTorch's h_n.
            int axis = gather.AxisOf(node);
            int index = GatherOperator.Position(node.Input(1).IntegerArray[0], node.Input(0).Shape[axis], node.Node);
            int part = 0;
            for (; index >= joined.Node.Input(part).Shape[axis]; part++)
            {
                index -= joined.Node.Input(part).Shape[axis];
            }

            return (new Link(node, output, index), joined.Node.Node.Inputs[part]);
        }

        return (new Link(node, output), input);
    }

    /// <summary>The Scan of two directions whose outputs a Concat joins, or null.</summary>
    private static Link? Joined(PlannedNode node, Dictionary<string, (PlannedNode Node, int Output)> makers)
    {
        if (node.Operator is not ConcatOperator concat || node.Inputs.Length != 2)
        {
            return null;
        }

        (PlannedNode Node, int Output)[] parts = [.. node.Node.Inputs.Where(makers.ContainsKey).Select(input => makers[input])];
        bool hasAxis = parts.Length == 2 && Array.TrueForAll(parts, part => part.Node.Operator is UnsqueezeOperator);
        parts = hasAxis ? [.. parts.Select(part => part.Node.Node.Inputs[0]).Where(makers.ContainsKey).Select(input => makers[input])] : parts;
        return parts is [{ Node.Operator: ScanOperator } first, var second] && first.Node == second.Node
            && concat.AxisOf(node) == ExpectedAxis(first, hasAxis) && (!hasAxis || node.Input(0).Shape[concat.AxisOf(node)] == 1)
            ? new Link(first.Node, first.Output, Outputs: new JoinedOutputs(first.Output, second.Output, hasAxis))
            : null;
    }

    /// <summary>The axis of directions: 1 of Y [T, 2, N, R], 0 of the states [2, N, R]; without one the last.</summary>
    private static int ExpectedAxis((PlannedNode Node, int Output) part, bool hasAxis)
    {
        int rank = part.Node.Outputs[part.Output]!.Shape.Length;
        return hasAxis ? rank - 2 : rank - 1;
    }

    private static string OpenInput(PlannedNode scan) => Follow(scan, 0, []).Input;
}
