using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>C += A^T B over a block of rows: the product behind every weight gradient.</summary>
internal static unsafe class GradientBlock
{
    // 256 rows of 64 deltas are 64 KB: they stay in L2 while the tiles go over them, and the gradients, which pass through the
    // caches once a block, cost little.
    public const int Rows = 256;

    // So many gradients of a panel are still in L1 when the next block comes.
    private const int NearFloats = 4096;

    /// <summary>How the inputs of a block lie for panels of up to so many vectors.</summary>
    public static FeatureGroups Groups<TVector>(int features, int vectors)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        int tiles = Math.Max(1, TileDispatch<TVector>.TilesFor(features, Math.Max(1, vectors)));
        return new FeatureGroups(features, Math.Max(1, (features + tiles - 1) / tiles), Rows);
    }

    /// <summary>
    /// C[features, vectors] += A[rows, features]^T * B[rows, vectors], or = where it starts; every element one chain over the rows.
    /// What comes after is asked for meanwhile.
    /// </summary>
    public static void Add<TVector>(
        in BlockInputs a, float* b, nint bRow, int rows, float* zeros, float* c, nint cRow, int vectors, bool starts, in DeltasAhead ahead = default)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        // A group is one tile nearly always: no divisions then.
        int oneTile = TileDispatch<TVector>.RowsFor(vectors);
        bool fetches = !starts && a.Features * cRow > NearFloats;
        for (int first = 0, group = 0; first < a.Features; first += a.GroupSize, group++)
        {
            int count = Math.Min(a.GroupSize, a.Features - first);
            ahead.Fetch(first, first + count, a.Features);
            int tiles = count <= oneTile ? 1 : TileDispatch<TVector>.TilesFor(count, vectors);
            for (int tile = 0, feature = 0; tile < tiles; tile++)
            {
                int tileRows = tiles - tile == 1 ? count - feature : (count - feature) / (tiles - tile);
                float* target = c + ((first + feature) * cRow);
                if (fetches)
                {
                    // The next tile's accumulators.
                    Prefetch.Lines(target + (tileRows * cRow), tileRows * cRow);
                }

                TileDispatch<TVector>.Multiply(
                    tileRows, vectors, new TileProduct(a.Group(group) + feature, 1, rows, b, a.Row), default, bRow,
                    starts ? zeros : target, starts ? 0 : cRow, target, cRow);
                feature += tileRows;
            }
        }
    }
}

/// <summary>The deltas that are gathered next: of the next panel, or of the first one in the next rows.</summary>
/// <param name="first">Slot 0 of the first row at the panel's units.</param>
/// <param name="row">Floats from a row to the next.</param>
/// <param name="rows">How many; 0 for none.</param>
/// <param name="slots">Slots of a row.</param>
/// <param name="slot">Floats from slot to slot.</param>
/// <param name="units">Floats of a slot.</param>
internal readonly unsafe struct DeltasAhead(float* first, nint row, int rows, int slots, nint slot, int units)
{
    /// <summary>Asks for the share [done, end) of all rows.</summary>
    public void Fetch(int done, int end, int all)
    {
        if (rows == 0)
        {
            return;
        }

        for (nint r = rows * done / all, last = rows * end / all; r < last; r++)
        {
            for (int s = 0; s < slots; s++)
            {
                Prefetch.Lines(first + (r * row) + (s * slot), units);
            }
        }
    }
}

/// <summary>The A of <see cref="GradientBlock"/>: rows of features, in groups of features as high as a tile.</summary>
internal readonly unsafe struct BlockInputs
{
    private readonly float* _first;
    private readonly nint _groupStride;

    private BlockInputs(float* first, nint row, nint groupStride, FeatureGroups groups)
    {
        _first = first;
        _groupStride = groupStride;
        Row = row;
        GroupSize = groups.GroupSize;
        Features = groups.Features;
    }

    /// <summary>Floats from a row to the next.</summary>
    public nint Row { get; }

    public int GroupSize { get; }

    public int Features { get; }

    /// <summary>Rows that were copied group by group.</summary>
    public static BlockInputs Copied(float* rows, FeatureGroups groups) => new(rows, groups.GroupSize, groups.GroupStride, groups);

    /// <summary>Rows where they lie, the one at <paramref name="first"/> and then <paramref name="row"/> floats on (back, if negative).</summary>
    public static BlockInputs InPlace(float* first, nint row, FeatureGroups groups) => new(first, row, groups.GroupSize, groups);

    /// <summary>The first row of a group.</summary>
    public float* Group(int group) => _first + (group * _groupStride);
}
