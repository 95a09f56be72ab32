using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// The gradients of one stage's weights: dL/dW = sum over steps and rows of x^T delta, every element one chain over the steps,
/// last first, and within a step over the rows, so that it may be computed a few steps at a time. Gradients lie like the
/// packed weights. The deltas of a block of rows are gathered panel by panel, [rows, columns], and are then the B of
/// the tile; the inputs of those rows are its A, transposed by its strides.
/// </summary>
internal sealed unsafe class StageGradient<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
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

    /// <summary>Both matrices' gradients, laid out like <see cref="PackedStage.Matrices"/>.</summary>
    public AlignedBuffer Gradients { get; }

    /// <summary>Where the deltas of the recurrent product begin in a row of the trace.</summary>
    public int RecurrentOffset => _deltaOffset + (Packed.Stage.RecurrentStart * Packed.Stage.Units);

    /// <summary>Where the deltas of the input product begin in a row of the trace.</summary>
    public int InputOffset => _deltaOffset;

    /// <summary>Where the trace keeps what the recurrent product multiplied, where that is not h.</summary>
    public int SourceOffset { get; }

    public long TransposedBytes => Recurrent.Bytes + (Input?.Bytes ?? 0);

    public long ScratchFloats => _inputs.Floats + _sources.Floats + ((long)GradientBlock.Rows * Packed.MaxColumns);

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

        nint* deltas = stackalloc nint[GradientBlock.Rows];
        int step = frame.Steps.Time - 1;
        int row = 0;
        bool starts = isFirst;
        while (step >= 0)
        {
            int rows = 0;
            while (rows < GradientBlock.Rows && step >= 0)
            {
                int taken = Math.Min(GradientBlock.Rows - rows, frame.Steps.Active(step) - row);
                Gather(frame, step, row, taken, rows, deltas);
                rows += taken;
                row += taken;
                if (row == frame.Steps.Active(step))
                {
                    step--;
                    row = 0;
                }
            }

            if (rows == 0)
            {
                break;
            }

            for (int p = firstPanel; p < endPanel; p++)
            {
                AddPanel(Packed.Panels[p], frame.Scratch, rows, deltas, starts);
            }

            starts = false;
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

    /// <summary>Copies what some rows of a step were multiplied with into the block, from row <paramref name="into"/> on, and notes where their deltas lie.</summary>
    private void Gather(in GradientFrame frame, int step, int row, int count, int into, nint* deltas)
    {
        float* sources = frame.Scratch + _inputs.Floats;
        bool fromTrace = Packed.Stage.Source != StageSource.Hidden;
        for (int i = 0; i < count; i++)
        {
            float* trace = frame.Trace + ((nint)(frame.Steps.First(step) + row + i) * _traceRow);
            deltas[into + i] = (nint)(trace + _deltaOffset);
            float* source = fromTrace ? trace + SourceOffset
                : step == 0 ? frame.InitialHidden + ((row + i) * frame.InitialHiddenRow)
                : frame.Hidden + ((nint)(frame.Steps.First(step - 1) + row + i) * frame.HiddenRow);
            _sources.CopyRow(source, sources, into + i);
            if (_inputs.Features > 0)
            {
                _inputs.CopyRow(frame.Input + ((nint)(frame.OuterRow(step) + row + i) * frame.InputRow), frame.Scratch, into + i);
            }
        }
    }

    private void AddPanel(in Panel panel, float* scratch, int rows, nint* deltas, bool starts)
    {
        float* sources = scratch + _inputs.Floats;
        float* block = sources + _sources.Floats;
        GatherDeltas(panel, rows, deltas, block, starts);
        if (_inputs.Features > 0)
        {
            GradientBlock.Add<TVector>(
                scratch, _inputs, block, panel.Columns, rows, _zeros.Pointer,
                Gradients.Pointer + (panel.InputWeights - Packed.Matrices), (nint)panel.InputVectors * TVector.Count, panel.InputVectors, starts);
        }

        if (Packed.RecurrentSize == 0)
        {
            return;
        }

        GradientBlock.Add<TVector>(
            sources, _sources, block + panel.RecurrentColumn, panel.Columns, rows, _zeros.Pointer,
            Gradients.Pointer + (panel.RecurrentWeights - Packed.Matrices), (nint)panel.RecurrentVectors * TVector.Count, panel.RecurrentVectors, starts);
    }

    /// <summary>One panel's deltas, slot by slot, as the panel's columns, and their sums for the biases.</summary>
    private void GatherDeltas(in Panel panel, int rows, nint* deltas, float* block, bool starts)
    {
        float* sums = _sums.Pointer + panel.ColumnsBefore;
        if (starts)
        {
            new Span<float>(sums, panel.Columns).Clear();
        }

        DeltaGather gather = new(panel, Packed.Stage.Slots, Packed.Stage.Units, deltas, rows, block, sums);
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
