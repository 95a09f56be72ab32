using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>C += A^T B over a block of rows: the product behind every weight gradient.</summary>
internal static unsafe class GradientBlock
{
    // 256 rows of 64 deltas are 64 KB: they stay in L2 while the tiles go over them, and the gradients, which pass through the
    // caches once a block, cost little.
    public const int Rows = 256;

    /// <summary>How the inputs of a block lie for panels of up to so many vectors.</summary>
    public static FeatureGroups Groups<TVector>(int features, int vectors)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        int tiles = Math.Max(1, TileDispatch<TVector>.TilesFor(features, Math.Max(1, vectors)));
        return new FeatureGroups(features, Math.Max(1, (features + tiles - 1) / tiles), Rows);
    }

    /// <summary>C[features, vectors] += A[rows, features]^T * B[rows, vectors], or = where it starts; every element one chain over the rows.</summary>
    public static void Add<TVector>(
        float* a, FeatureGroups groups, float* b, nint bRow, int rows, float* zeros, float* c, nint cRow, int vectors, bool starts)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        nint stride = groups.GroupStride;
        for (int first = 0; first < groups.Features; first += groups.GroupSize, a += stride)
        {
            int count = Math.Min(groups.GroupSize, groups.Features - first);
            int tiles = TileDispatch<TVector>.TilesFor(count, vectors);
            for (int tile = 0, feature = 0; tile < tiles; tile++)
            {
                int tileRows = (count - feature) / (tiles - tile);
                float* target = c + ((first + feature) * cRow);
                TileDispatch<TVector>.Multiply(
                    tileRows, vectors, new TileProduct(a + feature, 1, rows, b, groups.GroupSize), default, bRow,
                    starts ? zeros : target, starts ? 0 : cRow, target, cRow);
                feature += tileRows;
            }
        }
    }
}
