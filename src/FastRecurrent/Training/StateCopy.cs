using FastRecurrent.Layers;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Training;

/// <summary>Copies states between a caller's rows and the batch's order of rows.</summary>
internal static unsafe class StateCopy
{
    /// <summary>Sets the initial state; null for zero.</summary>
    public static void Load(TrainingLayer[] layers, ReadOnlySpan<int> order, RecurrentState? source)
    {
        int block = 0;
        foreach (TrainingLayer layer in layers)
        {
            for (int d = 0; d < layer.StateCount; d++, block++)
            {
                TrainingState state = layer.StateOf(d);
                Load(source, block, order, state.InitialHidden, state.InitialCell, state);
            }
        }
    }

    /// <summary>Sets dL/d(final state); null for zero.</summary>
    public static void LoadGradients(TrainingLayer[] layers, ReadOnlySpan<int> order, RecurrentState? source)
    {
        int block = 0;
        foreach (TrainingLayer layer in layers)
        {
            for (int d = 0; d < layer.StateCount; d++, block++)
            {
                TrainingState state = layer.StateOf(d);
                Load(source, block, order, state.HiddenGradient, state.CellGradient, state);
            }
        }
    }

    /// <summary>Gives the final state.</summary>
    public static void StoreFinal(TrainingLayer[] layers, ReadOnlySpan<int> order, RecurrentState destination)
    {
        int block = 0;
        foreach (TrainingLayer layer in layers)
        {
            for (int d = 0; d < layer.StateCount; d++, block++)
            {
                TrainingState state = layer.StateOf(d);
                Store(destination.Blocks[block], order, state.Hidden, state.Cell, state, flushes: false);
            }
        }

        GC.KeepAlive(destination);
    }

    /// <summary>Gives dL/d(initial state).</summary>
    public static void StoreGradients(TrainingLayer[] layers, ReadOnlySpan<int> order, RecurrentState destination)
    {
        int block = 0;
        foreach (TrainingLayer layer in layers)
        {
            for (int d = 0; d < layer.StateCount; d++, block++)
            {
                TrainingState state = layer.StateOf(d);
                Store(destination.Blocks[block], order, state.HiddenGradient, state.CellGradient, state, flushes: true);
            }
        }

        GC.KeepAlive(destination);
    }

    private static void Load(RecurrentState? source, int block, ReadOnlySpan<int> order, AlignedBuffer hidden, AlignedBuffer cell, TrainingState state)
    {
        if (source is null)
        {
            hidden.Span[..(order.Length * state.HiddenRow)].Clear();
            cell.Span[..(state.HasCell ? order.Length * state.CellRow : 0)].Clear();
            return;
        }

        StateBlock from = source.Blocks[block];
        for (int i = 0; i < order.Length; i++)
        {
            RowCopy.Copy(from.Hidden + ((nint)order[i] * from.HiddenRow), hidden.Pointer + ((nint)i * state.HiddenRow), state.HiddenRow);
            if (state.HasCell)
            {
                RowCopy.Copy(from.Cell + ((nint)order[i] * from.CellRow), cell.Pointer + ((nint)i * state.CellRow), state.CellRow);
            }
        }

        GC.KeepAlive(source);
    }

    private static void Store(StateBlock to, ReadOnlySpan<int> order, AlignedBuffer hidden, AlignedBuffer cell, TrainingState state, bool flushes)
    {
        for (int i = 0; i < order.Length; i++)
        {
            Copy(hidden.Pointer + ((nint)i * state.HiddenRow), to.Hidden + ((nint)order[i] * to.HiddenRow), state.HiddenRow, flushes);
            if (state.HasCell)
            {
                Copy(cell.Pointer + ((nint)i * state.CellRow), to.Cell + ((nint)order[i] * to.CellRow), state.CellRow, flushes);
            }
        }
    }

    private static void Copy(float* source, float* destination, int count, bool flushes)
    {
        for (int i = 0; i < count; i++)
        {
            destination[i] = flushes && MathF.Abs(source[i]) < SimdMath.Tiny ? 0 : source[i];
        }
    }
}
