namespace FastRecurrent.Training.Reference;

/// <summary>
/// The random choices of a training step, as numbers that are given and not drawn, so that those of another engine can be
/// replayed. Layers are counted as in the definition; what is not set is not masked.
/// </summary>
internal sealed class ReferenceMasks
{
    /// <summary>Dropout in front of a layer: its input is multiplied by the mask, [T, N, I]; entries are 0 or 1 / (1 - p).</summary>
    public Dictionary<int, double[]> Input { get; } = [];

    /// <summary>
    /// Dropout behind a layer, [T, N, O]. A recurrent layer directly in front of FinalState has the output of the two, [N, O].
    /// </summary>
    public Dictionary<int, double[]> Output { get; } = [];

    /// <summary>Masks within a recurrent layer, for each direction.</summary>
    public Dictionary<(int Layer, bool Reverse), DirectionMasks> Directions { get; } = [];
}

/// <summary>Masks within one direction; t is the step of the sequence, whichever way it is read.</summary>
internal sealed record DirectionMasks
{
    public static DirectionMasks None { get; } = new();

    /// <summary>
    /// Recurrent dropout, [N, R], one mask for all steps (Gal and Ghahramani 2016): products see mask * h, and so does the reset
    /// gate of a GRU that resets before its product; z * h is not masked. Entries are 0 or 1 / (1 - p).
    /// </summary>
    public double[]? Recurrent { get; init; }

    /// <summary>
    /// Zoneout of h, [T, N, R] (Krueger et al. 2017): h' = d * h + (1 - d) * (what the cell computes). d is 1 to keep the old value, 0
    /// to take the new one.
    /// </summary>
    public double[]? ZoneoutHidden { get; init; }

    /// <summary>Zoneout of c, [T, N, H], likewise; the step's h' still comes from the c' that the cell computed.</summary>
    public double[]? ZoneoutCell { get; init; }
}
