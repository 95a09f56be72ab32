using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>C += A^T B over a block of rows: the product behind every weight gradient.</summary>
internal static unsafe class GradientBlock
{
    // 96 K floats of inputs (384 KB) share L2 with a panel of deltas and the gradients that pass through.
    private const int BlockFloats = 96 * 1024;
    private const int MinRows = 32;
    private const int MaxRows = 256;

    /// <summary>Rows of a block whose inputs take so many floats a row.</summary>
    public static int RowsFor(int inputFloats) => Math.Clamp(BlockFloats / inputFloats / MinRows * MinRows, MinRows, MaxRows);

    /// <summary>C[features, vectors] += A[rows, features]^T * B[rows, vectors], or = where it starts; every element one chain over the rows.</summary>
    public static void Add<TVector>(
        float* a, nint aRow, int features, float* b, nint bRow, int rows, float* zeros, float* c, nint cRow, int vectors, bool starts)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        int tiles = TileDispatch<TVector>.TilesFor(features, vectors);
        for (int tile = 0, feature = 0; tile < tiles; tile++)
        {
            int tileRows = (features - feature) / (tiles - tile);
            float* target = c + (feature * cRow);
            TileDispatch<TVector>.Multiply(
                tileRows, vectors, new TileProduct(a + feature, 1, rows, b, aRow), default, bRow,
                starts ? zeros : target, starts ? 0 : cRow, target, cRow);
            feature += tileRows;
        }
    }
}
