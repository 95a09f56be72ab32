using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// The transpose of a product's weights, packed for the backward pass: dL/dinput [rows, Columns] = delta [rows, Depth] * B,
/// every element one chain over the deltas in slot order. Filled anew from the forward weights whenever they change.
/// </summary>
internal sealed unsafe class TransposedWeights<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    // A block of 512 x 64 weights is 128 KB: with its rows of deltas it stays in L2 while the tiles of a step go over it.
    private const int BlockDepth = 512;

    // So do 192 rows of 512 deltas (384 KB): without row blocks a product of all steps reads the deltas from memory for every panel.
    private const int BlockRows = 192;

    // A shorter product is over before its results' lines are there.
    private const int MinFetchDepth = 128;

    private readonly AlignedBuffer _memory;
    private readonly int _fullWidth;

    /// <summary>Zero weights.</summary>
    /// <param name="depth">K: deltas of a row.</param>
    /// <param name="columns">Features of the input.</param>
    public TransposedWeights(int depth, int columns)
    {
        Depth = depth;
        Columns = columns;
        _fullWidth = (TVector.HasWideRegisterFile ? TileDispatch<TVector>.MaxWidth : 2) * TVector.Count;
        PaddedColumns = (columns + TVector.Count - 1) / TVector.Count * TVector.Count;
        _memory = new AlignedBuffer((long)depth * PaddedColumns);
    }

    public int Depth { get; }

    public int Columns { get; }

    /// <summary>Columns in whole vectors.</summary>
    public int PaddedColumns { get; }

    public long Bytes => (long)_memory.Length * sizeof(float);

    /// <summary>Takes over one product of a stage, B[slot * units + unit, k] = weights[k, (slot, unit)].</summary>
    public void Fill(PackedStage stage, bool isInput)
    {
        foreach (ref readonly Panel panel in stage.Panels)
        {
            Fill(stage, panel, isInput, 0, Columns);
        }
    }

    /// <summary>The same of one panel and of the columns from <paramref name="first"/>, which begins a panel here, to <paramref name="end"/>.</summary>
    public void Fill(PackedStage stage, in Panel panel, bool isInput, int first, int end)
    {
        int slots = isInput ? stage.Stage.InputSlots : stage.Stage.RecurrentSlots;
        float* weights = isInput ? panel.InputWeights : panel.RecurrentWeights;
        nint width = (nint)(isInput ? panel.InputVectors : panel.RecurrentVectors) * TVector.Count;
        for (int slot = 0; slot < slots; slot++)
        {
            Fill(weights + (slot * panel.SlotStride), width, (slot * stage.Stage.Units) + panel.FirstUnit, panel.Units, first, end);
        }
    }

    /// <summary>Takes over rows firstRow.. of B from columns of a forward matrix: B[firstRow + u, k] = weights[k * stride + u], k from first to end.</summary>
    public void Fill(float* weights, nint stride, int firstRow, int rows, int first, int end)
    {
        for (int column = first; column < end; column += _fullWidth)
        {
            int width = WidthAt(column);
            Transpose.Copy(
                weights + (column * stride), stride, Panel(column) + ((nint)firstRow * width), width, Math.Min(width, end - column), rows);
        }
    }

    /// <summary>Takes over one row of B, [Columns].</summary>
    public void FillRow(int row, float* values)
    {
        for (int column = 0; column < Columns; column += _fullWidth)
        {
            int width = WidthAt(column);
            int valid = Math.Min(width, Columns - column);
            new ReadOnlySpan<float>(values + column, valid).CopyTo(new Span<float>(Panel(column) + ((nint)row * width), valid));
        }
    }

    /// <summary>C = init + A * B. Where <paramref name="isPadded"/>, rows of init and c hold whole vectors (PaddedColumns) and may be overwritten there.</summary>
    /// <param name="a">[rows, Depth].</param>
    /// <param name="aRow">Floats from row to row.</param>
    /// <param name="init">Where the chains start; may be c.</param>
    /// <param name="initRow">0 for one row for all.</param>
    /// <param name="c">[rows, Columns].</param>
    /// <param name="cRow">Floats from row to row.</param>
    /// <param name="rows">At least 1.</param>
    /// <param name="isPadded">Whether whole vectors may be written.</param>
    public void Multiply(float* a, nint aRow, float* init, nint initRow, float* c, nint cRow, int rows, bool isPadded)
    {
        bool isWhole = isPadded || Columns == PaddedColumns;
        if (rows == 1)
        {
            MultiplyRow(a, init, c, isWhole);
            return;
        }

        // Where rows lie one behind the other, whole vectors may reach into the next rows, which are written later; the last rows may not,
        // nor may four vectors, of which a tile may write two for all its rows before the other two.
        bool spills = !isWhole && PaddedColumns <= Math.Min(_fullWidth, (TileDispatch<TVector>.MaxWidth - 1) * TVector.Count) && Depth <= BlockDepth && initRow == 0 && cRow == Columns;
        int spilled = spills ? Math.Max(0, rows - Math.Max(TileDispatch<TVector>.MaxRows, (PaddedColumns + Columns - 1) / Columns)) : 0;
        for (int row = 0; row < rows;)
        {
            bool isSpilled = row < spilled;
            int count = Math.Min(BlockRows, (isSpilled ? spilled : rows) - row);
            MultiplyRows(a + (row * aRow), aRow, init + (row * initRow), initRow, c + (row * cRow), cRow, count, isWhole || isSpilled);
            row += count;
        }
    }

    private void MultiplyRows(float* a, nint aRow, float* init, nint initRow, float* c, nint cRow, int rows, bool isWhole)
    {
        for (int k = 0; k < Depth; k += BlockDepth)
        {
            int depth = Math.Min(BlockDepth, Depth - k);
            for (int column = 0; column < Columns; column += _fullWidth)
            {
                int width = WidthAt(column);
                float* b = Panel(column) + ((nint)k * width);
                float* start = (k == 0 ? init : c) + column;
                nint startRow = k == 0 ? initRow : cRow;
                if (isWhole || Columns - column >= width)
                {
                    MultiplyPanel(new TileProduct(a + k, aRow, depth, b), width / TVector.Count, start, startRow, c + column, cRow, rows);
                }
                else
                {
                    MultiplyTail(new TileProduct(a + k, aRow, depth, b), width, start, startRow, c + column, cRow, rows, Columns - column);
                }
            }
        }
    }

    private static void MultiplyPanel(in TileProduct product, int vectors, float* init, nint initRow, float* c, nint cRow, int rows)
    {
        int tiles = TileDispatch<TVector>.TilesFor(rows, vectors);
        for (int tile = 0, row = 0; tile < tiles; tile++)
        {
            int tileRows = (rows - row) / (tiles - tile);
            if (product.K >= MinFetchDepth)
            {
                Prefetch.Rows(c + (row * cRow), cRow, tileRows, vectors * TVector.Count);
            }

            TileDispatch<TVector>.Multiply(
                tileRows, vectors, product.FromRow(row), init + (row * initRow), initRow, c + (row * cRow), cRow);
            row += tileRows;
        }
    }

    /// <summary>The last columns where they are no whole vectors and the memory behind them is somebody else's.</summary>
    private static void MultiplyTail(in TileProduct product, int width, float* init, nint initRow, float* c, nint cRow, int rows, int valid)
    {
        float* block = stackalloc float[TileDispatch<TVector>.MaxRows * TileDispatch<TVector>.MaxWidth * TVector.Count];
        new Span<float>(block, TileDispatch<TVector>.MaxRows * width).Clear();
        int tiles = TileDispatch<TVector>.TilesFor(rows, width / TVector.Count);
        for (int tile = 0, row = 0; tile < tiles; tile++)
        {
            int tileRows = (rows - row) / (tiles - tile);
            for (int r = 0; r < tileRows; r++)
            {
                new ReadOnlySpan<float>(init + ((row + r) * initRow), valid).CopyTo(new Span<float>(block + (r * width), valid));
            }

            TileDispatch<TVector>.Multiply(tileRows, width / TVector.Count, product.FromRow(row), block, width, block, width);
            for (int r = 0; r < tileRows; r++)
            {
                new ReadOnlySpan<float>(block + (r * width), valid).CopyTo(new Span<float>(c + ((row + r) * cRow), valid));
            }

            row += tileRows;
        }
    }

    /// <summary>One row: up to two panels and a narrower last one side by side keep enough chains in flight.</summary>
    private void MultiplyRow(float* a, float* init, float* c, bool isWhole)
    {
        float* block = stackalloc float[3 * TileDispatch<TVector>.MaxWidth * TVector.Count];
        for (int column = 0; column < Columns;)
        {
            int width = WidthAt(column);
            int panels = WidthAt(column + width) == width ? 2 : 1;
            int full = panels * width;
            int tail = WidthAt(column + full) < width ? WidthAt(column + full) : 0;
            int valid = Math.Min(Columns - column, full + tail);
            bool isDirect = isWhole || valid == full + tail;
            if (!isDirect)
            {
                new Span<float>(block, full + tail).Clear();
                new ReadOnlySpan<float>(init + column, valid).CopyTo(new Span<float>(block, valid));
            }

            float* start = isDirect ? init + column : block;
            float* result = isDirect ? c + column : block;
            RowOperands one = Operands(column, start, result, 0);
            RowOperands two = Operands(column, start, result, (panels - 1) * width);
            RowOperands last = Operands(column, start, result, full);
            TileDispatch<TVector>.RowTile(panels, width / TVector.Count, tail / TVector.Count)(a, Depth, null, 0, in one, in two, in last);
            if (!isDirect)
            {
                new ReadOnlySpan<float>(block, valid).CopyTo(new Span<float>(c + column, valid));
            }

            column += full + tail;
        }
    }

    private RowOperands Operands(int column, float* init, float* result, int offset) =>
        new() { InputWeights = Panel(column + offset), Init = init + offset, Result = result + offset };

    /// <summary>Columns of the panel that begins at one, 0 behind the last.</summary>
    private int WidthAt(int column) => Math.Clamp(PaddedColumns - column, 0, _fullWidth);

    private float* Panel(int column) => _memory.Pointer + ((nint)column * Depth);
}
