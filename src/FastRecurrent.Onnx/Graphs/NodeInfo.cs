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
        Inputs = [.. proto.Inputs];
        Outputs = [.. proto.Outputs];
    }

    public string Name { get; }

    public string OpType { get; }

    public ImmutableArray<string> Inputs { get; }

    public ImmutableArray<string> Outputs { get; }

    /// <summary>How messages begin.</summary>
    public string Where => $"Node {Quote(Name)} ({Cut(OpType)})";

    public ModelFormatException Refuse(string why) => new($"{Where}: {why}");

    public ModelFormatException Refuse(string why, Exception inner) => new($"{Where}: {why}", inner);

    public ModelFormatException RefuseAttribute(string attribute, string why) => Refuse($"attribute {Quote(attribute)} {why}");

    /// <summary>A name of the file in quotes, cut where it is absurdly long.</summary>
    public static string Quote(string name) => $"'{Cut(name)}'";

    private static string Cut(string name) => name.Length <= LongestName ? name : $"{name[..LongestName]}...";
}
