using FastRecurrent.Layers;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Training;

/// <summary>Copies states between a caller's rows and the batch's order of rows.</summary>
internal static unsafe class StateCopy
{
    /// <summary>Sets the initial state; null for zero.</summary>
    public static void Load(TrainingState[] states, ReadOnlySpan<int> order, RecurrentState? source)
    {
        for (int block = 0; block < states.Length; block++)
        {
            Load(source, block, order, states[block].InitialHidden, states[block].InitialCell, states[block]);
        }
    }

    /// <summary>Sets dL/d(final state); null for zero.</summary>
    public static void LoadGradients(TrainingState[] states, ReadOnlySpan<int> order, RecurrentState? source)
    {
        for (int block = 0; block < states.Length; block++)
        {
            Load(source, block, order, states[block].HiddenGradient, states[block].CellGradient, states[block]);
        }
    }

    /// <summary>Gives the final state.</summary>
    public static void StoreFinal(TrainingState[] states, ReadOnlySpan<int> order, RecurrentState destination)
    {
        for (int block = 0; block < states.Length; block++)
        {
            Store(destination.Blocks[block], order, states[block].Hidden, states[block].Cell, states[block], flushes: false);
        }

        GC.KeepAlive(destination);
    }

    /// <summary>Gives dL/d(initial state).</summary>
    public static void StoreGradients(TrainingState[] states, ReadOnlySpan<int> order, RecurrentState destination)
    {
        for (int block = 0; block < states.Length; block++)
        {
            Store(destination.Blocks[block], order, states[block].HiddenGradient, states[block].CellGradient, states[block], flushes: true);
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
