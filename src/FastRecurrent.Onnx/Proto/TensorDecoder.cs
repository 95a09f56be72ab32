using System.Buffers.Binary;
using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Proto;

/// <summary>From a stored tensor to its values: everything is checked before anything is allocated.</summary>
internal static class TensorDecoder
{
    /// <param name="proto">As read.</param>
    /// <param name="where">How messages name the tensor.</param>
    public static OnnxTensor Decode(TensorProto proto, string where)
    {
        if (proto.IsExternal)
        {
            throw new ModelFormatException($"{where} keeps its values in another file (external data), which is not read; save the model as one file.");
        }

        int[] shape = Shape(proto, where);
        int count = Shapes.Count(shape)
            ?? throw new ModelFormatException($"{where} has the shape {Shapes.Text(shape)}, which is more than memory can hold.");
        OnnxElementType type = ElementType(proto.Type)
            ?? throw new ModelFormatException($"{where} has values of type {Name(proto.Type)}; types that are read: {ReadableTypes}.");
        int found = proto.Raw is { } raw ? raw.Length / Width(proto.Type) : StoredCount(proto);
        bool isWhole = proto.Raw is not { } bytes || bytes.Length % Width(proto.Type) == 0;
        if (found != count || !isWhole)
        {
            string stored = proto.Raw is { } some ? $"{some.Length} bytes" : $"{found} values";
            throw new ModelFormatException($"{where} has the shape {Shapes.Text(shape)}, which wants {count} values of {Name(proto.Type)}, but stores {stored}.");
        }

        if (proto is { Type: TensorDataType.Float, Raw: { } bits } && BitConverter.IsLittleEndian)
        {
            return new OnnxTensor(shape, bits);
        }

        // Every value is written below.
        float[] floats = type == OnnxElementType.Float32 ? GC.AllocateUninitializedArray<float>(count) : [];
        long[] integers = type == OnnxElementType.Float32 ? [] : new long[count];
        if (proto.Raw is { } memory)
        {
            DecodeRaw(proto.Type, memory.Span, floats, integers);
        }
        else
        {
            DecodeLists(proto, floats, integers);
        }

        return new OnnxTensor(type, shape, floats, integers) { IsConstant = true };
    }

    internal const string ReadableTypes = "float, double, float16, bfloat16, int32, int64, bool";

    /// <summary>The type's name as the format has it, or its number.</summary>
    public static string Name(TensorDataType type) =>
        Enum.IsDefined(type) && type != TensorDataType.Undefined ? type.ToString().ToLowerInvariant() : $"{(int)type} (unknown here)";

    public static OnnxElementType? ElementType(TensorDataType type) => type switch
    {
        TensorDataType.Float or TensorDataType.Double or TensorDataType.Float16 or TensorDataType.BFloat16 => OnnxElementType.Float32,
        TensorDataType.Int32 => OnnxElementType.Int32,
        TensorDataType.Int64 => OnnxElementType.Int64,
        TensorDataType.Bool => OnnxElementType.Bool,
        _ => null,
    };

    private static int[] Shape(TensorProto proto, string where)
    {
        if (proto.Dims.Count > OnnxTensor.MaxRank)
        {
            throw new ModelFormatException($"{where} has {proto.Dims.Count} axes; at most {OnnxTensor.MaxRank} are read.");
        }

        foreach (long size in proto.Dims)
        {
            if (size is < 0 or > int.MaxValue)
            {
                throw new ModelFormatException($"{where} has an axis of size {size}; wanted 0 to {int.MaxValue}.");
            }
        }

        return [.. proto.Dims.Select(size => (int)size)];
    }

    private static int Width(TensorDataType type) => type switch
    {
        TensorDataType.Bool => sizeof(byte),
        TensorDataType.Float16 or TensorDataType.BFloat16 => sizeof(ushort),
        TensorDataType.Double or TensorDataType.Int64 => sizeof(long),
        _ => sizeof(float),
    };

    private static int StoredCount(TensorProto proto) => proto.Type switch
    {
        TensorDataType.Float => proto.Floats.Count,
        TensorDataType.Double => proto.Doubles.Count,
        _ => proto.Integers.Count,
    };

    private static void DecodeRaw(TensorDataType type, ReadOnlySpan<byte> raw, Span<float> floats, Span<long> integers)
    {
        int width = Width(type);
        for (int i = 0; i < floats.Length + integers.Length; i++)
        {
            ReadOnlySpan<byte> value = raw.Slice(i * width, width);
            switch (type)
            {
                case TensorDataType.Float: floats[i] = BinaryPrimitives.ReadSingleLittleEndian(value); break;
                case TensorDataType.Double: floats[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(value); break;
                case TensorDataType.Float16: floats[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(value); break;
                case TensorDataType.BFloat16: floats[i] = BrainFloat(BinaryPrimitives.ReadUInt16LittleEndian(value)); break;
                case TensorDataType.Int32: integers[i] = BinaryPrimitives.ReadInt32LittleEndian(value); break;
                case TensorDataType.Int64: integers[i] = BinaryPrimitives.ReadInt64LittleEndian(value); break;
                default: integers[i] = value[0] == 0 ? 0 : 1; break;
            }
        }
    }

    private static void DecodeLists(TensorProto proto, Span<float> floats, Span<long> integers)
    {
        for (int i = 0; i < floats.Length; i++)
        {
            floats[i] = proto.Type switch
            {
                TensorDataType.Float => proto.Floats[i],
                TensorDataType.Double => (float)proto.Doubles[i],
                TensorDataType.Float16 => (float)BitConverter.UInt16BitsToHalf((ushort)proto.Integers[i]),
                _ => BrainFloat((ushort)proto.Integers[i]),
            };
        }

        for (int i = 0; i < integers.Length; i++)
        {
            integers[i] = proto.Type switch
            {
                TensorDataType.Bool => proto.Integers[i] == 0 ? 0 : 1,
                TensorDataType.Int32 => (int)proto.Integers[i],
                _ => proto.Integers[i],
            };
        }
    }

    /// <summary>The upper half of a 32-bit float.</summary>
    private static float BrainFloat(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
