using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace FastRecurrent.Tests.Goldens;

/// <summary>
/// The tensors of a safetensors file that the tests trust: 8 bytes header length, a JSON header of types, shapes and byte
/// ranges, then the little-endian values. F64 is rounded to float32.
/// </summary>
internal static class SafeTensorsFile
{
    public static Dictionary<string, GoldenTensor> Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int header = 8 + checked((int)BinaryPrimitives.ReadInt64LittleEndian(file));
        using JsonDocument json = JsonDocument.Parse(file.AsMemory(8, header - 8));
        return json.RootElement.EnumerateObject()
            .Where(entry => entry.Name != "__metadata__")
            .ToDictionary(entry => entry.Name, entry => Tensor(entry.Value, file.AsSpan(header)));
    }

    private static GoldenTensor Tensor(JsonElement entry, ReadOnlySpan<byte> values)
    {
        int[] range = entry.GetProperty("data_offsets").Deserialize<int[]>()!;
        ReadOnlySpan<byte> bytes = values[range[0]..range[1]];
        float[] data = entry.GetProperty("dtype").GetString() switch
        {
            "F32" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
            "F64" => Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), value => (float)value),
            string type => throw new InvalidDataException($"Unknown type {type}."),
            null => throw new InvalidDataException("A tensor has no type."),
        };
        return new GoldenTensor(entry.GetProperty("shape").Deserialize<int[]>()!, data);
    }
}
