using FastRecurrent.Layers;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>h and c of one direction for all rows of a batch, and their gradients; rows in the batch's compact order.</summary>
internal sealed class TrainingState
{
    public TrainingState(RecurrentCell cell, int maxBatch)
    {
        HiddenRow = AlignedBuffer.Padded(cell.OutputSize);
        CellRow = AlignedBuffer.Padded(cell.HiddenSize);
        InitialHidden = new AlignedBuffer((long)maxBatch * HiddenRow);
        Hidden = new AlignedBuffer((long)maxBatch * HiddenRow);
        HiddenGradient = new AlignedBuffer((long)maxBatch * HiddenRow);
        long cells = cell.HasCellState ? (long)maxBatch * CellRow : 0;
        InitialCell = new AlignedBuffer(cells);
        Cell = new AlignedBuffer(cells);
        CellGradient = new AlignedBuffer(cells);
        HasCell = cell.HasCellState;
    }

    public bool HasCell { get; }

    public int HiddenRow { get; }

    public int CellRow { get; }

    /// <summary>h before the first step.</summary>
    public AlignedBuffer InitialHidden { get; }

    public AlignedBuffer InitialCell { get; }

    /// <summary>h behind each row's last step.</summary>
    public AlignedBuffer Hidden { get; }

    public AlignedBuffer Cell { get; }

    /// <summary>dL/dh, from behind the last step to before the first one.</summary>
    public AlignedBuffer HiddenGradient { get; }

    public AlignedBuffer CellGradient { get; }

    /// <summary>Where a backward pass reports the norms of dL/dh; null for nowhere.</summary>
    public HiddenGradientNorms? Norms { get; set; }

    /// <summary>h and c of some rows are the initial ones.</summary>
    public unsafe void Start(int firstRow, int endRow)
    {
        int rows = endRow - firstRow;
        nint hidden = (nint)firstRow * HiddenRow;
        RowCopy.Copy(InitialHidden.Pointer + hidden, Hidden.Pointer + hidden, rows * HiddenRow);
        if (HasCell)
        {
            nint cell = (nint)firstRow * CellRow;
            RowCopy.Copy(InitialCell.Pointer + cell, Cell.Pointer + cell, rows * CellRow);
        }
    }

    public long Bytes => (InitialHidden.Length + (long)Hidden.Length + HiddenGradient.Length + InitialCell.Length + Cell.Length + CellGradient.Length) * sizeof(float);
}
