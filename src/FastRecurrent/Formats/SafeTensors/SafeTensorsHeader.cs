using System.Buffers.Binary;
using System.Text.Json;

namespace FastRecurrent.Formats;

/// <summary>
/// The header of a safetensors file, checked as a whole: 8 bytes of length, JSON of types, shapes and byte ranges, then the values.
/// Every range fits its type and shape, and together they cover all bytes behind the header once. Source: the format's description
/// in the documentation of the safetensors library.
/// </summary>
internal sealed class SafeTensorsHeader
{
    public const int LengthBytes = sizeof(long);
    public const string MetadataName = "__metadata__";

    private const int FewestHeaderBytes = 2; // {}

    private SafeTensorsHeader(Dictionary<string, TensorPlace> tensors, Dictionary<string, string> metadata)
    {
        Tensors = tensors;
        Metadata = metadata;
    }

    /// <summary>The tensors by name, in the header's order.</summary>
    public Dictionary<string, TensorPlace> Tensors { get; }

    public Dictionary<string, string> Metadata { get; }

    /// <summary>The length of the header that a file begins with.</summary>
    public static int HeaderBytes(string file, ReadOnlySpan<byte> start, long fileBytes, ImportLimits limits)
    {
        if (fileBytes > limits.FileBytes)
        {
            throw new ModelFormatException(file, "", $"the file has {fileBytes} bytes; the limit is {limits.FileBytes} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.FileBytes)}).");
        }

        if (start.Length < LengthBytes)
        {
            throw new ModelFormatException(file, "", $"the file has {fileBytes} bytes; a safetensors file begins with 8 bytes of header length.");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (!start[..LengthBytes].ContainsAnyExceptInRange((byte)'\t', (byte)'~'))
        {
            throw new ModelFormatException(file, "", "the file begins with text; it is no safetensors file, and no model file (a table?).");
        }

        if (length > (ulong)(fileBytes - LengthBytes))
        {
            throw new ModelFormatException(file, "header", $"its length is {length}, but only {fileBytes - LengthBytes} bytes "
                + "follow; the file is cut off, or no safetensors file.");
        }

        if (length < FewestHeaderBytes)
        {
            throw new ModelFormatException(file, "header", $"its length is {length}; wanted at least {FewestHeaderBytes}.");
        }

        return length <= (ulong)limits.HeaderBytes
            ? (int)length
            : throw new ModelFormatException(file, "header", $"its length is {length}; the limit is {limits.HeaderBytes} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.HeaderBytes)}).");
    }

    /// <summary>Parses and checks the JSON of a header whose values take <paramref name="valueBytes"/> bytes.</summary>
    public static SafeTensorsHeader Parse(string file, ReadOnlyMemory<byte> json, long valueBytes, ImportLimits limits)
    {
        if (json.Span[0] != (byte)'{')
        {
            throw new ModelFormatException(file, "header", "it does not begin with '{'; this is no safetensors file.");
        }

        using JsonDocument document = JsonItem.Parse(file, "header", json, limits);
        Dictionary<string, TensorPlace> tensors = [];
        Dictionary<string, string> metadata = [];
        foreach ((string name, JsonItem value) in new JsonItem(file, "", document.RootElement).Members)
        {
            if (name == MetadataName)
            {
                metadata = value.Members.ToDictionary(member => member.Name, member => member.Value.Text());
                continue;
            }

            if (tensors.Count == limits.Tensors)
            {
                throw new ModelFormatException(file, "header", $"it has more than {limits.Tensors} tensors, the limit "
                    + $"({nameof(ImportLimits)}.{nameof(ImportLimits.Tensors)}).");
            }

            tensors.Add(name, ReadPlace(value, limits));
        }

        RequireCover(file, tensors, valueBytes);
        return new SafeTensorsHeader(tensors, metadata);
    }

    private static TensorPlace ReadPlace(JsonItem tensor, ImportLimits limits)
    {
        tensor.AllowOnly("dtype", "shape", "data_offsets");
        string type = tensor["dtype"].Text();
        int size = TensorType.SizeOf(type);
        if (size == 0)
        {
            throw tensor["dtype"].Wrong($"one of {TensorType.Known}");
        }

        JsonItem shape = tensor["shape"];
        if (shape.Count > limits.Rank)
        {
            throw new ModelFormatException(tensor.File, shape.Path, $"it has {shape.Count} axes; the limit is {limits.Rank} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.Rank)}).");
        }

        int[] axes = [.. shape.Items.Select(axis => axis.Whole(0))];
        JsonItem offsets = tensor["data_offsets"];
        long[] range = [.. offsets.Items.Select(offset => offset.Long(0, long.MaxValue))];
        if (range.Length != 2 || range[0] > range[1])
        {
            throw new ModelFormatException(tensor.File, offsets.Path, $"found [{string.Join(", ", range)}], wanted [begin, end] with begin <= end.");
        }

        long count = 1;
        foreach (int axis in axes)
        {
            // A product beyond every file stays beyond it, and an axis of 0 makes it 0 again.
            count = Math.Min(count * axis, 1L << 32);
        }

        if (count > Array.MaxLength)
        {
            throw new ModelFormatException(tensor.File, tensor.Path, $"{Describe(axes)} are more values than memory can hold in one piece ({Array.MaxLength}).");
        }

        if (count * size != range[1] - range[0])
        {
            throw new ModelFormatException(
                tensor.File, tensor.Path, $"{type} {Describe(axes)} does not fit into the {range[1] - range[0]} bytes of its "
                    + $"data_offsets [{range[0]}, {range[1]}].");
        }

        return new TensorPlace(type, axes, range[0], range[1]);
    }

    // All bytes belong to exactly one tensor.
    private static void RequireCover(string file, Dictionary<string, TensorPlace> tensors, long valueBytes)
    {
        long next = 0;
        foreach ((string name, TensorPlace place) in tensors.OrderBy(tensor => tensor.Value.Begin).ThenBy(tensor => tensor.Value.End))
        {
            if (place.End > valueBytes)
            {
                throw new ModelFormatException(file, name, $"its values end at byte {place.End}, but the file has {valueBytes} bytes of values.");
            }

            if (place.Begin != next)
            {
                string problem = place.Begin < next ? "overlap another tensor's, which end" : "leave a gap behind the bytes";
                throw new ModelFormatException(file, name, $"its values begin at byte {place.Begin} and {problem} at {next}.");
            }

            next = place.End;
        }

        if (next != valueBytes)
        {
            throw new ModelFormatException(file, "", $"{valueBytes - next} bytes behind the last tensor belong to none.");
        }
    }

    private static string Describe(int[] axes) => $"[{string.Join(", ", axes)}]";
}

/// <summary>A tensor's type, axes, and bytes behind the header.</summary>
internal sealed record TensorPlace(string Type, int[] Shape, long Begin, long End)
{
    public int Count => (int)((End - Begin) / TensorType.SizeOf(Type));
}
