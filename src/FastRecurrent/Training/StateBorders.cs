using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>The initial states of the pieces in which a sequence runs, kept so that a piece can run again.</summary>
internal sealed unsafe class StateBorders
{
    private readonly TrainingState[] _states;
    private readonly AlignedBuffer _borders;
    private readonly int _maxBatch;
    private readonly int _floats;

    public StateBorders(TrainingState[] states, int maxBatch, int pieces)
    {
        _states = states;
        _maxBatch = maxBatch;
        foreach (TrainingState state in states)
        {
            _floats = checked(_floats + (maxBatch * (state.HiddenRow + (state.HasCell ? state.CellRow : 0))));
        }

        _borders = new AlignedBuffer(pieces == 1 ? 0 : (long)_floats * pieces);
    }

    public long Bytes => (long)_borders.Length * sizeof(float);

    /// <summary>Before a piece runs for the first time: its initial state is the final one of the piece before, and is kept.</summary>
    public void Pass(int piece, int rows)
    {
        foreach (TrainingState state in _states)
        {
            if (piece > 0)
            {
                RowCopy.Copy(state.Hidden.Pointer, state.InitialHidden.Pointer, rows * state.HiddenRow);
                RowCopy.Copy(state.Cell.Pointer, state.InitialCell.Pointer, state.HasCell ? rows * state.CellRow : 0);
            }
        }

        Copy(piece, rows, isSave: true);
    }

    /// <summary>Before a piece runs again: its initial state is what it was.</summary>
    public void Restore(int piece, int rows) => Copy(piece, rows, isSave: false);

    private void Copy(int piece, int rows, bool isSave)
    {
        float* border = _borders.Pointer + ((nint)piece * _floats);
        foreach (TrainingState state in _states)
        {
            border = CopyRows(state.InitialHidden, border, rows, state.HiddenRow, isSave);
            border = state.HasCell ? CopyRows(state.InitialCell, border, rows, state.CellRow, isSave) : border;
        }
    }

    private float* CopyRows(AlignedBuffer state, float* border, int rows, int row, bool isSave)
    {
        RowCopy.Copy(isSave ? state.Pointer : border, isSave ? border : state.Pointer, rows * row);
        return border + ((nint)_maxBatch * row);
    }
}
