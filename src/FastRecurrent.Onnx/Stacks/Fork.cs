using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>
/// Two branches that one node joins again: the directions of one recurrent node, or a forward and a backward node of their own, as
/// exporters of Keras write a Bidirectional layer.
/// </summary>
/// <param name="Start">The value that both branches begin with.</param>
/// <param name="First">The nodes to the joining node's first input, in order.</param>
/// <param name="Second">The same to its second input.</param>
internal sealed record Fork(string Start, IReadOnlyList<Link> First, IReadOnlyList<Link> Second)
{
    /// <summary>The fork that a node joins, or null where it is none that could be a layer.</summary>
    public static Fork? TryFind(PlannedNode node, Dictionary<string, (PlannedNode Node, int Output)> makers)
    {
        bool joins = node.Inputs is [{ IsConstant: false }, { IsConstant: false }] && (node.Operator is ConcatOperator || node.Node.OpType is "Add" or "Mul");
        if (!joins)
        {
            return null;
        }

        List<(Link Link, string Input)> first = Back(node.Node.Inputs[0], makers), second = Back(node.Node.Inputs[1], makers);
        Dictionary<string, int> places = [];
        for (int j = 0; j < second.Count; j++)
        {
            places.Add(second[j].Input, j);
        }

        for (int i = 0; i < first.Count; i++)
        {
            if (places.TryGetValue(first[i].Input, out int j))
            {
                Fork fork = new(first[i].Input, Path(first, i), Path(second, j));
                bool isOfOneNode = makers.TryGetValue(fork.Start, out (PlannedNode Node, int Output) maker)
                    && maker.Node.Operator is RecurrentOperator { Directions: 2 };
                return fork.Nodes() == (1, 1) || (fork.Nodes() == (0, 0) && isOfOneNode) ? fork : null;
            }
        }

        return null;
    }

    private (int First, int Second) Nodes() => (First.Count(IsRecurrent), Second.Count(IsRecurrent));

    private static bool IsRecurrent(Link link) => link.Node.Operator is RecurrentOperator;

    private static Link[] Path(List<(Link Link, string Input)> back, int last) => [.. back.Take(last + 1).Select(step => step.Link).Reverse()];

    /// <summary>The nodes before a value, nearest first, as long as they move values about or are recurrent.</summary>
    private static List<(Link Link, string Input)> Back(string name, Dictionary<string, (PlannedNode Node, int Output)> makers)
    {
        List<(Link, string)> steps = [];
        while (makers.TryGetValue(name, out (PlannedNode Node, int Output) maker) && IsPart(maker.Node.Operator)
            && Enumerable.Range(0, maker.Node.Inputs.Length).Where(index => maker.Node.Inputs[index] is { IsConstant: false }).ToArray() is [var open])
        {
            name = maker.Node.Node.Inputs[open];
            steps.Add((new Link(maker.Node, maker.Output), name));
        }

        return steps;
    }

    private static bool IsPart(Operator @operator) => @operator is RecurrentOperator or TransposeOperator or SqueezeOperator or UnsqueezeOperator
        or ReshapeOperator or FlattenOperator or IdentityOperator or SliceOperator or GatherOperator or ReverseSequenceOperator;
}
