using System.Runtime.CompilerServices;

namespace FastRecurrent.Memory;

/// <summary>
/// Floats at a fixed, 64-byte aligned address, zero at first unless asked otherwise. The memory is a pinned array, so it lives exactly as long as
/// something refers to the buffer: no use after free, nothing to dispose.
/// </summary>
internal sealed unsafe class AlignedBuffer
{
    /// <summary>Alignment in floats: one cache line, one AVX-512 vector.</summary>
    public const int AlignmentFloats = 16;

    private readonly float[] _array;
    private readonly int _offset;

    public AlignedBuffer(long length)
        : this(length, isZero: true)
    {
    }

    private AlignedBuffer(long length, bool isZero)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > Array.MaxLength - AlignmentFloats)
        {
            throw new ArgumentOutOfRangeException(
                nameof(length), length,
                $"A buffer holds at most {Array.MaxLength - AlignmentFloats} floats; make the sizes smaller.");
        }

        int floats = (int)length + AlignmentFloats;
        _array = LargePages.NewArray<float>(floats, isPinned: true, isZero);
        nuint address = (nuint)Unsafe.AsPointer(ref _array[0]);
        _offset = (int)((64 - (address & 63)) & 63) / sizeof(float);
        Length = (int)length;
        Pointer = (float*)address + _offset;
    }

    /// <summary>A buffer of whatever its memory held before, for those who write all of it.</summary>
    public static AlignedBuffer Uninitialized(long length) => new(length, isZero: false);

    public float* Pointer { get; }

    public int Length { get; }

    public Span<float> Span => _array.AsSpan(_offset, Length);

    /// <summary>The next multiple of a cache line, in floats.</summary>
    public static int Padded(int floats) => checked((floats + AlignmentFloats - 1) & ~(AlignmentFloats - 1));

    /// <summary>The next multiple of a cache line, in floats.</summary>
    public static long Padded(long floats) => checked((floats + AlignmentFloats - 1) & ~(long)(AlignmentFloats - 1));
}
