using System.Collections.Immutable;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Graphs;

/// <summary>Who a node is: its name, operator and the names of its values. "" stands for an optional value that is not there.</summary>
internal sealed class NodeInfo
{
    private const int LongestName = 100;

    public NodeInfo(NodeProto proto, int index)
    {
        Name = proto.Name.Length > 0 ? proto.Name : $"#{index}";
        OpType = proto.OpType;
        Captured = [.. proto.Attributes.Select(attribute => attribute.Graph).OfType<GraphProto>().SelectMany(Free).Distinct()];
        Inputs = [.. proto.Inputs, .. Captured];
        Outputs = [.. proto.Outputs];
    }

    public string Name { get; }

    public string OpType { get; }

    /// <summary>The node's own inputs, and behind them the <see cref="Captured"/> values.</summary>
    public ImmutableArray<string> Inputs { get; }

    /// <summary>Values of the graph around the node that the graphs among its attributes read.</summary>
    public ImmutableArray<string> Captured { get; }

    public ImmutableArray<string> Outputs { get; }

    /// <summary>How messages begin.</summary>
    public string Where => $"Node {Quote(Name)} ({Cut(OpType)})";

    public ModelFormatException Refuse(string why) => new($"{Where}: {why}");

    public ModelFormatException Refuse(string why, Exception inner) => new($"{Where}: {why}", inner);

    public ModelFormatException RefuseAttribute(string attribute, string why) => Refuse($"attribute {Quote(attribute)} {why}");

    public ModelFormatException RefuseAttribute(string attribute, string why, Exception inner) => Refuse($"attribute {Quote(attribute)} {why}", inner);

    /// <summary>A name of the file in quotes, cut where it is absurdly long.</summary>
    public static string Quote(string name) => $"'{Cut(name)}'";

    /// <summary>The names that a graph reads and nothing in it makes.</summary>
    private static HashSet<string> Free(GraphProto graph)
    {
        HashSet<string> made = [.. graph.Initializers.Select(tensor => tensor.Name), .. graph.Inputs.Select(input => input.Name), ""];
        HashSet<string> free = [];
        foreach (NodeProto node in graph.Nodes)
        {
            free.UnionWith(node.Inputs.Where(input => !made.Contains(input)));
            made.UnionWith(node.Outputs);
        }

        return free;
    }

    private static string Cut(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}...";
}
