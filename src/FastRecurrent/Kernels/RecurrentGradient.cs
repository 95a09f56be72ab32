using FastRecurrent.Memory;

namespace FastRecurrent.Kernels;

/// <summary>
/// Backpropagation through time for one direction of one recurrent layer. First the time loop by batch rows, last step
/// first: the deltas of every step take the place of its gates in the trace. Then everything that needs no order in time:
/// dL/dx by rows and the weights' gradients, one tall product, by panels.
/// </summary>
internal abstract unsafe class RecurrentGradient
{
    private readonly int _projected;

    protected RecurrentGradient(RecurrentCell cell)
    {
        _projected = cell.TraceSlots * cell.HiddenSize;
        TraceRow = TraceRowOf(cell);
    }

    /// <summary>Floats of one row of the trace, with what fills it up to whole cache lines.</summary>
    public int TraceRow { get; }

    /// <summary>Gradients, laid out as the packed matrices: the stages' one behind the other.</summary>
    public abstract IReadOnlyList<(PackedStage Stage, AlignedBuffer Gradients, WeightPieces Pieces)> Matrices { get; }

    /// <summary>Whether h of the step before also counts past the products: then a step leaves its part of dL/dh in HiddenGradient.</summary>
    public abstract bool CarriesHidden { get; }

    /// <summary>Bytes of the transposed weights.</summary>
    public abstract long TransposedBytes { get; }

    /// <summary>Takes over weights that have changed.</summary>
    public abstract void WeightsChanged();

    /// <summary>Scratch of one worker for <see cref="RunTime"/> over so many rows.</summary>
    public abstract long TimeScratchFloats(int rows);

    /// <summary>Scratch of one worker for <see cref="AddWeightGradients"/>.</summary>
    public abstract long WeightScratchFloats { get; }

    /// <summary>All deltas of the frame's rows and steps, last step first; the steps behind them have gone back.</summary>
    /// <param name="frame">The rows; HiddenGradient and CellGradient are read and replaced.</param>
    /// <param name="wantsInitial">Whether dL/dh before the first of all steps is wanted.</param>
    public abstract void RunTime(in GradientFrame frame, bool wantsInitial);

    /// <summary>One step of <see cref="RunTime"/>; the steps are to be run last first.</summary>
    public abstract void RunStep(in GradientFrame frame, int step, bool wantsInitial);

    /// <summary>dL/dx of the frame's rows and steps from the deltas.</summary>
    public abstract void InputGradients(in GradientFrame frame);

    /// <summary>One worker's share of the matrices' gradients over all rows of the batch and the frame's steps, and the sums of the deltas for the biases.</summary>
    /// <param name="frame">All rows.</param>
    /// <param name="isFirst">Whether gradients start at zero; else they are added to.</param>
    /// <param name="share">Which share, 0..shares-1.</param>
    /// <param name="shares">How many there are.</param>
    public abstract void AddWeightGradients(in GradientFrame frame, bool isFirst, int share, int shares);

    /// <summary>The biases' gradients in logical order, from the sums of the deltas.</summary>
    public abstract void BiasGradients(IVectorDestination destination);

    /// <summary>The per-unit parameters' gradients in logical order: the rows' sums, added row by row.</summary>
    public abstract void UnitGradients(float* rows, nint row, int count, IVectorDestination destination);

    /// <summary>Where the deltas of the projection begin in a row of the trace.</summary>
    protected int ProjectedOffset => _projected;

    /// <summary>Floats of one row of the trace that a cell uses.</summary>
    public static int TraceFloats(RecurrentCell cell) => (cell.TraceSlots * cell.HiddenSize) + ProjectedUnits(cell);

    /// <summary>See <see cref="TraceRow"/>: the last vector of a row may be read beyond its units, and rows an odd number of cache lines apart do not alias.</summary>
    public static int TraceRowOf(RecurrentCell cell) =>
        (((TraceFloats(cell) + AlignedBuffer.AlignmentFloats - 1) / AlignedBuffer.AlignmentFloats) | 1) * AlignedBuffer.AlignmentFloats;

    private static int ProjectedUnits(RecurrentCell cell) => cell.Stages[^1].TraceSlot == cell.TraceSlots ? cell.Stages[^1].Units : 0;
}

/// <summary>Where the gradients of named vectors go.</summary>
internal interface IVectorDestination
{
    /// <summary>The vector to overwrite.</summary>
    Span<float> Gradient(string name);
}
