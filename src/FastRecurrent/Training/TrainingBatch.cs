using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>The rows of the batch that a model is training on: their order, longest first, and their lengths in that order.</summary>
internal sealed class TrainingBatch
{
    private readonly int[] _order;
    private readonly int[] _keys;
    private readonly int[] _lengths;
    private readonly Comparison<int> _byLength;
    private int _rows;

    public TrainingBatch(TrainingLimits limits, int maxFeatures)
    {
        Limits = limits;
        _byLength = CompareRows;
        _order = new int[limits.Batch];
        _keys = new int[limits.Batch];
        _lengths = new int[limits.Batch];
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

    /// <summary>The caller's row behind each row.</summary>
    public ReadOnlySpan<int> Order => _order.AsSpan(0, _rows);

    /// <summary>Takes a batch; no lengths for a dense one.</summary>
    public void Set(int time, int rows, ReadOnlySpan<int> lengths)
    {
        _rows = rows;
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
            _lengths[i] = lengths[_order[i]];
        }

        Steps.SetLengths(time, _lengths.AsSpan(0, rows));
    }

    private int CompareRows(int left, int right) => _keys[left] != _keys[right] ? _keys[right].CompareTo(_keys[left]) : left.CompareTo(right);
}
