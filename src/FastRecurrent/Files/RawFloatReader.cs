using System.Buffers.Binary;
using FastRecurrent.Files;

namespace FastRecurrent;

/// <summary>Reads files of nothing but little-endian float32 values (.f32).</summary>
public static class RawFloatReader
{
    /// <summary>All values of a file.</summary>
    /// <exception cref="DataFormatException">The file is missing, empty or not a whole number of float32 values.</exception>
    public static float[] Read(string path)
    {
        byte[] bytes = DataFile.ReadAllBytes(path);
        if (bytes.Length == 0 || bytes.Length % sizeof(float) != 0)
        {
            throw new DataFormatException(
                path, 0, null, $"the file has {bytes.Length} bytes, which is no whole number of float32 values of {sizeof(float)} bytes");
        }

        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        }

        return values;
    }
}
