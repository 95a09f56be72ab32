using System.Buffers.Binary;
using System.Text;

namespace FastRecurrent.Tests.Formats.Malformed;

/// <summary>A file that must be refused: its name says what is wrong with it, the message must say it too.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Bytes">The file.</param>
/// <param name="Read">The reader.</param>
/// <param name="Words">What the message must contain, beside the file's name.</param>
internal sealed record MalformedFile(string Name, Func<byte[]> Bytes, Action<byte[]> Read, params string[] Words)
{
    /// <summary>A safetensors file from its header's text and its bytes of values.</summary>
    public static byte[] SafeTensors(string header, int valueBytes = 0, ulong? length = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + valueBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length ?? (ulong)json.Length);
        json.CopyTo(file, 8);
        return file;
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
