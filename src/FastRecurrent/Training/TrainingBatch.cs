using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>The rows of the batch that a model is training on: their order, longest first, and their lengths in that order.</summary>
internal sealed class TrainingBatch
{
    private readonly int[] _order;
    private readonly int[] _keys;
    private readonly int[] _lengths;
    private readonly int[] _totals;
    private readonly Comparison<int> _byLength;
    private int _rows;

    public TrainingBatch(TrainingLimits limits, int maxFeatures)
    {
        Limits = limits;
        _byLength = CompareRows;
        _order = new int[limits.Batch];
        _keys = new int[limits.Batch];
        _lengths = new int[limits.Batch];
        _totals = new int[limits.Batch];
        Steps = new StepRows(limits.Time);
        Zeros = new AlignedBuffer(AlignedBuffer.Padded(maxFeatures));
    }

    public TrainingLimits Limits { get; }

    /// <summary>The steps of the input.</summary>
    public StepRows Steps { get; }

    /// <summary>Zeros for as many features as any layer has.</summary>
    public AlignedBuffer Zeros { get; }

    /// <summary>Each row's length, longest first; empty for a dense batch.</summary>
    public ReadOnlySpan<int> Lengths => Steps.IsDense ? default : _lengths.AsSpan(0, _rows);

    /// <summary>The same where this is a piece of longer sequences: of those.</summary>
    public ReadOnlySpan<int> TotalLengths => Steps.IsDense ? default : _totals.AsSpan(0, _rows);

    /// <summary>T of the sequences that this is a piece of, or all of.</summary>
    public int TotalTime { get; private set; }

    /// <summary>The caller's row behind each row.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _rows);

    /// <summary>Takes a batch; no lengths for a dense one.</summary>
    public void Set(int time, int rows, ReadOnlySpan<int> lengths)
    {
        _rows = rows;
        TotalTime = time;
        for (int i = 0; i < rows; i++)
        {
            _order[i] = i;
        }

        if (lengths.IsEmpty)
        {
            Steps.SetDense(time, rows);
            return;
        }

        // Rows of equal length stay in their order: the key is (length descending, row).
        for (int i = 0; i < rows; i++)
        {
            _keys[i] = lengths[i];
        }

        _order.AsSpan(0, rows).Sort(_byLength);
        for (int i = 0; i < rows; i++)
        {
            _lengths[i] = _totals[i] = lengths[_order[i]];
        }

        Steps.SetLengths(time, _lengths.AsSpan(0, rows));
    }

    /// <summary>Takes some steps of another batch.</summary>
    public void SetPiece(TrainingBatch whole, int first, int time)
    {
        TakeRows(whole);
        TotalTime = whole.TotalTime;
        if (whole.Steps.IsDense)
        {
            Steps.SetDense(time, _rows);
            return;
        }

        for (int i = 0; i < _rows; i++)
        {
            _totals[i] = whole._totals[i];
            _lengths[i] = Math.Clamp(_totals[i] - first, 0, time);
        }

        Steps.SetLengths(time, _lengths.AsSpan(0, _rows));
    }

    /// <summary>Takes another batch's rows, each with one step.</summary>
    public void SetVectors(TrainingBatch whole)
    {
        TakeRows(whole);
        TotalTime = 1;
        Steps.SetDense(1, _rows);
    }

    private void TakeRows(TrainingBatch whole)
    {
        _rows = whole._rows;
        whole.Order.CopyTo(_order);
    }

    private int CompareRows(int left, int right) => _keys[left] != _keys[right] ? _keys[right].CompareTo(_keys[left]) : left.CompareTo(right);
}
