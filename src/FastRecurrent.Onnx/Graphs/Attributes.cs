using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Graphs;

/// <summary>
/// A node's attributes as its operator reads them. What nobody has read when the operator is done is an attribute that would
/// be ignored, and is refused by name.
/// </summary>
internal sealed class Attributes
{
    private readonly NodeInfo _node;
    private readonly Dictionary<string, AttributeProto> _unread = [];

    public Attributes(NodeProto proto, NodeInfo node)
    {
        _node = node;
        foreach (AttributeProto attribute in proto.Attributes)
        {
            if (!_unread.TryAdd(attribute.Name, attribute))
            {
                throw node.RefuseAttribute(attribute.Name, "is there twice.");
            }
        }
    }

    public bool Has(string name) => _unread.ContainsKey(name);

    public float Float(string name, float otherwise)
    {
        float value = Take(name, AttributeType.Float)?.Float ?? otherwise;
        return float.IsFinite(value) ? value : throw _node.RefuseAttribute(name, $"is {value}; wanted a finite number.");
    }

    public long Int(string name, long otherwise) => Take(name, AttributeType.Int)?.Int ?? otherwise;

    public string? Text(string name) => Take(name, AttributeType.String)?.String;

    public float[]? Floats(string name) => Take(name, AttributeType.Floats)?.Floats.ToArray();

    public long[]? Ints(string name) => Take(name, AttributeType.Ints)?.Ints.ToArray();

    public string[]? Texts(string name) => Take(name, AttributeType.Strings)?.Strings.ToArray();

    public GraphProto? Graph(string name) => Take(name, AttributeType.Graph) is { } attribute ? attribute.Graph ?? new GraphProto() : null;

    public OnnxTensor? Tensor(string name) => Take(name, AttributeType.Tensor) is { } attribute
        ? TensorDecoder.Decode(attribute.Tensor ?? new TensorProto(), $"{_node.Where}: attribute {NodeInfo.Quote(name)}")
        : null;

    /// <summary>0 or 1.</summary>
    public bool Flag(string name, bool otherwise) => Int(name, otherwise ? 1 : 0) switch
    {
        0 => false,
        1 => true,
        long value => throw _node.RefuseAttribute(name, $"is {value}; wanted 0 or 1."),
    };

    public void RequireAllRead()
    {
        foreach (string name in _unread.Keys)
        {
            throw _node.RefuseAttribute(name, "is none that this reader knows for this operator and operator set version.");
        }
    }

    private AttributeProto? Take(string name, AttributeType wanted)
    {
        if (!_unread.Remove(name, out AttributeProto? attribute))
        {
            return null;
        }

        // An empty list in a file without types looks like nothing at all.
        bool isEmptyList = attribute.Type == AttributeType.Undefined && wanted is AttributeType.Floats or AttributeType.Ints or AttributeType.Strings;
        return attribute.Type == wanted || isEmptyList
            ? attribute
            : throw _node.RefuseAttribute(name, $"is of type {attribute.Type}; wanted {wanted}.");
    }
}
