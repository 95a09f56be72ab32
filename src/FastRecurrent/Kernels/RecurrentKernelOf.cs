using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// The loop over time. With few rows the input product of several steps is one tall product into a buffer of gates, which
/// the recurrent product then continues; with many rows both products run back to back on a block of gates that stays in
/// L1, and the buffer is not needed. Either way each gate is the same chain of operations.
/// </summary>
internal sealed unsafe partial class RecurrentKernel<TVector, TUpdate> : RecurrentKernel
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    // Rows of the tall input product, and the batch from which on a step has enough rows of its own.
    private const int TallRows = 48;

    // Below this depth the input product is too thin to be worth a pass of its own.
    private const int MinTallInput = 4;

    // Up to here all weights stay in L1, more or less, from step to step.
    private const long GroupBytes = 80 * 1024;

    // Up to here they stay in L2: then x W of all panels and h U of all panels are two long streams. Beyond, panel by panel, so
    // that the next step, which turns round, finds both products of the last panels in L2.
    private const long StreamBytes = 768 * 1024;

    // From here on nearly all weights come from L3 in every step of a batch.
    private const long LeadBytes = 4 * 1024 * 1024;

    // One update for many rows costs less than one a tile: where a trace is kept, and where weights and gates stay in L1 together.
    private const long BandBytes = 24 * 1024;
    private const int MaxBandRows = 40;

    // The most products whose addresses a streaming step keeps, 150 bytes each, and a sequence of one row, on the stack. A layer of
    // more does not feel the time they take.
    private const int MaxStepProducts = 32;
    private const int MaxSequenceProducts = 128;

    private readonly PackedStage[] _stages;
    private readonly CellConstants _constants;
    private readonly int _auxiliaryBuffers;
    private readonly int _columns;
    private readonly int _panelColumns;
    private readonly bool _isSmall;
    private readonly bool _groups;
    private readonly bool _splits;
    private readonly bool _leads;

    // The most products that a step of one row has, or more than any bound where such a step is not planned.
    private readonly int _plannedProducts;
    private readonly Zoneout _zoneout;

    public RecurrentKernel(RecurrentCell cell, int inputSize, IParameterSource parameters, Zoneout zoneout)
        : base(cell, inputSize)
    {
        _zoneout = zoneout with { Cell = cell.HasCellState ? zoneout.Cell : 0 };
        _stages = [.. cell.Stages.Select(stage => PackedStage.Create<TVector>(
            stage,
            cell.HiddenSize,
            inputSize,
            stage.Source == StageSource.Hidden ? cell.OutputSize : cell.HiddenSize,
            stage.RecurrentWeight == ParameterNames.WeightHh ? cell.UnitParameters : [],
            parameters))];
        _constants = cell.Constants;
        _auxiliaryBuffers = cell.AuxiliaryBuffers;
        _isSmall = PackedBytes <= BandBytes;
        _columns = _stages.Max(stage => stage.Columns);
        _panelColumns = _stages.Max(stage => stage.MaxColumns);
        _groups = PackedBytes <= GroupBytes;
        _leads = PackedBytes >= LeadBytes;
        _splits = !_groups && PackedBytes <= StreamBytes && !FoldsAlways;
        _plannedProducts = TUpdate.NeedsWholeRow || !_zoneout.IsNone ? int.MaxValue : _stages.Sum(stage => 2 * stage.Panels.Length);
    }

    public override long PackedBytes => _stages.Sum(stage => stage.Bytes);

    public override long MultiplyAdds => _stages.Sum(stage =>
        ((long)stage.Stage.InputSlots * InputSize + (long)stage.Stage.RecurrentSlots * stage.RecurrentSize) * stage.Stage.Units);

    public override bool CanShareColumns => !TUpdate.NeedsWholeRow && _zoneout.IsNone;

    public override long ScratchFloats(int rows, int steps, int shares)
    {
        // A ragged run shrinks its rows, so the bound holds for any number of rows up to this one.
        long tall = steps > 1 && !FoldsAlways ? Math.Min(TallRows, (long)rows * steps) : 0;
        long gateRows = TUpdate.NeedsWholeRow ? Math.Max(tall, rows) : tall;
        return checked(
            ((long)BlockFloats(rows) * shares)
            + AlignedBuffer.Padded(_stages.Sum(stage => (long)stage.Columns) * gateRows)
            + (((long)_auxiliaryBuffers + (_zoneout.Cell > 0 ? 1 : 0)) * rows * CellRow));
    }

    public override void Run(ref RecurrentFrame frame)
    {
        int blockFloats = BlockFloats(frame.Rows);
        StepFrame step = new()
        {
            Rows = frame.Rows,
            InputRow = frame.InputRow,
            TraceRow = frame.TraceRow,
            Cell = frame.Cell,
            Block = frame.Scratch + (frame.Share * blockFloats),
            Share = frame.Share,
            Shares = frame.Barrier?.Participants ?? 1,
        };
        float* afterBlocks = frame.Scratch + (step.Shares * blockFloats);
        step.Auxiliary = afterBlocks;
        step.AuxiliaryRow = (nint)_auxiliaryBuffers * CellRow;
        float* oldCell = afterBlocks + (step.AuxiliaryRow * frame.Rows);
        float* gates = oldCell + (_zoneout.Cell > 0 ? (nint)CellRow * frame.Rows : 0);
        int chunk = ChunkSteps(frame.Rows, frame.Steps);
        bool keepsGates = chunk > 1 || TUpdate.NeedsWholeRow;
        if (frame.Rows == 1 && frame.Steps > 1 && _plannedProducts <= MaxSequenceProducts && frame.Barrier == null)
        {
            RunSequence(frame, step, gates, keepsGates, keepsGates ? chunk : frame.Steps);
            return;
        }

        for (int first = 0; first < frame.Steps; first += chunk)
        {
            int steps = Math.Min(chunk, frame.Steps - first);
            if (keepsGates)
            {
                InputProducts(frame, step, first, steps, gates);
            }

            for (int s = first; s < first + steps; s++)
            {
                step.IsBackward = (s & 1) != 0;
                step.Input = frame.Input + (s * frame.InputTime);
                step.PreviousHidden = frame.PreviousHidden(s);
                step.PreviousHiddenRow = frame.PreviousHiddenRow(s);
                step.ProductHidden = frame.MaskedHidden == null ? step.PreviousHidden : frame.MaskedHidden;
                step.ProductHiddenRow = frame.MaskedHidden == null ? step.PreviousHiddenRow : frame.MaskedHiddenRow;
                step.Hidden = frame.Hidden(s);
                step.HiddenRow = frame.NextHiddenRow;
                step.Trace = frame.Trace == null ? null : frame.Trace + (s * frame.TraceTime);
                if (_zoneout.Cell > 0)
                {
                    Buffer.MemoryCopy(frame.Cell, oldCell, (long)frame.Rows * CellRow * sizeof(float), (long)frame.Rows * CellRow * sizeof(float));
                }

                float* stageGates = keepsGates ? gates : null;
                foreach (PackedStage stage in _stages)
                {
                    step.Gates = stageGates;
                    step.GateRows = keepsGates ? steps * frame.Rows : 1;
                    step.FirstGateRow = keepsGates ? (s - first) * frame.Rows : 0;
                    RunStage(stage, step);
                    frame.Barrier?.Arrive();
                    stageGates = keepsGates ? stageGates + ((nint)stage.Columns * step.GateRows) : null;
                }

                if (!_zoneout.IsNone)
                {
                    ZoneOut(step, oldCell);
                }
            }
        }
    }

    public override RecurrentGradient CreateGradient() => new RecurrentGradient<TVector, TUpdate>(Cell, _stages);

    public override void FillVectors(IVectorSource source)
    {
        foreach (PackedStage stage in _stages)
        {
            stage.FillVectors(source);
        }
    }

    public override void Unpack(Func<string, float[]> destination)
    {
        foreach (PackedStage stage in _stages)
        {
            stage.Unpack(TVector.Count, destination);
        }
    }

    /// <summary>The expectation of zoneout behind a step, whose c before it is given.</summary>
    private void ZoneOut(in StepFrame step, float* oldCell)
    {
        Zoneout.Blend<TVector>(step.PreviousHidden, step.PreviousHiddenRow, step.Hidden, step.HiddenRow, step.Rows, Cell.OutputSize, _zoneout.Hidden);
        if (_zoneout.Cell > 0)
        {
            Zoneout.Blend<TVector>(oldCell, CellRow, step.Cell, CellRow, step.Rows, Cell.HiddenSize, _zoneout.Cell);
        }
    }

    /// <summary>A share's block: the gates of one row, or of one panel for a band of rows.</summary>
    private int BlockFloats(int rows) => AlignedBuffer.Padded(Math.Max(_columns, _panelColumns * Math.Clamp(rows, TileDispatch<TVector>.MaxRows, MaxBandRows)));

    /// <summary>True where the input product is too thin to be worth a pass of its own.</summary>
    private bool FoldsAlways => InputSize < MinTallInput;

    private int ChunkSteps(int rows, int steps) =>
        FoldsAlways || rows >= TallRows ? 1 : Math.Min(steps, TallRows / rows);

    /// <summary>x W + bias of several steps, for the panels of this share, into the buffer of gates.</summary>
    private void InputProducts(in RecurrentFrame frame, in StepFrame step, int first, int steps, float* gates)
    {
        // Rows of the buffer are (step, batch row). The tall way round is the one with more rows a product.
        bool overTime = steps >= frame.Rows;
        int products = overTime ? frame.Rows : steps;
        int rows = overTime ? steps : frame.Rows;
        nint inputRow = overTime ? frame.InputTime : frame.InputRow;
        nint inputProduct = overTime ? frame.InputRow : frame.InputTime;
        nint gateRow = overTime ? frame.Rows : 1;
        nint gateProduct = overTime ? 1 : frame.Rows;
        float* input = frame.Input + (first * frame.InputTime);
        foreach (PackedStage stage in _stages)
        {
            ReadOnlySpan<Panel> panels = stage.Panels;
            for (int p = step.FirstPanel(panels.Length); p < step.EndPanel(panels.Length); p++)
            {
                ref readonly Panel panel = ref panels[p];
                float* panelGates = gates + ((nint)panel.ColumnsBefore * frame.Rows * steps);
                for (int product = 0; product < products; product++)
                {
                    float* x = input + (product * inputProduct);
                    float* c = panelGates + (product * gateProduct * panel.Columns);
                    int lead = _leads && product == 0 ? TileDispatch<TVector>.LeadRows(rows, panel.InputVectors) : 0;
                    int tiles = TileDispatch<TVector>.TilesFor(rows - lead, Math.Max(1, panel.InputVectors));
                    for (int tile = lead > 0 ? -1 : 0, row = 0; tile < tiles; tile++)
                    {
                        int tileRows = tile < 0 ? lead : (rows - row) / (tiles - tile);
                        InputProduct(stage, panel, tileRows, x + (row * inputRow), inputRow, c + (row * gateRow * panel.Columns), gateRow * panel.Columns);
                        row += tileRows;
                    }
                }
            }

            gates += (nint)stage.Columns * frame.Rows * steps;
        }
    }

    /// <summary>The input product of one tile, and the bias of the slots that only the recurrent product continues.</summary>
    private static void InputProduct(PackedStage stage, in Panel panel, int rows, float* x, nint xRow, float* gates, nint gateRow)
    {
        StageDescription description = stage.Stage;
        if (description.InputSlots == 0)
        {
            return;
        }

        TileDispatch<TVector>.Multiply(
            rows, panel.InputVectors, new TileProduct(x, xRow, stage.InputSize, panel.InputWeights), panel.Bias, 0, gates, gateRow);
        if (stage.FillsRecurrentBias)
        {
            int start = description.InputSlots * panel.SlotStride;
            for (int row = 0; row < rows; row++)
            {
                BiasFill<TVector>.Run(panel.Bias, gates + (row * gateRow), start, panel.Columns);
            }
        }
    }
}
