using System.Runtime.CompilerServices;
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

    // One update for many rows costs less than one a tile: where a trace is kept, and where weights and gates stay in L1 together.
    private const long BandBytes = 24 * 1024;
    private const int MaxBandRows = 40;

    // The most panels whose addresses a streaming step keeps: 128 bytes a product, so 4 KB a layer.
    private const int MaxPlannedPanels = 16;

    private readonly PackedStage[] _stages;
    private readonly CellConstants _constants;
    private readonly int _auxiliaryBuffers;
    private readonly int _columns;
    private readonly int _panelColumns;
    private readonly bool _isSmall;
    private readonly bool _groups;
    private readonly bool _splits;
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
        _splits = !_groups && PackedBytes <= StreamBytes && !FoldsAlways;
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
                    int tiles = TileDispatch<TVector>.TilesFor(rows, Math.Max(1, panel.InputVectors));
                    for (int tile = 0, row = 0; tile < tiles; tile++)
                    {
                        int tileRows = (rows - row) / (tiles - tile);
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
        for (int row = 0; row < rows; row++)
        {
            BiasFill<TVector>.Run(stage, panel, gates + (row * gateRow));
        }
    }

    private void RunStage(PackedStage stage, in StepFrame step)
    {
        int first = step.FirstPanel(stage.Panels.Length);
        int end = step.EndPanel(stage.Panels.Length);
        if (step.Rows == 1)
        {
            RunRow(stage, step, first, end);
        }
        else
        {
            for (int i = first; i < end; i++)
            {
                RunPanel(stage, stage.Panels[step.IsBackward ? first + end - 1 - i : i], step);
            }
        }

        if (TUpdate.NeedsWholeRow)
        {
            UpdateRows(stage, step);
        }
    }

    /// <summary>Several rows: tile by tile, both products and the update on gates that stay in L1.</summary>
    private void RunPanel(PackedStage stage, in Panel panel, in StepFrame step)
    {
        int columns = panel.Columns;
        float* source = SourceOf(stage, step);
        nint sourceRow = stage.Stage.Source == StageSource.Hidden ? step.ProductHiddenRow : step.AuxiliaryRow;
        bool continues = stage.Stage.ContinuesInput;
        UpdateFrame update = Update(stage, panel, step);
        update.GateRow = columns;
        int bandRows = _isSmall || step.Trace != null ? MaxBandRows : TileDispatch<TVector>.MaxRows;
        int tiles = TileDispatch<TVector>.TilesFor(step.Rows, Math.Max(panel.InputVectors, panel.RecurrentVectors));
        for (int tile = 0, row = 0, band = 0; tile < tiles; tile++)
        {
            int rows = (step.Rows - row) / (tiles - tile);
            float* gates = step.Gates == null
                ? step.Block + ((nint)band * columns)
                : step.Gates + ((nint)panel.ColumnsBefore * step.GateRows) + ((nint)(step.FirstGateRow + row) * columns);
            TileProduct h = new(source + (row * sourceRow), sourceRow, stage.RecurrentSize, panel.RecurrentWeights);
            float* input = step.Input + (row * step.InputRow);
            if (step.Trace != null && !_isSmall)
            {
                // Of a small layer the trace is near, and a tile too short to wait for it.
                FetchTrace(update, band, rows);
            }

            if (step.Gates == null && stage.FillsSameSlots)
            {
                TileProduct x = new(input, step.InputRow, stage.InputSize, panel.InputWeights);
                TileDispatch<TVector>.Multiply(rows, panel.InputVectors, x, h, panel.Bias, 0, gates, columns);
            }
            else
            {
                if (step.Gates == null)
                {
                    InputProduct(stage, panel, rows, input, step.InputRow, gates, columns);
                }

                float* recurrent = gates + panel.RecurrentColumn;
                float* init = continues ? recurrent : panel.Bias + panel.RecurrentColumn;
                TileDispatch<TVector>.Multiply(rows, panel.RecurrentVectors, h, init, continues ? columns : 0, recurrent, columns);
            }

            band += rows;
            row += rows;
            if (!TUpdate.NeedsWholeRow && (row == step.Rows || band + TileDispatch<TVector>.MaxRows > bandRows))
            {
                update.Gates = gates - ((nint)(band - rows) * columns);
                update.Rows = band;
                CellUpdate<TVector, TUpdate>.Run(update, _constants);
                update.PreviousHidden += band * update.PreviousHiddenRow;
                update.Hidden += band * update.HiddenRow;
                update.Cell += band * update.CellRow;
                update.Auxiliary += band * update.AuxiliaryRow;
                update.Trace = update.Trace == null ? null : update.Trace + (band * update.TraceRow);
                band = 0;
            }
        }
    }

    /// <summary>What the update will write comes while the products are computed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FetchTrace(in UpdateFrame update, int row, int rows)
    {
        for (int slot = 0; slot < Cell.TraceSlots; slot++)
        {
            Prefetch.Rows(update.Trace + (row * update.TraceRow) + (slot * update.TraceStride), update.TraceRow, rows, update.Units);
        }

        Prefetch.Rows(update.Hidden + (row * update.HiddenRow), update.HiddenRow, rows, update.Units);
    }

    /// <summary>The update of a panel from its first unit and the step's first row on.</summary>
    private UpdateFrame Update(PackedStage stage, in Panel panel, in StepFrame step) => new()
    {
        Stage = stage.Stage.Source == StageSource.Hidden ? 0 : 1,
        Units = panel.Units,
        SlotStride = panel.SlotStride,
        UnitParameters = panel.UnitParameters,
        UnitParameterStride = panel.UnitParameterStride,
        PreviousHidden = (stage.Stage.UpdateSeesMask ? step.ProductHidden : step.PreviousHidden) + panel.FirstUnit,
        PreviousHiddenRow = stage.Stage.UpdateSeesMask ? step.ProductHiddenRow : step.PreviousHiddenRow,
        Hidden = step.Hidden + panel.FirstUnit,
        HiddenRow = step.HiddenRow,
        Cell = step.Cell + panel.FirstUnit,
        CellRow = CellRow,
        Auxiliary = step.Auxiliary + panel.FirstUnit,
        AuxiliaryRow = step.AuxiliaryRow,
        AuxiliaryStride = CellRow,
        Trace = step.Trace == null ? null : step.Trace + panel.FirstUnit,
        TraceRow = step.TraceRow,
        TraceStride = Cell.HiddenSize,
    };

    private void UpdateRows(PackedStage stage, in StepFrame step)
    {
        ReadOnlySpan<Panel> panels = stage.Panels;
        ref readonly Panel last = ref panels[^1];
        for (int row = 0; row < step.Rows; row++)
        {
            nint gateRow = step.FirstGateRow + row;
            UnitRow<TVector> units = new()
            {
                Units = Cell.HiddenSize,
                Gates = step.Gates + (gateRow * panels[0].Columns),
                GatesStride = (nint)panels[0].Columns * step.GateRows,
                LastGates = step.Gates + ((nint)last.ColumnsBefore * step.GateRows) + (gateRow * last.Columns),
                UnitParameters = panels[0].UnitParameters,
                UnitParametersStride = stage.UnitStride,
                LastUnitParameters = last.UnitParameters,
                PreviousHidden = step.PreviousHidden + (row * step.PreviousHiddenRow),
                Hidden = step.Hidden + (row * step.HiddenRow),
                Cell = step.Cell + ((nint)row * CellRow),
                Trace = step.Trace + (row * step.TraceRow),
                TraceStride = Cell.HiddenSize,
            };
            if (step.Trace == null)
            {
                TUpdate.UpdateRow<TVector, Untraced>(units, _constants);
            }
            else
            {
                TUpdate.UpdateRow<TVector, Traced>(units, _constants);
            }
        }
    }
}
