namespace FastRecurrent.Onnx.Proto;

/// <summary>From <see cref="ModelProto"/> to a file's bytes: the mirror of <see cref="ModelReader"/>.</summary>
internal static class ModelWriter
{
    public static void Write(ModelProto model, Stream stream)
    {
        MessageWriter writer = new MessageWriter().Int64(1, model.IrVersion).Text(2, model.Producer).Text(3, model.ProducerVersion);
        if (model.Graph is { } graph)
        {
            writer.Message(7, Graph(graph));
        }

        foreach ((string domain, long version) in model.Opsets)
        {
            writer.Message(8, new MessageWriter().Text(1, domain).Int64(2, version));
        }

        model.Metadata.ForEach(entry => writer.Message(14, new MessageWriter().Text(1, entry.Name).Text(2, entry.Value)));

        writer.WriteTo(stream);
    }

    /// <summary>A graph alone: equal graphs give equal bytes.</summary>
    public static byte[] Bytes(GraphProto graph)
    {
        using MemoryStream stream = new();
        Graph(graph).WriteTo(stream);
        return stream.ToArray();
    }

    private static MessageWriter Graph(GraphProto graph)
    {
        MessageWriter writer = new();
        graph.Nodes.ForEach(node => writer.Message(1, Node(node)));
        writer.Text(2, graph.Name);
        graph.Initializers.ForEach(tensor => writer.Message(5, Tensor(tensor)));
        writer = graph.Documentation.Length == 0 ? writer : writer.Text(10, graph.Documentation);
        graph.Inputs.ForEach(input => writer.Message(11, ValueInfo(input)));
        graph.Outputs.ForEach(output => writer.Message(12, ValueInfo(output)));
        return writer;
    }

    private static MessageWriter Node(NodeProto node)
    {
        MessageWriter writer = new();
        node.Inputs.ForEach(input => writer.Text(1, input));
        node.Outputs.ForEach(output => writer.Text(2, output));
        writer.Text(3, node.Name).Text(4, node.OpType);
        node.Attributes.ForEach(attribute => writer.Message(5, Attribute(attribute)));
        return node.Domain.Length == 0 ? writer : writer.Text(7, node.Domain);
    }

    private static MessageWriter Attribute(AttributeProto attribute)
    {
        MessageWriter writer = new MessageWriter().Text(1, attribute.Name);
        switch (attribute.Type)
        {
            case AttributeType.Float: writer.Float(2, attribute.Float); break;
            case AttributeType.Int: writer.Int64(3, attribute.Int); break;
            case AttributeType.String: writer.Text(4, attribute.String); break;
            case AttributeType.Tensor: writer.Message(5, Tensor(attribute.Tensor!)); break;
            case AttributeType.Graph: writer.Message(6, Graph(attribute.Graph!)); break;
            case AttributeType.Floats: attribute.Floats.ForEach(value => writer.Float(7, value)); break;
            case AttributeType.Ints: attribute.Ints.ForEach(value => writer.Int64(8, value)); break;
            case AttributeType.Strings: attribute.Strings.ForEach(value => writer.Text(9, value)); break;
            default: throw new NotSupportedException($"No attribute of type {attribute.Type} is written.");
        }

        return writer.Int64(20, (long)attribute.Type);
    }

    private static MessageWriter Tensor(TensorProto tensor)
    {
        MessageWriter writer = new();
        tensor.Dims.ForEach(size => writer.Int64(1, size));
        writer.Int64(2, (long)tensor.Type);
        tensor.Floats.ForEach(value => writer.Float(4, value));
        tensor.Integers.ForEach(value => writer.Int64(tensor.Type == TensorDataType.Int64 ? 7 : 5, value));
        writer.Text(8, tensor.Name);
        return tensor.Raw is { } raw ? writer.Bytes(9, raw) : writer;
    }

    private static MessageWriter ValueInfo(ValueInfoProto info)
    {
        MessageWriter tensor = new MessageWriter().Int64(1, (long)info.Type);
        if (info.Shape is { } sizes)
        {
            MessageWriter shape = new();
            foreach ((long? size, string name) in sizes)
            {
                shape.Message(1, size is { } known ? new MessageWriter().Int64(1, known) : new MessageWriter().Text(2, name));
            }

            tensor.Message(2, shape);
        }

        return new MessageWriter().Text(1, info.Name).Message(2, new MessageWriter().Message(1, tensor));
    }
}
