using System.Runtime.InteropServices;
using System.Text;

namespace FastRecurrent.Tests.Jobs;

/// <summary>A series as the bytes of a data file.</summary>
internal static class DataBytes
{
    private const int SampleRate = 8000;

    public static byte[] Of(string kind, float[] values) => kind switch
    {
        "npy" => [0x93, .. "NUMPY"u8, 1, 0, .. Header(values.Length), .. MemoryMarshal.AsBytes<float>(values)],
        "wav" => Wave(values),
        _ => MemoryMarshal.AsBytes<float>(values).ToArray(),
    };

    private static byte[] Header(int count)
    {
        string text = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count},), }}\n";
        return [.. BitConverter.GetBytes((ushort)text.Length), .. Encoding.ASCII.GetBytes(text)];
    }

    private static byte[] Wave(float[] values)
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        int bytes = values.Length * sizeof(float);
        writer.Write("RIFF"u8);
        writer.Write(36 + bytes);
        writer.Write("WAVEfmt "u8);
        writer.Write(16);
        writer.Write((short)3); // float
        writer.Write((short)1);
        writer.Write(SampleRate);
        writer.Write(SampleRate * sizeof(float));
        writer.Write((short)sizeof(float));
        writer.Write((short)32);
        writer.Write("data"u8);
        writer.Write(bytes);
        foreach (float value in values)
            writer.Write(value);
        return stream.ToArray();
    }
}
