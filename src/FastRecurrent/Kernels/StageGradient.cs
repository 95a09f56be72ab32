using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// The gradients of one stage's weights: dL/dW = sum over steps and rows of x^T delta, every element one chain over the steps,
/// last first, and within a step over the rows, last first, so that it may be computed a few steps at a time. Gradients lie like
/// the packed weights. The deltas of a block of rows are gathered panel by panel, [rows, columns], and are then the B of
/// the tile; the inputs of those rows are its A, transposed by its strides: copied into groups as high as a tile, or, where the
/// rows are short and lie one behind the other, read in place.
/// </summary>
internal sealed unsafe class StageGradient<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    // Of longer rows a copy costs little beside their products, and reading 128 floats in place made no difference that could be told.
    private const int LongestInPlace = 64;

    // Rows are read backward, against the order in which they would be fetched ahead.
    private const int FetchAhead = 6;

    // 256 rows of so many floats are 1 MB.
    private const int FarRow = 1024;

    private readonly int _traceRow;
    private readonly int _deltaOffset;
    private readonly FeatureGroups _inputs;
    private readonly FeatureGroups _sources;
    private readonly AlignedBuffer _sums;
    private readonly AlignedBuffer _zeros = new(TileDispatch<TVector>.MaxWidth * TVector.Count);

    public StageGradient(PackedStage packed, int hiddenSize, int traceRow, int deltaOffset, bool transposes = true)
    {
        Packed = packed;
        StageDescription stage = packed.Stage;
        _traceRow = traceRow;
        _deltaOffset = deltaOffset;
        SourceOffset = stage.SourceSlot * hiddenSize;
        Recurrent = new TransposedWeights<TVector>(transposes ? stage.RecurrentSlots * stage.Units : 0, packed.RecurrentSize);
        Input = transposes && stage.InputSlots > 0 ? new TransposedWeights<TVector>(stage.InputSlots * stage.Units, packed.InputSize) : null;
        Pieces = transposes ? TransposedPieces<TVector>.Of(packed, Input, Recurrent) : null;
        Gradients = new AlignedBuffer(packed.MatrixFloats);
        _sums = new AlignedBuffer(packed.Columns);
        _inputs = GradientBlock.Groups<TVector>(stage.InputSlots == 0 ? 0 : packed.InputSize, packed.Panels[0].InputVectors);
        _sources = GradientBlock.Groups<TVector>(packed.RecurrentSize, packed.Panels[0].RecurrentVectors);
    }

    public PackedStage Packed { get; }

    /// <summary>U^T.</summary>
    public TransposedWeights<TVector> Recurrent { get; }

    /// <summary>W^T; null where the stage has no input product.</summary>
    public TransposedWeights<TVector>? Input { get; }

    /// <summary>The way from the packed weights to both, piece by piece; null without transposes.</summary>
    public WeightPieces? Pieces { get; }

    /// <summary>Both matrices' gradients, laid out like <see cref="PackedStage.Matrices"/>.</summary>
    public AlignedBuffer Gradients { get; }

    /// <summary>Where the deltas of the recurrent product begin in a row of the trace.</summary>
    public int RecurrentOffset => _deltaOffset + (Packed.Stage.RecurrentStart * Packed.Stage.Units);

    /// <summary>Where the deltas of the input product begin in a row of the trace.</summary>
    public int InputOffset => _deltaOffset;

    /// <summary>Where the trace keeps what the recurrent product multiplied, where that is not h.</summary>
    public int SourceOffset { get; }

    public long TransposedBytes => Recurrent.Bytes + (Input?.Bytes ?? 0);

    // Behind the copies the deltas of a panel; before those, one masked row at a time.
    public long ScratchFloats => _inputs.Floats + _sources.Floats + Math.Max((long)GradientBlock.Rows * Packed.MaxColumns, _sources.Features);

    public void WeightsChanged()
    {
        Recurrent.Fill(Packed, isInput: false);
        Input?.Fill(Packed, isInput: true);
    }

    /// <summary>See <see cref="RecurrentGradient.AddWeightGradients"/>.</summary>
    public void AddWeightGradients(in GradientFrame frame, bool isFirst, int share, int shares)
    {
        int firstPanel = Packed.Panels.Length * share / shares;
        int endPanel = Packed.Panels.Length * (share + 1) / shares;
        if (firstPanel == endPanel)
        {
            return;
        }

        bool starts = isFirst;
        bool isInPlace = ReadsInPlace(frame);
        int step = frame.EndStep - 1;
        int least = frame.FirstOfSteps;
        for (int end = frame.EndOfSteps; end > least;)
        {
            int first = Math.Max(least, end - GradientBlock.Rows);
            BlockInputs inputs, sources;
            if (isInPlace)
            {
                // h before the first step lies elsewhere.
                int stepRows = frame.Steps.Rows;
                first = end > stepRows ? Math.Max(first, stepRows) : first;
                inputs = BlockInputs.InPlace(frame.Input + ((end - 1) * frame.InputRow), -frame.InputRow, _inputs);
                sources = end > stepRows
                    ? BlockInputs.InPlace(frame.Hidden + ((end - 1 - stepRows) * frame.HiddenRow), -frame.HiddenRow, _sources)
                    : BlockInputs.InPlace(frame.InitialHidden + ((end - 1) * frame.InitialHiddenRow), -frame.InitialHiddenRow, _sources);
            }
            else
            {
                (inputs, sources) = Gather(frame, first, end, ref step);
            }

            float* deltas = frame.Trace + ((nint)(end - 1) * _traceRow) + _deltaOffset;
            for (int p = firstPanel; p < endPanel; p++)
            {
                DeltasAhead ahead = p + 1 < endPanel ? Ahead(Packed.Panels[p + 1], deltas, end - first)
                    : Ahead(Packed.Panels[firstPanel], deltas - ((nint)(end - first) * _traceRow), Math.Min(first - least, GradientBlock.Rows));
                AddPanel(Packed.Panels[p], inputs, sources, deltas, end - first, frame.Scratch + _inputs.Floats + _sources.Floats, starts, ahead);
            }

            starts = false;
            end = first;
        }

        for (int p = firstPanel; p < endPanel; p++)
        {
            if (starts)
            {
                ClearPanel(Packed.Panels[p]);
            }
            else
            {
                ClearPadding(Packed.Panels[p]);
            }
        }
    }

    /// <summary>See <see cref="RecurrentGradient.BiasGradients"/>.</summary>
    public void BiasGradients(int rowsPerGate, IVectorDestination destination)
    {
        StageDescription stage = Packed.Stage;
        foreach (ref readonly Panel panel in Packed.Panels)
        {
            for (int slot = 0; slot < stage.Slots; slot++)
            {
                ReadOnlySpan<float> sums = new(_sums.Pointer + panel.ColumnsBefore + (slot * panel.SlotStride), panel.Units);
                int first = (stage.Gates[slot] * rowsPerGate) + panel.FirstUnit;
                if (stage.IsInputSlot(slot) && stage.InputBias is { } input)
                {
                    sums.CopyTo(destination.Gradient(input)[first..]);
                }

                if (stage.IsRecurrentSlot(slot) && stage.RecurrentBias is { } recurrent)
                {
                    sums.CopyTo(destination.Gradient(recurrent)[first..]);
                }
            }
        }
    }

    /// <summary>Whether rows are short enough that a block of them does not fight for cache lines, and many enough that the first step's block of its own does not count.</summary>
    private bool ReadsInPlace(in GradientFrame frame) =>
        frame.Steps.IsDense && !frame.IsReversed && frame.HiddenMask == null && Packed.Stage.Source == StageSource.Hidden
        && Packed.InputSize <= LongestInPlace && Packed.RecurrentSize <= LongestInPlace && frame.Steps.Total - frame.Steps.Rows >= GradientBlock.Rows;

    /// <summary>m * h of one row.</summary>
    private float* Masked(float* hidden, float* mask, float* masked)
    {
        for (int i = 0; i < _sources.Features; i++)
        {
            masked[i] = mask[i] * hidden[i];
        }

        return masked;
    }

    /// <summary>Copies what the rows [first, end) were multiplied with into the block, last row first.</summary>
    /// <param name="frame">The rows.</param>
    /// <param name="first">The first row of all steps.</param>
    /// <param name="end">Behind the last row.</param>
    /// <param name="step">A step not before that of the last row; afterwards that of the first one.</param>
    /// <returns>The inputs and sources, as tall as there are rows: few rows lie together.</returns>
    private (BlockInputs Inputs, BlockInputs Sources) Gather(in GradientFrame frame, int first, int end, ref int step)
    {
        FeatureGroups inputGroups = _inputs with { Rows = end - first };
        FeatureGroups sourceGroups = _sources with { Rows = end - first };
        float* sources = frame.Scratch + _inputs.Floats;
        bool fromTrace = Packed.Stage.Source != StageSource.Hidden;
        for (int row = end - 1; row >= first; row--)
        {
            while (row < frame.Steps.First(step))
            {
                step--;
            }

            nint inStep = row - frame.Steps.First(step);
            float* source = fromTrace ? frame.Trace + ((nint)row * _traceRow) + SourceOffset
                : step == 0 ? frame.InitialHidden + (inStep * frame.InitialHiddenRow)
                : frame.Hidden + ((frame.HiddenAt(step - 1) + inStep) * frame.HiddenRow);
            Prefetch.Lines(source - (FetchAhead * (fromTrace ? _traceRow : frame.HiddenRow)), _sources.Features);
            float* mask = fromTrace || frame.HiddenMask == null ? null : frame.HiddenMask + (inStep * frame.InitialHiddenRow);
            sourceGroups.CopyRow(mask == null ? source : Masked(source, mask, sources + _sources.Floats), sources, end - 1 - row);
            if (_inputs.Features > 0)
            {
                float* input = frame.Input + ((frame.OuterRow(step) + inStep) * frame.InputRow);
                Prefetch.Lines(input - (FetchAhead * frame.InputRow), _inputs.Features);
                inputGroups.CopyRow(input, frame.Scratch, end - 1 - row);
            }
        }

        return (BlockInputs.Copied(frame.Scratch, inputGroups), BlockInputs.Copied(sources, sourceGroups));
    }

    private void AddPanel(in Panel panel, in BlockInputs inputs, in BlockInputs sources, float* deltas, int rows, float* block, bool starts, in DeltasAhead ahead)
    {
        GatherDeltas(panel, deltas, rows, block, starts);
        if (_inputs.Features > 0)
        {
            GradientBlock.Add<TVector>(
                inputs, block, panel.Columns, rows, _zeros.Pointer,
                Gradients.Pointer + (panel.InputWeights - Packed.Matrices), (nint)panel.InputVectors * TVector.Count, panel.InputVectors, starts);
        }

        if (Packed.RecurrentSize == 0)
        {
            return;
        }

        GradientBlock.Add<TVector>(
            sources, block + panel.RecurrentColumn, panel.Columns, rows, _zeros.Pointer,
            Gradients.Pointer + (panel.RecurrentWeights - Packed.Matrices), (nint)panel.RecurrentVectors * TVector.Count, panel.RecurrentVectors, starts, ahead);
    }

    /// <summary>A panel's deltas of some rows, last first; none where a block of rows stays in L2.</summary>
    private DeltasAhead Ahead(in Panel panel, float* deltas, int rows) => _traceRow < FarRow ? default
        : new DeltasAhead(deltas + panel.FirstUnit, -_traceRow, rows, Packed.Stage.Slots, Packed.Stage.Units, panel.Units);

    /// <summary>One panel's deltas, slot by slot, as the panel's columns, and their sums for the biases.</summary>
    private void GatherDeltas(in Panel panel, float* deltas, int rows, float* block, bool starts)
    {
        float* sums = _sums.Pointer + panel.ColumnsBefore;
        if (starts)
        {
            new Span<float>(sums, panel.Columns).Clear();
        }

        DeltaGather gather = new(panel, Packed.Stage.Slots, Packed.Stage.Units, deltas, -_traceRow, rows, block, sums);
        UnitLoop.Run<TVector, DeltaGather>(panel.Units, gather);
        gather.ClearPadding();
    }

    private void ClearPanel(in Panel panel)
    {
        new Span<float>(_sums.Pointer + panel.ColumnsBefore, panel.Columns).Clear();
        new Span<float>(Gradients.Pointer + (panel.InputWeights - Packed.Matrices), Packed.Stage.InputSlots == 0 ? 0 : Packed.InputSize * panel.InputVectors * TVector.Count).Clear();
        new Span<float>(Gradients.Pointer + (panel.RecurrentWeights - Packed.Matrices), Packed.RecurrentSize * panel.RecurrentVectors * TVector.Count).Clear();
    }

    /// <summary>A narrow panel's last vector reaches into columns of slots that its product does not have: nothing may be learned there.</summary>
    private void ClearPadding(in Panel panel)
    {
        if (_inputs.Features > 0)
        {
            ClearColumns(panel.InputWeights, Packed.InputSize, panel.InputVectors * TVector.Count, Packed.Stage.InputSlots * panel.SlotStride);
        }

        ClearColumns(panel.RecurrentWeights, Packed.RecurrentSize, panel.RecurrentVectors * TVector.Count, Packed.Stage.RecurrentSlots * panel.SlotStride);
    }

    private void ClearColumns(float* weights, int rows, int width, int used)
    {
        float* gradients = Gradients.Pointer + (weights - Packed.Matrices);
        for (int row = 0; used < width && row < rows; row++, gradients += width)
        {
            new Span<float>(gradients + used, width - used).Clear();
        }
    }
}
