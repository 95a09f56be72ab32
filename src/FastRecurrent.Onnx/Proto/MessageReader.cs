using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace FastRecurrent.Onnx.Proto;

/// <summary>What all messages of a file share while it is read: its bytes and what is left of the limits.</summary>
internal sealed class ReadBudget(byte[] bytes, OnnxOptions options)
{
    // Nodes, attributes, declared values and axes: far beyond any recurrent network, and a bound on what a file of empty
    // messages (two bytes each) can make of itself in memory.
    private const int MaxMessages = 1 << 20;

    private int _messages;
    private int _tensors;

    public byte[] Bytes => bytes;

    public void Enter(int depth)
    {
        if (depth > options.MaxDepth)
        {
            throw new ModelFormatException($"The file's messages are nested deeper than {options.MaxDepth}; OnnxOptions.MaxDepth is the limit.");
        }

        if (++_messages > MaxMessages)
        {
            throw new ModelFormatException($"The file has more than {MaxMessages} nodes, attributes and declared values in all, which is beyond what is read here.");
        }
    }

    public void CountTensor()
    {
        if (++_tensors > options.MaxTensors)
        {
            throw new ModelFormatException($"The file has more than {options.MaxTensors} tensors; OnnxOptions.MaxTensors is the limit.");
        }
    }
}

/// <summary>
/// One protobuf message, field by field, over the file's bytes without copying: a nested message is a stream of its own over
/// its part of them, so that nothing in it can reach beyond its end.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A stream over an array holds nothing to dispose of.")]
internal sealed class MessageReader
{
    private readonly ReadBudget _budget;
    private readonly CodedInputStream _input;
    private readonly int _depth;
    private uint _tag;

    public MessageReader(ReadBudget budget)
        : this(budget, 0, budget.Bytes.Length, 1)
    {
    }

    private MessageReader(ReadBudget budget, int offset, int length, int depth)
    {
        budget.Enter(depth);
        _budget = budget;
        _depth = depth;
        _input = new CodedInputStream(budget.Bytes, offset, length);
    }

    /// <summary>The field that <see cref="Next"/> found.</summary>
    public int Field => WireFormat.GetTagFieldNumber(_tag);

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        _tag = _input.ReadTag();
        return _tag != 0;
    }

    public void Skip() => _input.SkipLastField();

    public long Int64()
    {
        Require(WireFormat.WireType.Varint, "a number");
        return _input.ReadInt64();
    }

    public float Float()
    {
        Require(WireFormat.WireType.Fixed32, "a 32-bit float");
        return _input.ReadFloat();
    }

    public string Text()
    {
        Require(WireFormat.WireType.LengthDelimited, "a text");
        return _input.ReadString();
    }

    public void CountTensor() => _budget.CountTensor();

    /// <summary>A nested message.</summary>
    public MessageReader Message()
    {
        (int offset, int length) = Delimited("a message");
        return new MessageReader(_budget, offset, length, _depth + 1);
    }

    /// <summary>Bytes, as a part of the file's.</summary>
    public ReadOnlyMemory<byte> Memory()
    {
        (int offset, int length) = Delimited("bytes");
        return _budget.Bytes.AsMemory(offset, length);
    }

    /// <summary>One number of a repeated field, or many packed into one.</summary>
    public void Int64s(List<long> values) => Repeated(values, WireFormat.WireType.Varint, input => input.ReadInt64());

    public void Floats(List<float> values) => Repeated(values, WireFormat.WireType.Fixed32, input => input.ReadFloat());

    public void Doubles(List<double> values) => Repeated(values, WireFormat.WireType.Fixed64, input => input.ReadDouble());

    private void Repeated<T>(List<T> values, WireFormat.WireType single, Func<CodedInputStream, T> read)
    {
        if (WireFormat.GetTagWireType(_tag) == single)
        {
            values.Add(read(_input));
            return;
        }

        (int offset, int length) = Delimited("a list of numbers");
        CodedInputStream packed = new(_budget.Bytes, offset, length);
        while (!packed.IsAtEnd)
        {
            values.Add(read(packed));
        }
    }

    private (int Offset, int Length) Delimited(string wanted)
    {
        Require(WireFormat.WireType.LengthDelimited, wanted);
        long start = _input.Position;
        _input.SkipLastField();
        long end = _input.Position;

        // The length stands before the bytes as a varint, which SkipLastField has already checked.
        long length = 0;
        for (int shift = 0, part = 0x80; (part & 0x80) != 0; shift += 7)
        {
            part = _budget.Bytes[start++];
            length |= (long)(part & 0x7F) << shift;
        }

        return ((int)(end - length), (int)length);
    }

    private void Require(WireFormat.WireType type, string wanted)
    {
        WireFormat.WireType found = WireFormat.GetTagWireType(_tag);
        if (found != type)
        {
            throw new ModelFormatException($"Field {Field} of a message is {found}; wanted {wanted} ({type}). The file is damaged or no ONNX model.");
        }
    }
}
