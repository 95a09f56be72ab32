using FastRecurrent.Onnx.Proto;
using Attribute = FastRecurrent.Onnx.Export.Attribute;

namespace FastRecurrent.Tests.Onnx;

/// <summary>A tensor of a test model: shape and values, stored in the file or given when it runs.</summary>
internal sealed record TestTensor(int[] Shape, float[] Values, TensorDataType Type = TensorDataType.Float, bool IsStored = true)
{
    public static TestTensor Integers(int[] shape, params long[] values) => new(shape, [.. values.Select(value => (float)value)], TensorDataType.Int64);

    public OnnxTensor ToTensor() => Type == TensorDataType.Float
        ? new OnnxTensor(Shape, Values)
        : new OnnxTensor(Shape, Array.ConvertAll(Values, value => (long)value), Type == TensorDataType.Int32 ? OnnxElementType.Int32 : OnnxElementType.Int64);

    public TensorProto ToProto(string name)
    {
        TensorProto tensor = new() { Name = name, Type = Type };
        tensor.Dims.AddRange(Shape.Select(size => (long)size));
        if (Type == TensorDataType.Float)
        {
            tensor.Raw = MessageWriter.RawBytes<float>(Values);
        }
        else
        {
            tensor.Integers.AddRange(Values.Select(value => (long)value));
        }

        return tensor;
    }
}

/// <summary>Small models, made message by message.</summary>
internal static class OnnxModels
{
    public static ModelProto Model(int opset, params NodeProto[] nodes)
    {
        ModelProto model = new() { IrVersion = 8, Producer = "tests", Graph = new GraphProto { Name = "graph" } };
        model.Opsets.Add(("", opset));
        model.Graph.Nodes.AddRange(nodes);
        return model;
    }

    public static NodeProto Node(string operation, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        NodeProto node = new() { Name = $"the_{operation.ToLowerInvariant()}", OpType = operation };
        node.Inputs.AddRange(inputs);
        node.Outputs.AddRange(outputs);
        node.Attributes.AddRange(attributes);
        return node;
    }

    public static ModelProto With(this ModelProto model, string name, TestTensor tensor)
    {
        if (tensor.IsStored)
        {
            model.Graph!.Initializers.Add(tensor.ToProto(name));
        }
        else
        {
            model.Graph!.Inputs.Add(Declare(name, tensor.Type, [.. tensor.Shape.Select(size => (long?)size)]));
        }

        return model;
    }

    public static ModelProto Input(this ModelProto model, string name, params long?[] shape)
    {
        model.Graph!.Inputs.Add(Declare(name, TensorDataType.Float, shape));
        return model;
    }

    public static ModelProto Output(this ModelProto model, string name, TensorDataType type = TensorDataType.Float)
    {
        ValueInfoProto info = Declare(name, type, []);
        info.Shape = null;
        model.Graph!.Outputs.Add(info);
        return model;
    }

    public static ValueInfoProto Declare(string name, TensorDataType type, long?[] shape) =>
        new() { Name = name, Type = type, IsTensor = true, Shape = [.. shape.Select((size, axis) => (size, size is null ? $"{name}_{axis}" : ""))] };

    public static byte[] ToBytes(this ModelProto model)
    {
        using MemoryStream stream = new();
        ModelWriter.Write(model, stream);
        return stream.ToArray();
    }

    public static OnnxModel Load(byte[] bytes, OnnxOptions? options = null)
    {
        using MemoryStream stream = new(bytes);
        return OnnxModel.Load(stream, options);
    }

    public static OnnxModel Load(this ModelProto model, OnnxOptions? options = null) => Load(model.ToBytes(), options);

    public static AttributeProto Int(string name, long value) => Attribute.Int(name, value);

    public static AttributeProto Ints(string name, params long[] values) => Attribute.Ints(name, values);

    public static AttributeProto Float(string name, float value) => Attribute.Float(name, value);

    public static AttributeProto Floats(string name, params float[] values) => Attribute.Floats(name, values);

    public static AttributeProto Text(string name, string value) => Attribute.Text(name, value);

    public static AttributeProto Texts(string name, params string[] values) => Attribute.Texts(name, values);
}
