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
    public const int MaxRows = 6;

    /// <summary>
    /// Rows of the tile that a panel of <paramref name="width"/> vectors takes: 6, but 4 for three vectors in 16 registers
    /// (4 x 3; 6 x 3 spills). Four vectors in 16 registers run as two 6 x 2 halves (3 x 4 spills: half the speed).
    /// </summary>
    public static int RowsFor(int width) => !TVector.HasWideRegisterFile && width == 3 ? 4 : MaxRows;

    /// <summary>How many tiles cover <paramref name="rows"/>, sizes as even as possible.</summary>
    public static int TilesFor(int rows, int width) => (rows + RowsFor(width) - 1) / RowsFor(width);

    /// <summary>C = Init + A * B for 1..RowsFor(width) rows and 1..4 vectors; see <see cref="Tile.Multiply"/>.</summary>
    public static void Multiply(
        int rows, int width, float* a, nint aStride, nint k, float* b, float* init, nint initStride, float* c, nint cStride)
    {
        nint bStride = width * TVector.Count;
        if (!TVector.HasWideRegisterFile && width == MaxWidth)
        {
            nint half = 2 * TVector.Count;
            MultiplyWidth<Two>(rows, a, aStride, k, b, bStride, init, initStride, c, cStride);
            MultiplyWidth<Two>(rows, a, aStride, k, b + half, bStride, init + half, initStride, c + half, cStride);
            return;
        }

        switch (width)
        {
            case 1: MultiplyWidth<One>(rows, a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            case 2: MultiplyWidth<Two>(rows, a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            case 3: MultiplyWidth<Three>(rows, a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            default: MultiplyWidth<Four>(rows, a, aStride, k, b, bStride, init, initStride, c, cStride); break;
        }
    }

    /// <summary>One row against two panels of the same width.</summary>
    public static void MultiplyPair(
        int width, float* a, nint k, float* b, float* secondB, float* init, float* secondInit, float* c, float* secondC)
    {
        switch (width)
        {
            case 1: Tile.MultiplyPair<TVector, One>(a, k, b, secondB, init, secondInit, c, secondC); break;
            case 2: Tile.MultiplyPair<TVector, Two>(a, k, b, secondB, init, secondInit, c, secondC); break;
            case 3: Tile.MultiplyPair<TVector, Three>(a, k, b, secondB, init, secondInit, c, secondC); break;
            default: Tile.MultiplyPair<TVector, Four>(a, k, b, secondB, init, secondInit, c, secondC); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyWidth<TWidth>(
        int rows, float* a, nint aStride, nint k, float* b, nint bStride, float* init, nint initStride, float* c, nint cStride)
        where TWidth : struct, INumber
    {
        switch (rows)
        {
            case 1: Tile.Multiply<TVector, One, TWidth>(a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            case 2: Tile.Multiply<TVector, Two, TWidth>(a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            case 3: Tile.Multiply<TVector, Three, TWidth>(a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            case 4: Tile.Multiply<TVector, Four, TWidth>(a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            case 5: Tile.Multiply<TVector, Five, TWidth>(a, aStride, k, b, bStride, init, initStride, c, cStride); break;
            default: Tile.Multiply<TVector, Six, TWidth>(a, aStride, k, b, bStride, init, initStride, c, cStride); break;
        }
    }
}
