using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent;

/// <summary>
/// The state of a network for N rows: h, and where the cell has it c, of every recurrent layer and direction. Zero at
/// first. Made by <see cref="RecurrentModel.CreateState"/>; handed from one run to the next, or from an encoder to a decoder.
/// </summary>
public sealed class RecurrentState
{
    private readonly AlignedBuffer _memory;
    private readonly StateBlock[] _blocks;
    private readonly RecurrentCell[] _cells;

    internal unsafe RecurrentState(StateLayout layout, int batch)
    {
        Layout = layout;
        Batch = batch;
        _cells = layout.Cells;
        _memory = new AlignedBuffer(checked(_cells.Sum(cell => (long)HiddenRow(cell) + CellRow(cell)) * batch));
        _blocks = new StateBlock[_cells.Length];
        float* next = _memory.Pointer;
        for (int i = 0; i < _cells.Length; i++)
        {
            int hiddenRow = HiddenRow(_cells[i]);
            int cellRow = CellRow(_cells[i]);
            float* hidden = next;
            float* cell = hidden + ((nint)hiddenRow * batch);
            next = cell + ((nint)cellRow * batch);
            _blocks[i] = new StateBlock((nint)hidden, hiddenRow, cellRow == 0 ? 0 : (nint)cell, cellRow);
        }
    }

    /// <summary>N, the number of rows.</summary>
    public int Batch { get; }

    internal StateLayout Layout { get; }

    internal ReadOnlySpan<StateBlock> Blocks => _blocks;

    internal long Bytes => (long)_memory.Length * sizeof(float);

    /// <summary>h of one row, R values. A bidirectional layer has a reverse direction beside the forward one.</summary>
    /// <param name="layer">The index of a recurrent layer among all layers of the network.</param>
    /// <param name="row">0..N-1.</param>
    /// <param name="reverse">True for the reverse direction of a bidirectional layer.</param>
    /// <exception cref="ArgumentException">The layer is not recurrent or has no such direction, or the row is out of range.</exception>
    public unsafe Span<float> Hidden(int layer, int row = 0, bool reverse = false)
    {
        int index = Find(layer, row, reverse);
        return Row(_blocks[index].Hidden, row, _blocks[index].HiddenRow, _cells[index].OutputSize);
    }

    /// <summary>c of one row, H values; see <see cref="Hidden"/>.</summary>
    /// <exception cref="ArgumentException">As for <see cref="Hidden"/>, or the cell has no c.</exception>
    public unsafe Span<float> Cell(int layer, int row = 0, bool reverse = false)
    {
        int index = Find(layer, row, reverse);
        if (!_cells[index].HasCellState)
        {
            throw new ArgumentException($"Layer {layer} is a {_cells[index].GetType().Name}, which carries no c; use Hidden.", nameof(layer));
        }

        return Row(_blocks[index].Cell, row, _blocks[index].CellRow, _cells[index].HiddenSize);
    }

    /// <summary>Sets everything to zero.</summary>
    public void Clear() => _memory.Span.Clear();

    /// <summary>Takes over another state's rows, all of them.</summary>
    /// <exception cref="ArgumentException">The other state has another batch size or other layer sizes.</exception>
    public void CopyFrom(RecurrentState source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.Batch != Batch || !Layout.Fits(source.Layout))
        {
            throw new ArgumentException(
                $"The state to copy has {source.Batch} rows of {source.Layout.Describe()}; this one has {Batch} rows of {Layout.Describe()}.", nameof(source));
        }

        source._memory.Span.CopyTo(_memory.Span);
    }

    /// <summary>Copies rows between states of the same sizes.</summary>
    internal unsafe void CopyRows(RecurrentState source, int sourceRow, int row, int rows)
    {
        for (int i = 0; i < _blocks.Length; i++)
        {
            StateBlock from = source._blocks[i];
            StateBlock to = _blocks[i];
            RowCopy.Copy(from.Hidden + ((nint)sourceRow * from.HiddenRow), to.Hidden + ((nint)row * to.HiddenRow), rows * to.HiddenRow);
            if (to.Cell != null)
            {
                RowCopy.Copy(from.Cell + ((nint)sourceRow * from.CellRow), to.Cell + ((nint)row * to.CellRow), rows * to.CellRow);
            }
        }

        GC.KeepAlive(source);
        GC.KeepAlive(this);
    }

    /// <summary>Sets some rows to zero.</summary>
    internal unsafe void ClearRows(int row, int rows)
    {
        foreach (StateBlock block in _blocks)
        {
            RowCopy.Clear(block.Hidden + ((nint)row * block.HiddenRow), rows * block.HiddenRow);
            if (block.Cell != null)
            {
                RowCopy.Clear(block.Cell + ((nint)row * block.CellRow), rows * block.CellRow);
            }
        }

        GC.KeepAlive(this);
    }

    /// <summary>A row as a span of the buffer's array, which keeps the memory alive.</summary>
    private unsafe Span<float> Row(float* block, int row, int stride, int length) =>
        _memory.Span.Slice((int)(block - _memory.Pointer) + (row * stride), length);

    private static int HiddenRow(RecurrentCell cell) => AlignedBuffer.Padded(cell.OutputSize);

    private static int CellRow(RecurrentCell cell) => cell.HasCellState ? AlignedBuffer.Padded(cell.HiddenSize) : 0;

    private int Find(int layer, int row, bool reverse)
    {
        if ((uint)row >= (uint)Batch)
        {
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The state has rows 0 to {Batch - 1}.");
        }

        return Layout.Find(layer, reverse);
    }
}
