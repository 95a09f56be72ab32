using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent;

/// <summary>The kinds of values that a graph's tensors may have here. Other float types of stored constants are converted to 32 bits while loading.</summary>
public enum OnnxElementType
{
    /// <summary>32-bit floats, in <see cref="OnnxTensor.Floats"/>.</summary>
    Float32,

    /// <summary>32-bit integers, in <see cref="OnnxTensor.Integers"/>.</summary>
    Int32,

    /// <summary>64-bit integers, in <see cref="OnnxTensor.Integers"/>.</summary>
    Int64,

    /// <summary>0 or 1, in <see cref="OnnxTensor.Integers"/>.</summary>
    Bool,
}

/// <summary>A tensor: a shape of up to 8 axes, and values, row-major, the last axis contiguous. The shape is fixed, the values may be written.</summary>
public sealed class OnnxTensor
{
    internal const int MaxRank = 8;

    // Little-endian floats of a file, until an array of them is wanted.
    private readonly ReadOnlyMemory<byte> _stored;
    private readonly long[] _integers;
    private volatile float[]? _floats;

    /// <summary>A tensor of floats.</summary>
    /// <param name="shape">The sizes of the axes; empty for a single value.</param>
    /// <param name="values">The values, which are copied.</param>
    /// <exception cref="ArgumentException">There are more than 8 axes, a size is negative, or the values are not as many as the shape says.</exception>
    public OnnxTensor(ReadOnlySpan<int> shape, ReadOnlySpan<float> values)
        : this(OnnxElementType.Float32, shape.ToArray(), CheckedCount(shape, values.Length)) => values.CopyTo(_floats);

    /// <summary>A tensor of integers.</summary>
    /// <param name="shape">The sizes of the axes; empty for a single value.</param>
    /// <param name="values">The values, which are copied.</param>
    /// <param name="type">Int64, Int32 or Bool.</param>
    /// <exception cref="ArgumentException">There are more than 8 axes, a size is negative, the values are not as many as the
    /// shape says, or the type is Float32.</exception>
    public OnnxTensor(ReadOnlySpan<int> shape, ReadOnlySpan<long> values, OnnxElementType type = OnnxElementType.Int64)
        : this(IsInteger(type), shape.ToArray(), CheckedCount(shape, values.Length)) => values.CopyTo(_integers);

    internal OnnxTensor(OnnxElementType type, int[] shape, int count)
    {
        Type = type;
        Shape = ImmutableArray.Create(shape);
        Count = count;
        _floats = type == OnnxElementType.Float32 ? new float[count] : [];
        _integers = type == OnnxElementType.Float32 ? [] : new long[count];
    }

    internal OnnxTensor(OnnxElementType type, int[] shape, float[] floats, long[] integers)
    {
        Type = type;
        Shape = ImmutableArray.Create(shape);
        Count = type == OnnxElementType.Float32 ? floats.Length : integers.Length;
        _floats = floats;
        _integers = integers;
    }

    /// <summary>Floats where a file has them: a large model's weights are read from there.</summary>
    internal OnnxTensor(int[] shape, ReadOnlyMemory<byte> stored)
    {
        Type = OnnxElementType.Float32;
        Shape = ImmutableArray.Create(shape);
        Count = stored.Length / sizeof(float);
        _stored = stored;
        _integers = [];
        IsConstant = true;
    }

    /// <summary>What the values are.</summary>
    public OnnxElementType Type { get; }

    /// <summary>The sizes of the axes; empty for a single value.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The number of values: the product of the sizes.</summary>
    public int Count { get; }

    /// <summary>The values of a tensor of floats, to read or to write.</summary>
    /// <exception cref="InvalidOperationException">The values are integers.</exception>
    public Span<float> Floats => Type == OnnxElementType.Float32
        ? FloatArray
        : throw new InvalidOperationException($"This tensor's values are {Type}; read Integers.");

    /// <summary>The values of a tensor of integers or truth values, to read or to write.</summary>
    /// <exception cref="InvalidOperationException">The values are floats.</exception>
    public Span<long> Integers => Type != OnnxElementType.Float32
        ? _integers
        : throw new InvalidOperationException("This tensor's values are Float32; read Floats.");

    internal bool IsFloat => Type == OnnxElementType.Float32;

    internal float[] FloatArray => _floats ?? Interlocked.CompareExchange(ref _floats, StoredFloats.ToArray(), null) ?? _floats;

    /// <summary>The values of floats wherever they are, perhaps not aligned.</summary>
    internal ReadOnlySpan<float> FloatValues => _floats ?? StoredFloats;

    internal long[] IntegerArray => _integers;

    /// <summary>Whether the values are known when the graph is planned and never change.</summary>
    internal bool IsConstant { get; set; }

    /// <summary>The same values under another shape of as many values.</summary>
    internal OnnxTensor WithShape(int[] shape) => new(Type, shape, IsFloat ? FloatArray : [], _integers) { IsConstant = IsConstant };

    /// <summary>Type and shape, as in <c>Float32 [5, 3, 2]</c>.</summary>
    public override string ToString() => $"{Type} {Shapes.Text(Shape.AsSpan())}";

    private ReadOnlySpan<float> StoredFloats => MemoryMarshal.Cast<byte, float>(_stored.Span);

    private static OnnxElementType IsInteger(OnnxElementType type) => type != OnnxElementType.Float32 && Enum.IsDefined(type)
        ? type
        : throw new ArgumentException($"The values are integers, the type is {type}; use Int64, Int32 or Bool.", nameof(type));

    private static int CheckedCount(ReadOnlySpan<int> shape, int values)
    {
        long count = Shapes.Count(shape) ?? throw new ArgumentException(
            $"The shape {Shapes.Text(shape)} has a negative size, more than {MaxRank} axes, or more values than memory can hold.", nameof(shape));
        return count == values
            ? values
            : throw new ArgumentException($"There are {values} values; the shape {Shapes.Text(shape)} wants {count}.", nameof(values));
    }
}
