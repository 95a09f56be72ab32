namespace FastRecurrent.Kernels;

/// <summary>
/// The pieces of a block of weights that has a copy in another order: an optimizer goes piece by piece and has the copy filled behind each,
/// while the new weights are in cache. Pieces may be filled by several threads at once.
/// </summary>
/// <param name="starts">Where each piece begins, in ascending order from 0.</param>
/// <param name="length">Where the last one ends: floats of the block.</param>
internal abstract class WeightPieces(int[] starts, int length)
{
    /// <summary>The first piece that begins at <paramref name="offset"/> or behind it; the number of pieces where none does.</summary>
    public int At(int offset)
    {
        int found = Array.BinarySearch(starts, offset);
        return found >= 0 ? found : ~found;
    }

    /// <summary>Where a piece begins; the block's length behind the last.</summary>
    public int Start(int piece) => piece < starts.Length ? starts[piece] : length;

    /// <summary>Takes over one piece's weights.</summary>
    public abstract void Fill(int piece);
}
