using System.Diagnostics;
using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Chooses the tile for a number of rows and vectors, and splits what the register file does not hold.</summary>
internal static unsafe class TileDispatch<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    /// <summary>Vectors side by side in one panel, at the most.</summary>
    public const int MaxWidth = 4;

    /// <summary>Rows of the tallest tile.</summary>
    public const int MaxRows = 8;

    // From here on one more tile is nothing beside the others.
    private const int MinLedRows = 48;

    /// <summary>
    /// Rows of a tile that takes four vectors at once in 16 registers too. Two halves of 6 x 2 are faster from L1 and L2, but each of them
    /// skips every other line of weights.
    /// </summary>
    private const int WholeRows = 2;

    /// <summary>
    /// Rows of the tile that a panel of <paramref name="width"/> vectors takes. 32 registers: 8 x 3 (and 8 x 1, 8 x 2) or 6 x 4.
    /// 16 registers: 8 x 1, 6 x 2, 4 x 3; 6 x 3 spills, and so does 3 x 4 at half the speed, so that four vectors run as two
    /// 6 x 2 halves.
    /// </summary>
    public static int RowsFor(int width) => width switch
    {
        MaxWidth => 6,
        3 => TVector.HasWideRegisterFile ? MaxRows : 4,
        2 => TVector.HasWideRegisterFile ? MaxRows : 6,
        _ => MaxRows,
    };

    /// <summary>
    /// How many tiles cover <paramref name="rows"/>, sizes as even as possible. 7 or 8 rows are one tile even of four vectors: two
    /// halves of 8 x 2 read each weight once, where 4 x 4 twice would read it twice.
    /// </summary>
    public static int TilesFor(int rows, int width) => rows <= MaxRows && width == MaxWidth && TVector.HasWideRegisterFile
        ? 1
        : (rows + RowsFor(width) - 1) / RowsFor(width);

    /// <summary>
    /// Rows of the first tile of weights that come from L3, 0 where it is like the others: in 16 registers it reads each line of four vectors
    /// in turn, which the prefetchers follow, and leaves them in L2 for the halves. Not for few rows where that would be one tile more.
    /// </summary>
    public static int LeadRows(int rows, int width) =>
        !TVector.HasWideRegisterFile && width == MaxWidth && rows > WholeRows
        && (rows >= MinLedRows || TilesFor(rows, width) > TilesFor(rows - WholeRows, width)) ? WholeRows : 0;

    /// <summary>C = Init + A * B for one product; see the overload for two.</summary>
    public static void Multiply(int rows, int width, in TileProduct product, float* init, nint initStride, float* c, nint cStride) =>
        Multiply(rows, width, product, default, init, initStride, c, cStride);

    /// <summary>C = Init + both products for the rows of one tile (see TilesFor) and 1..4 vectors; see <see cref="Tile.Multiply"/>.</summary>
    public static void Multiply(
        int rows, int width, in TileProduct first, in TileProduct second, float* init, nint initStride, float* c, nint cStride) =>
        Multiply(rows, width, first, second, width * TVector.Count, init, initStride, c, cStride);

    /// <summary>The same with B's rows bStride floats apart.</summary>
    public static void Multiply(
        int rows, int width, in TileProduct first, in TileProduct second, nint bStride, float* init, nint initStride, float* c, nint cStride)
    {
        if (width == MaxWidth && rows > (TVector.HasWideRegisterFile ? RowsFor(width) : WholeRows))
        {
            nint half = 2 * TVector.Count;
            MultiplyWidth<Two>(rows, first, second, bStride, init, initStride, c, cStride);
            MultiplyWidth<Two>(rows, first.FromColumn(half), second.FromColumn(half), bStride, init + half, initStride, c + half, cStride);
            return;
        }

        switch (width)
        {
            case 1: MultiplyWidth<One>(rows, first, second, bStride, init, initStride, c, cStride); break;
            case 2: MultiplyWidth<Two>(rows, first, second, bStride, init, initStride, c, cStride); break;
            case 3: MultiplyWidth<Three>(rows, first, second, bStride, init, initStride, c, cStride); break;
            default: MultiplyWidth<Four>(rows, first, second, bStride, init, initStride, c, cStride); break;
        }
    }

    /// <summary>
    /// The tile for one row against <paramref name="panels"/> (1 or 2) panels of <paramref name="width"/> vectors and one of
    /// <paramref name="tailWidth"/>, 0 up to width; see <see cref="Tile.MultiplyRow"/>.
    /// </summary>
    public static delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> RowTile(int panels, int width, int tailWidth) =>
        panels == 1 ? RowTile<One>(width, tailWidth) : RowTile<Two>(width, tailWidth);

    private static delegate*<float*, nint, float*, nint, in RowOperands, in RowOperands, in RowOperands, void> RowTile<TPanels>(int width, int tailWidth)
        where TPanels : struct, INumber => (width, tailWidth) switch
        {
            (1, 0) => &Tile.MultiplyRow<TVector, TPanels, One, None>,
            (1, 1) => &Tile.MultiplyRow<TVector, TPanels, One, One>,
            (2, 0) => &Tile.MultiplyRow<TVector, TPanels, Two, None>,
            (2, 1) => &Tile.MultiplyRow<TVector, TPanels, Two, One>,
            (2, 2) => &Tile.MultiplyRow<TVector, TPanels, Two, Two>,
            (3, 0) => &Tile.MultiplyRow<TVector, TPanels, Three, None>,
            (3, 1) => &Tile.MultiplyRow<TVector, TPanels, Three, One>,
            (3, 2) => &Tile.MultiplyRow<TVector, TPanels, Three, Two>,
            (3, 3) => &Tile.MultiplyRow<TVector, TPanels, Three, Three>,
            (4, 0) => &Tile.MultiplyRow<TVector, TPanels, Four, None>,
            (4, 1) => &Tile.MultiplyRow<TVector, TPanels, Four, One>,
            (4, 2) => &Tile.MultiplyRow<TVector, TPanels, Four, Two>,
            (4, 3) => &Tile.MultiplyRow<TVector, TPanels, Four, Three>,
            (4, 4) => &Tile.MultiplyRow<TVector, TPanels, Four, Four>,
            _ => throw new UnreachableException($"No tile for panels of {width} vectors and a tail of {tailWidth}."),
        };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyWidth<TWidth>(
        int rows, in TileProduct first, in TileProduct second, nint bStride, float* init, nint initStride, float* c, nint cStride)
        where TWidth : struct, INumber
    {
        switch (rows)
        {
            case 1: Tile.Multiply<TVector, One, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            case 2: Tile.Multiply<TVector, Two, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            case 3: Tile.Multiply<TVector, Three, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            case 4: Tile.Multiply<TVector, Four, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            case 5: Tile.Multiply<TVector, Five, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            case 6: Tile.Multiply<TVector, Six, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            case 7: Tile.Multiply<TVector, Seven, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
            default: Tile.Multiply<TVector, Eight, TWidth>(first, second, bStride, init, initStride, c, cStride); break;
        }
    }
}
