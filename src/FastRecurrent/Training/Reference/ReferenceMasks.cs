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

    /// <summary>What a trainable model draws in a forward pass. At inference nothing is dropped, and zoneout is its expectation.</summary>
    public static ReferenceMasks Of(ModelDefinition definition, ulong seed, ulong passNumber, ReferenceRun run)
    {
        ReferenceMasks masks = new();
        int size = definition.InputSize, time = run.Time;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            if (definition.Layers[i] is DropoutLayer { Rate: > 0 } dropout && run.IsTraining)
            {
                masks.Output.Add(i, Dropped(new RandomMask(seed, passNumber, i, false, MaskKind.Dropout, dropout.Rate), time, run.Batch, size));
            }

            if (definition.Layers[i] is RecurrentLayer layer)
            {
                masks.Directions.Add((i, false), Of(layer, layer.Cell, false));
                masks.Directions.Add((i, true), Of(layer, layer.Reverse, true));
            }

            size = definition.Layers[i].OutputSize(size);
            time = definition.Layers[i] switch
            {
                LastStepLayer or FinalStateLayer => 1,
                RepeatVectorLayer repeat => repeat.Steps,
                _ => time,
            };

            DirectionMasks Of(RecurrentLayer layer, RecurrentCell cell, bool isSecond)
            {
                RandomMask Mask(MaskKind kind, float rate) => new(seed, passNumber, i, isSecond, kind, rate);
                double[]? Kept(MaskKind kind, float rate, int features) => rate == 0 ? null
                    : run.IsTraining ? Values(Mask(kind, rate), time, run.Batch, features, 1, 0)
                    : [.. Enumerable.Repeat((double)rate, time * run.Batch * features)];
                return new DirectionMasks
                {
                    Recurrent = layer.RecurrentDropout > 0 && run.IsTraining
                        ? Dropped(Mask(MaskKind.RecurrentDropout, layer.RecurrentDropout), 1, run.Batch, cell.OutputSize)
                        : null,
                    ZoneoutHidden = Kept(MaskKind.HiddenZoneout, layer.HiddenZoneout, cell.OutputSize),
                    ZoneoutCell = Kept(MaskKind.CellZoneout, cell.HasCellState ? layer.CellZoneout : 0, cell.HiddenSize),
                };
            }
        }

        return masks;
    }

    private static double[] Dropped(RandomMask mask, int time, int batch, int features) => Values(mask, time, batch, features, 0, mask.Scale);

    /// <summary>[T, N, F].</summary>
    private static double[] Values(RandomMask mask, int time, int batch, int features, double ifTrue, double ifFalse) =>
    [
        .. from t in Enumerable.Range(0, time)
           from n in Enumerable.Range(0, batch)
           from k in Enumerable.Range(0, features)
           select mask.Of(n, t)[k] ? ifTrue : ifFalse,
    ];
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
