namespace FastRecurrent.Formats;

/// <summary>The initial state of an audio model as tensors: h and, where the cell has it, c of each recurrent layer.</summary>
internal static class AudioState
{
    public static IEnumerable<SafeTensorsWriter.Entry> Entries(ModelDefinition definition, RecurrentState state)
    {
        foreach ((int layer, RecurrentCell cell) in Cells(definition))
        {
            yield return new(ModelFileNames.InitialHidden(layer), [cell.OutputSize], state.Hidden(layer).ToArray());
            if (cell.HasCellState)
            {
                yield return new(ModelFileNames.InitialCell(layer), [cell.HiddenSize], state.Cell(layer).ToArray());
            }
        }
    }

    /// <summary>Calls <paramref name="read"/> for every tensor of the state with where its values go.</summary>
    public static void Fill(ModelDefinition definition, RecurrentState state, Reader read)
    {
        foreach ((int layer, RecurrentCell cell) in Cells(definition))
        {
            read(ModelFileNames.InitialHidden(layer), state.Hidden(layer));
            if (cell.HasCellState)
            {
                read(ModelFileNames.InitialCell(layer), state.Cell(layer));
            }
        }
    }

    private static IEnumerable<(int Layer, RecurrentCell Cell)> Cells(ModelDefinition definition)
    {
        for (int layer = 0; layer < definition.Layers.Length; layer++)
        {
            if (definition.Layers[layer] is RecurrentLayer recurrent)
            {
                yield return (layer, recurrent.Cell);
            }
        }
    }

    internal delegate void Reader(string name, Span<float> values);
}
