namespace FastRecurrent.Training.Reference;

/// <summary>
/// h [N, R] and, where the cell has it, c [N, H] of every recurrent layer and direction, or the gradients by them. Zero at
/// first. The blocks' names are <c>0.h</c>, <c>0.c</c>, <c>0.h_reverse</c> and so on, by the layers of the definition.
/// </summary>
internal sealed class ReferenceState
{
    private readonly Dictionary<string, double[]> _blocks = [];

    public ReferenceState(ModelDefinition definition, int batch)
    {
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            if (definition.Layers[i] is RecurrentLayer layer)
            {
                Add(i, reverse: false, layer.Cell, batch);
                if (layer.Direction == Direction.Bidirectional)
                {
                    Add(i, reverse: true, layer.Reverse, batch);
                }
            }
        }
    }

    public IReadOnlyDictionary<string, double[]> Blocks => _blocks;

    public static string HiddenName(int layer, bool reverse) => Name(layer, "h", reverse);

    public static string CellName(int layer, bool reverse) => Name(layer, "c", reverse);

    /// <summary>h [N, R]. <paramref name="reverse"/> names the second direction of a bidirectional layer.</summary>
    public double[] Hidden(int layer, bool reverse) => _blocks[HiddenName(layer, reverse)];

    /// <summary>c [N, H]; empty where the cell has none.</summary>
    public double[] Cell(int layer, bool reverse) => _blocks.GetValueOrDefault(CellName(layer, reverse), []);

    private static string Name(int layer, string part, bool reverse) => $"{layer}.{part}{(reverse ? RecurrentLayer.ReverseSuffix : string.Empty)}";

    private void Add(int layer, bool reverse, RecurrentCell cell, int batch)
    {
        _blocks.Add(HiddenName(layer, reverse), new double[batch * cell.OutputSize]);
        if (cell.HasCellState)
        {
            _blocks.Add(CellName(layer, reverse), new double[batch * cell.HiddenSize]);
        }
    }
}
