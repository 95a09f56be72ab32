using FastRecurrent.Kernels;

namespace FastRecurrent.Training;

/// <summary>
/// The steps of one direction in pieces of C, from its own first step on; what does not fill a piece is the first one, since all but the last
/// run forward twice. What backward needs is kept of one piece, the one that ran last, and the state before each piece. One piece at a time is
/// at hand, for all rows; with one alone it is the batch as it is.
/// </summary>
internal sealed unsafe class DirectionPieces
{
    private readonly int _steps;
    private readonly bool _isReverse;
    private readonly StepRows _piece;
    private readonly int[] _lengths;
    private readonly StateBorders _borders;
    private int _first;
    private bool _isAll = true;
    private bool _isLast = true;

    /// <param name="state">The direction's.</param>
    /// <param name="isReverse">Whether its first step is each row's last.</param>
    /// <param name="limits">The largest batch.</param>
    /// <param name="steps">C.</param>
    public DirectionPieces(TrainingState state, bool isReverse, TrainingLimits limits, int steps)
    {
        _steps = Math.Min(steps, limits.Time);
        _isReverse = isReverse;
        int pieces = Count(limits.Time);
        _piece = new StepRows(pieces == 1 ? 0 : _steps);
        _lengths = new int[pieces == 1 ? 0 : limits.Batch];
        _borders = new StateBorders([state], limits.Batch, pieces);
    }

    public long WorkspaceBytes => _borders.Bytes;

    /// <summary>The direction's step with which the piece at hand begins.</summary>
    public int First => _first;

    /// <summary>Whether the piece at hand holds all steps.</summary>
    public bool IsAll => _isAll;

    /// <summary>Whether the piece at hand holds the direction's last step.</summary>
    public bool IsLast => _isLast;

    /// <summary>The pieces of T steps.</summary>
    public int Count(int time) => ((time - 1) / _steps) + 1;

    /// <summary>Takes a piece in hand, to run forward for the first time or to go back; its initial state is then the layer's.</summary>
    public void Take(StepRows whole, ReadOnlySpan<int> lengths, int piece, bool isBackward)
    {
        int count = Count(whole.Time);
        _first = FirstOf(whole.Time, piece);
        _isAll = count == 1;
        _isLast = piece == count - 1;
        if (_isAll)
        {
            return;
        }

        int time = FirstOf(whole.Time, piece + 1) - _first;
        if (whole.IsDense)
        {
            _piece.SetDense(time, whole.Rows);
        }
        else
        {
            for (int row = 0; row < whole.Rows; row++)
            {
                _lengths[row] = Math.Clamp(lengths[row] - _first, 0, time);
            }

            _piece.SetLengths(time, _lengths.AsSpan(0, whole.Rows));
        }

        if (!isBackward)
        {
            _borders.Pass(piece, whole.Rows);
        }
        else if (!_isLast)
        {
            _borders.Restore(piece, whole.Rows);
        }
    }

    /// <summary>The first row of x and y that is the piece's; 0 where the piece's rows do not lie together (lengths in a reverse direction).</summary>
    public int FirstOuterRow(StepRows whole)
    {
        bool isReversed = _isReverse && !_isAll;
        return isReversed && !whole.IsDense ? 0 : whole.First(isReversed ? whole.Time - _first - _piece.Time : _first);
    }

    /// <summary>The pass over the piece at hand: its steps count from 0, and so do the rows of x, y and their gradients.</summary>
    public LayerPass Of(in LayerPass pass, int inputSize, int outputRow)
    {
        LayerPass piece = pass;
        if (!_isAll)
        {
            nint outer = FirstOuterRow(pass.Steps);
            piece.Steps = _piece;
            piece.Input += outer * inputSize;
            piece.InputGradient = pass.InputGradient == null ? null : pass.InputGradient + (outer * inputSize);
            piece.Output += outer * outputRow;
            piece.StartsBackward = pass.StartsBackward && _isLast;
        }

        return piece;
    }

    /// <summary>The first step of a piece; behind the last one, T.</summary>
    private int FirstOf(int time, int piece) => Math.Max(0, time - ((Count(time) - piece) * _steps));
}
