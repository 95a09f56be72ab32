using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using FastRecurrent.Files;

namespace FastRecurrent.Formats;

/// <summary>Writes safetensors: the header, padded with spaces to 8 bytes so that the values are aligned, then the values in order.</summary>
internal static class SafeTensorsWriter
{
    private const int Alignment = 8;

    public static void Write(string path, IReadOnlyList<Entry> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        HashSet<string> names = [SafeTensorsHeader.MetadataName];
        foreach (Entry tensor in tensors)
        {
            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"The tensor name '{tensor.Name}' is used twice or reserved.", nameof(tensors));
            }
        }

        byte[] header = Header(tensors, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[SafeTensorsHeader.LengthBytes];
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (Entry tensor in tensors)
            {
                stream.Write(MemoryMarshal.AsBytes(tensor.Values.Span));
            }
        });
    }

    private static byte[] Header(IReadOnlyList<Entry> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafeTensorsHeader.MetadataName);
                foreach ((string name, string text) in metadata)
                {
                    json.WriteString(name, text);
                }

                json.WriteEndObject();
            }

            long next = 0;
            foreach (Entry tensor in tensors)
            {
                long end = next + ((long)tensor.Values.Length * sizeof(float));
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", TensorType.Float32);
                json.WriteStartArray("shape");
                foreach (int axis in tensor.Shape)
                {
                    json.WriteNumberValue(axis);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(next);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                next = end;
            }

            json.WriteEndObject();
        }

        byte[] header = new byte[(buffer.WrittenCount + Alignment - 1) / Alignment * Alignment];
        buffer.WrittenSpan.CopyTo(header);
        header.AsSpan(buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    /// <summary>A tensor to write: its name, axes and values.</summary>
    public readonly record struct Entry(string Name, int[] Shape, ReadOnlyMemory<float> Values);
}
