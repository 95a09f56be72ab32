using System.Runtime.InteropServices;
using Google.Protobuf;

namespace FastRecurrent.Onnx.Proto;

/// <summary>
/// One protobuf message to be written. A nested message's length stands before it, so the fields are kept until all sizes are
/// known; bulk values stay where they are and are written from there.
/// </summary>
internal sealed class MessageWriter
{
    private readonly List<(long Size, Action<CodedOutputStream> Write)> _fields = [];

    private long Size { get; set; }

    public MessageWriter Int64(int field, long value) =>
        Add(field, WireFormat.WireType.Varint, CodedOutputStream.ComputeInt64Size(value), output => output.WriteInt64(value));

    public MessageWriter Float(int field, float value) =>
        Add(field, WireFormat.WireType.Fixed32, sizeof(float), output => output.WriteFloat(value));

    public MessageWriter Text(int field, string value) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeStringSize(value), output => output.WriteString(value));

    /// <summary>A nested message, complete when it is added.</summary>
    public MessageWriter Message(int field, MessageWriter message)
    {
        int size = Checked(message.Size);
        return Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeLengthSize(size) + message.Size, output =>
        {
            output.WriteLength(size);
            message.WriteTo(output);
        });
    }

    /// <summary>Bytes that nobody changes until the message is written.</summary>
    public MessageWriter Bytes(int field, ReadOnlyMemory<byte> bytes) =>
        Add(field, WireFormat.WireType.LengthDelimited, CodedOutputStream.ComputeLengthSize(bytes.Length) + (long)bytes.Length, output =>
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes)));

    /// <summary>All floats, as raw little-endian bytes.</summary>
    public static ReadOnlyMemory<byte> RawBytes<T>(ReadOnlySpan<T> values)
        where T : unmanaged => BitConverter.IsLittleEndian
        ? MemoryMarshal.AsBytes(values).ToArray()
        : throw new PlatformNotSupportedException("Models are written on little-endian processors only.");

    public void WriteTo(Stream stream)
    {
        using CodedOutputStream output = new(stream, leaveOpen: true);
        Checked(Size);
        WriteTo(output);
        output.Flush();
    }

    private void WriteTo(CodedOutputStream output)
    {
        foreach ((_, Action<CodedOutputStream> write) in _fields)
        {
            write(output);
        }
    }

    private MessageWriter Add(int field, WireFormat.WireType type, long size, Action<CodedOutputStream> write)
    {
        uint tag = WireFormat.MakeTag(field, type);
        long whole = CodedOutputStream.ComputeUInt32Size(tag) + size;
        Size += whole;
        _fields.Add((whole, output =>
        {
            output.WriteTag(tag);
            write(output);
        }
        ));
        return this;
    }

    private static int Checked(long size) => size <= int.MaxValue
        ? (int)size
        : throw new ArgumentException($"The model takes {size} bytes; the format of ONNX files ends at {int.MaxValue}.");
}
