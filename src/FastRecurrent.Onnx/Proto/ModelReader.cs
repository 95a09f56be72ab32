using Google.Protobuf;

namespace FastRecurrent.Onnx.Proto;

/// <summary>From a file's bytes to <see cref="ModelProto"/>: the shape of the messages, not yet their meaning.</summary>
internal static class ModelReader
{
    public static ModelProto Read(byte[] bytes, OnnxOptions options)
    {
        try
        {
            return Model(new MessageReader(new ReadBudget(bytes, options)));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new ModelFormatException($"The file is no ONNX model or is damaged: {error.Message}", error);
        }
    }

    private static ModelProto Model(MessageReader reader)
    {
        ModelProto model = new();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: model.IrVersion = reader.Int64(); break;
                case 2: model.Producer = reader.Text(); break;
                case 3: model.ProducerVersion = reader.Text(); break;
                case 7: model.Graph = Graph(reader.Message()); break;
                case 8: model.Opsets.Add(Opset(reader.Message())); break;
                case 14: model.Metadata.Add(Entry(reader.Message())); break;
                case 25: model.HasFunctions = true; reader.Skip(); break;
                default: reader.Skip(); break;
            }
        }

        return model;
    }

    private static (string Domain, long Version) Opset(MessageReader reader)
    {
        (string domain, long version) = ("", 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: domain = reader.Text(); break;
                case 2: version = reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        return (domain, version);
    }

    private static (string Name, string Value) Entry(MessageReader reader)
    {
        (string name, string value) = ("", "");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: value = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return (name, value);
    }

    private static GraphProto Graph(MessageReader reader)
    {
        GraphProto graph = new();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: graph.Nodes.Add(Node(reader.Message())); break;
                case 2: graph.Name = reader.Text(); break;
                case 5: graph.Initializers.Add(Tensor(reader.Message())); break;
                case 10: graph.Documentation = reader.Text(); break;
                case 11: graph.Inputs.Add(ValueInfo(reader.Message())); break;
                case 12: graph.Outputs.Add(ValueInfo(reader.Message())); break;
                case 15: graph.HasSparseInitializers = true; reader.Skip(); break;
                default: reader.Skip(); break;
            }
        }

        return graph;
    }

    private static NodeProto Node(MessageReader reader)
    {
        NodeProto node = new();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: node.Inputs.Add(reader.Text()); break;
                case 2: node.Outputs.Add(reader.Text()); break;
                case 3: node.Name = reader.Text(); break;
                case 4: node.OpType = reader.Text(); break;
                case 5: node.Attributes.Add(Attribute(reader.Message())); break;
                case 7: node.Domain = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return node;
    }

    private static AttributeProto Attribute(MessageReader reader)
    {
        AttributeProto attribute = new();
        AttributeType found = AttributeType.Undefined;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: attribute.Name = reader.Text(); break;
                case 2: attribute.Float = reader.Float(); found = AttributeType.Float; break;
                case 3: attribute.Int = reader.Int64(); found = AttributeType.Int; break;
                case 4: attribute.String = reader.Text(); found = AttributeType.String; break;
                case 5: attribute.Tensor = Tensor(reader.Message()); found = AttributeType.Tensor; break;
                case 6: attribute.Graph = Graph(reader.Message()); found = AttributeType.Graph; break;
                case 7: reader.Floats(attribute.Floats); found = AttributeType.Floats; break;
                case 8: reader.Int64s(attribute.Ints); found = AttributeType.Ints; break;
                case 9: attribute.Strings.Add(reader.Text()); found = AttributeType.Strings; break;
                case 20: attribute.Type = (AttributeType)reader.Int64(); break;
                default: reader.Skip(); break;
            }
        }

        // Files of the first format versions name no type.
        attribute.Type = attribute.Type == AttributeType.Undefined ? found : attribute.Type;
        return attribute;
    }

    private static TensorProto Tensor(MessageReader reader)
    {
        reader.CountTensor();
        TensorProto tensor = new();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.Int64s(tensor.Dims); break;
                case 2: tensor.Type = (TensorDataType)reader.Int64(); break;
                case 4: reader.Floats(tensor.Floats); break;
                case 5: reader.Int64s(tensor.Integers); break;
                case 7: reader.Int64s(tensor.Integers); break;
                case 8: tensor.Name = reader.Text(); break;
                case 9: tensor.Raw = reader.Memory(); break;
                case 10: reader.Doubles(tensor.Doubles); break;
                case 13: tensor.IsExternal = true; reader.Skip(); break;
                case 14: tensor.IsExternal |= reader.Int64() != 0; break;
                default: reader.Skip(); break;
            }
        }

        return tensor;
    }

    private static ValueInfoProto ValueInfo(MessageReader reader)
    {
        ValueInfoProto info = new();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: info.Name = reader.Text(); break;
                case 2: Type(reader.Message(), info); break;
                default: reader.Skip(); break;
            }
        }

        return info;
    }

    private static void Type(MessageReader reader, ValueInfoProto info)
    {
        while (reader.Next())
        {
            // Field 1 is a tensor; others are sequences, maps, optionals.
            info.IsTensor = reader.Field == 1;
            if (!info.IsTensor)
            {
                reader.Skip();
                continue;
            }

            MessageReader tensor = reader.Message();
            while (tensor.Next())
            {
                switch (tensor.Field)
                {
                    case 1: info.Type = (TensorDataType)tensor.Int64(); break;
                    case 2: info.Shape = Shape(tensor.Message()); break;
                    default: tensor.Skip(); break;
                }
            }
        }
    }

    private static List<(long? Size, string Name)> Shape(MessageReader reader)
    {
        List<(long? Size, string Name)> shape = [];
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }

            MessageReader dimension = reader.Message();
            (long? size, string name) = ((long?)null, "");
            while (dimension.Next())
            {
                switch (dimension.Field)
                {
                    case 1: size = dimension.Int64(); break;
                    case 2: name = dimension.Text(); break;
                    default: dimension.Skip(); break;
                }
            }

            shape.Add((size, name));
        }

        return shape;
    }
}
