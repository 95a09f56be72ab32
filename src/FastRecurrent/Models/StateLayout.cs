namespace FastRecurrent;

/// <summary>Which layers and directions of a network carry a state, in the order of its blocks. Immutable.</summary>
internal sealed class StateLayout
{
    private readonly (int Layer, bool Reverse)[] _owners;

    public StateLayout(ModelDefinition definition)
    {
        List<RecurrentCell> cells = [];
        List<(int, bool)> owners = [];
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            if (definition.Layers[i] is not RecurrentLayer layer)
            {
                continue;
            }

            cells.Add(layer.Cell);
            owners.Add((i, false));
            if (layer.Direction == Direction.Bidirectional)
            {
                cells.Add(layer.Reverse);
                owners.Add((i, true));
            }
        }

        Cells = [.. cells];
        _owners = [.. owners];
    }

    /// <summary>The cell of each block.</summary>
    public RecurrentCell[] Cells { get; }

    /// <summary>The index of a layer's state; throws where there is none.</summary>
    public int Find(int layer, bool reverse)
    {
        // A bidirectional layer has two states, any other recurrent layer one.
        int index = Array.IndexOf(_owners, (layer, reverse));
        return index >= 0
            ? index
            : throw new ArgumentException(
                $"Layer {layer} has no {(reverse ? "second (reverse) direction's " : string.Empty)}state; layers with a state: "
                + $"{string.Join(", ", _owners.Select(owner => owner.Layer).Distinct())}.",
                nameof(layer));
    }

    /// <summary>Whether rows may move between states of this layout and of another one.</summary>
    public bool Fits(StateLayout other)
    {
        bool fits = other.Cells.Length == Cells.Length;
        for (int i = 0; fits && other != this && i < Cells.Length; i++)
        {
            RecurrentCell mine = Cells[i];
            RecurrentCell theirs = other.Cells[i];
            fits = mine.OutputSize == theirs.OutputSize && mine.HiddenSize == theirs.HiddenSize && mine.HasCellState == theirs.HasCellState;
        }

        return fits;
    }

    public string Describe() => Cells.Length == 0 ? "no state" : string.Join(" + ", Cells.Select(cell => $"{cell.GetType().Name}({cell.OutputSize})"));
}
