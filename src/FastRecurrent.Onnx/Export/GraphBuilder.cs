using System.Globalization;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Export;

/// <summary>
/// Collects nodes and stored tensors under names of its own, which begin with a prefix: names within a node's graph may be none of those
/// around it.
/// </summary>
internal sealed class GraphBuilder(int opset, string prefix = "")
{
    private readonly Dictionary<string, string> _integers = [];

    public GraphProto Graph { get; } = new() { Name = "FastRecurrent" };

    public int Opset => opset;

    /// <summary>A node with one output; the name of that output.</summary>
    public string Node(string operation, string[] inputs, params AttributeProto[] attributes) => Node(operation, inputs, attributes, outputs: 1)[0];

    /// <summary>A node; the names of its outputs.</summary>
    public string[] Node(string operation, string[] inputs, AttributeProto[] attributes, int outputs)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}{operation.ToLowerInvariant()}_{Graph.Nodes.Count}");
        NodeProto node = new() { Name = name, OpType = operation };
        node.Inputs.AddRange(inputs);
        node.Outputs.AddRange(Enumerable.Range(0, outputs).Select(i => string.Create(CultureInfo.InvariantCulture, $"{name}_{i}")));
        node.Attributes.AddRange(attributes);
        Graph.Nodes.Add(node);
        return [.. node.Outputs];
    }

    /// <summary>A stored tensor of floats; its name.</summary>
    public string Floats(string name, ReadOnlySpan<float> values, params long[] shape)
    {
        name = prefix + name;
        TensorProto tensor = new() { Name = name, Type = TensorDataType.Float, Raw = MessageWriter.RawBytes(values) };
        tensor.Dims.AddRange(shape);
        Graph.Initializers.Add(tensor);
        return name;
    }

    /// <summary>A single stored float; its name.</summary>
    public string Float(float value) => Floats(string.Create(CultureInfo.InvariantCulture, $"scalar_{Graph.Initializers.Count}"), [value]);

    /// <summary>A stored list of integers; its name. Equal lists are stored once.</summary>
    public string Integers(params long[] values) => Integers(values, isScalar: false);

    public string Integer(long value) => Integers([value], isScalar: true);

    private string Integers(long[] values, bool isScalar)
    {
        string name = prefix + (isScalar ? "index_" : "list_") + string.Join('_', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
        if (_integers.TryAdd(name, name))
        {
            TensorProto tensor = new() { Name = name, Type = TensorDataType.Int64, Raw = MessageWriter.RawBytes<long>(values) };
            tensor.Dims.AddRange(isScalar ? [] : [values.Length]);
            Graph.Initializers.Add(tensor);
        }

        return name;
    }

    /// <summary>Parts of the given sizes along an axis; their names.</summary>
    public string[] Split(string x, long axis, params long[] sizes) => Node("Split", [x, Integers(sizes)], [Attribute.Int("axis", axis)], sizes.Length);

    public string Add(string a, string b) => Node("Add", [a, b]);

    public string Multiply(string a, string b) => Node("Mul", [a, b]);

    public string Squeeze(string x, long axis) => Node("Squeeze", [x, Integers(axis)]);

    public string Transpose(string x, params long[] order) => Node("Transpose", [x], Attribute.Ints("perm", order));

    public string Reshape(string x, params long[] shape) => Node("Reshape", [x, Integers(shape)]);

    /// <summary>A reduction along one axis, which stays with size 1 or vanishes. The axes became an input in operator set 13 (sum) and 18 (others).</summary>
    public string Reduce(string operation, string x, long axis, bool keepsAxis) => opset >= (operation == "ReduceSum" ? 13 : 18)
        ? Node(operation, [x, Integers(axis)], Attribute.Int("keepdims", keepsAxis ? 1 : 0))
        : Node(operation, [x], Attribute.Ints("axes", axis), Attribute.Int("keepdims", keepsAxis ? 1 : 0));
}

/// <summary>Attributes by the kind of their value.</summary>
internal static class Attribute
{
    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, Int = value };

    public static AttributeProto Float(string name, float value) => new() { Name = name, Type = AttributeType.Float, Float = value };

    public static AttributeProto Graph(string name, GraphProto value) => new() { Name = name, Type = AttributeType.Graph, Graph = value };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = AttributeType.String, String = value };

    public static AttributeProto Ints(string name, params long[] values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Floats(string name, IEnumerable<float> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Floats };
        attribute.Floats.AddRange(values);
        return attribute;
    }

    public static AttributeProto Texts(string name, IEnumerable<string> values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeType.Strings };
        attribute.Strings.AddRange(values);
        return attribute;
    }
}
