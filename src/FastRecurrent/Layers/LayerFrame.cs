using FastRecurrent.Threading;

namespace FastRecurrent.Layers;

/// <summary>h and c of one direction of one layer: rows of floats, the strides padded to cache lines.</summary>
internal readonly unsafe struct StateBlock(nint hiddenAddress, int hiddenRow, nint cellAddress, int cellRow)
{
    public float* Hidden => (float*)hiddenAddress;

    public int HiddenRow { get; } = hiddenRow;

    /// <summary>Null where the cell has no c.</summary>
    public float* Cell => (float*)cellAddress;

    public int CellRow { get; } = cellRow;
}

/// <summary>One layer's work over some rows of a batch. Strides are in floats; a vector has Time = 1.</summary>
internal unsafe struct LayerFrame
{
    public float* Input;
    public nint InputTime;
    public nint InputRow;

    public float* Output;
    public nint OutputTime;
    public nint OutputRow;

    /// <summary>T of the input.</summary>
    public int Time;

    public int Rows;

    /// <summary>Null, or each row's number of steps, 0..Time.</summary>
    public int* Lengths;

    /// <summary>With lengths: the rows, longest first.</summary>
    public int* Order;

    /// <summary>The first of these rows in the state blocks.</summary>
    public int FirstRow;

    public float* Scratch;

    /// <summary>Which of the barrier's participants this caller is, where several share one run by columns.</summary>
    public int Share;

    public SpinBarrier? Barrier;

    /// <summary>True for the one caller that does what is not shared.</summary>
    public readonly bool IsFirstShare => Share == 0;
}

/// <summary>Copies and clears rows of floats.</summary>
internal static unsafe class RowCopy
{
    public static void Copy(float* source, nint sourceRow, float* destination, nint destinationRow, int rows, int count)
    {
        for (int row = 0; row < rows; row++)
        {
            Copy(source + (row * sourceRow), destination + (row * destinationRow), count);
        }
    }

    public static void Copy(float* source, float* destination, int count) =>
        new ReadOnlySpan<float>(source, count).CopyTo(new Span<float>(destination, count));

    public static void Clear(float* destination, int count) => new Span<float>(destination, count).Clear();
}
