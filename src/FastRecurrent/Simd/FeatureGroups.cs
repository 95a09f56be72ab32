using System.Runtime.Intrinsics;

namespace FastRecurrent.Simd;

/// <summary>
/// Rows of features laid out for a tile that takes them transposed: groups of features, in each group row after row. A tile
/// then reads one stream, and rows may be as many as there is room for without lines that alias.
/// </summary>
/// <param name="Features">Features of a row.</param>
/// <param name="GroupSize">Features of a group, 1..8; the last may have fewer.</param>
/// <param name="Rows">Rows that there is room for.</param>
internal readonly unsafe record struct FeatureGroups(int Features, int GroupSize, int Rows)
{
    private const int CopiedAtOnce = 8;

    public int Groups => Features == 0 ? 0 : (Features + GroupSize - 1) / GroupSize;

    /// <summary>Floats from group to group: a copy may write a little beyond the last row.</summary>
    public nint GroupStride => (((nint)Rows * GroupSize) + CopiedAtOnce + 15) / 16 * 16;

    public long Floats => (long)Groups * GroupStride;

    /// <summary>Copies one row of features to row <paramref name="row"/> of every group; rows come in ascending order.</summary>
    public void CopyRow(float* source, float* destination, int row)
    {
        float* target = destination + ((nint)row * GroupSize);
        nint stride = GroupStride;
        int feature = 0;
        for (; feature <= Features - CopiedAtOnce; feature += GroupSize, target += stride)
        {
            // Eight floats at once: what is too many, the next row of the group overwrites.
            Vector256.Load(source + feature).Store(target);
        }

        for (; feature < Features; feature += GroupSize, target += stride)
        {
            for (int i = 0; i < Math.Min(GroupSize, Features - feature); i++)
            {
                target[i] = source[feature + i];
            }
        }
    }
}
