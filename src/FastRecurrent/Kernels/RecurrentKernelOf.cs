using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// The loop over time. With few rows the input product of several steps is one tall product into a buffer of gates, which
/// the recurrent product then continues; with many rows both products run back to back on a block of gates that stays in
/// L1, and the buffer is not needed. Either way each gate is the same chain of operations.
/// </summary>
internal sealed unsafe class RecurrentKernel<TVector, TUpdate> : RecurrentKernel
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellUpdate
{
    // Rows of the tall input product, and the batch from which on a step has enough rows of its own.
    private const int TallRows = 48;

    private const int MinTallInput = 4;

    // One row streams two panels at a time while all weights fit L1; beyond, one stream is faster (docs/kernels.md).
    private const long PairBytes = 80 * 1024;

    private readonly PackedStage[] _stages;
    private readonly CellConstants _constants;
    private readonly int _auxiliaryBuffers;
    private readonly int _blockFloats;
    private readonly bool _pairs;

    public RecurrentKernel(RecurrentCell cell, int inputSize, IParameterSource parameters)
        : base(cell, inputSize)
    {
        _stages = [.. cell.Stages.Select(stage => PackedStage.Create<TVector>(
            stage,
            cell.HiddenSize,
            inputSize,
            stage.Source == StageSource.Hidden ? cell.OutputSize : cell.HiddenSize,
            stage.RecurrentWeight == ParameterNames.WeightHh ? cell.UnitParameters : [],
            parameters))];
        _constants = cell.Constants;
        _auxiliaryBuffers = cell.AuxiliaryBuffers;
        _blockFloats = AlignedBuffer.Padded(_stages.Max(stage => stage.MaxColumns) * TileDispatch<TVector>.MaxRows);
        _pairs = PackedBytes <= PairBytes;
    }

    public override long PackedBytes => _stages.Sum(stage => stage.Bytes);

    public override long MultiplyAdds => _stages.Sum(stage =>
        ((long)stage.Stage.InputSlots * InputSize + (long)stage.Stage.RecurrentSlots * stage.RecurrentSize) * stage.Stage.Units);

    public override bool CanShareColumns => !TUpdate.NeedsWholeRow;

    public override long ScratchFloats(int rows, int steps, int shares)
    {
        // A ragged run shrinks its rows, so the bound holds for any number of rows up to this one.
        long tall = steps > 1 && !FoldsAlways ? Math.Min(TallRows, (long)rows * steps) : 0;
        long gateRows = TUpdate.NeedsWholeRow ? Math.Max(tall, rows) : tall;
        return checked(
            ((long)_blockFloats * shares)
            + AlignedBuffer.Padded(_stages.Sum(stage => (long)stage.Columns) * gateRows)
            + ((long)_auxiliaryBuffers * rows * CellRow));
    }

    public override void Run(ref RecurrentFrame frame)
    {
        StepFrame step = new()
        {
            Rows = frame.Rows,
            InputRow = frame.InputRow,
            Cell = frame.Cell,
            Block = frame.Scratch + (frame.Share * _blockFloats),
            Share = frame.Share,
            Shares = frame.Barrier?.Participants ?? 1,
        };
        float* afterBlocks = frame.Scratch + (step.Shares * _blockFloats);
        step.Auxiliary = afterBlocks;
        step.AuxiliaryRow = (nint)_auxiliaryBuffers * CellRow;
        float* gates = afterBlocks + (step.AuxiliaryRow * frame.Rows);
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
                step.Input = frame.Input + (s * frame.InputTime);
                step.PreviousHidden = frame.PreviousHidden(s);
                step.PreviousHiddenRow = frame.PreviousHiddenRow(s);
                step.Hidden = frame.Hidden(s);
                step.HiddenRow = frame.NextHiddenRow;
                float* stageGates = keepsGates ? gates : null;
                foreach (PackedStage stage in _stages)
                {
                    step.Gates = stageGates;
                    step.GateRows = steps * frame.Rows;
                    step.FirstGateRow = (s - first) * frame.Rows;
                    RunStage(stage, step);
                    frame.Barrier?.Arrive();
                    stageGates = keepsGates ? stageGates + ((nint)stage.Columns * step.GateRows) : null;
                }
            }
        }
    }

    public override void Step(float* input, float* previousHidden, float* hidden, float* cell, float* scratch)
    {
        if (TUpdate.NeedsWholeRow)
        {
            RecurrentFrame frame = new()
            {
                Input = input,
                InitialHidden = previousHidden,
                Output = hidden,
                Cell = cell,
                Rows = 1,
                Steps = 1,
                Scratch = scratch,
            };
            Run(ref frame);
            return;
        }

        StepFrame step = new()
        {
            Input = input,
            PreviousHidden = previousHidden,
            Hidden = hidden,
            Cell = cell,
            Auxiliary = scratch + _blockFloats,
            Rows = 1,
            Block = scratch,
            Shares = 1,
        };
        foreach (PackedStage stage in _stages)
        {
            RunStage(stage, step);
        }
    }

    public override void Unpack(Func<string, float[]> destination)
    {
        foreach (PackedStage stage in _stages)
        {
            stage.Unpack(TVector.Count, destination);
        }
    }

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
            rows, panel.InputVectors, x, xRow, stage.InputSize, panel.InputWeights, panel.Bias, 0, gates, gateRow);
        if (description.ContinuesInput && description.InputSlots < description.Slots)
        {
            int from = description.InputSlots * panel.SlotStride;
            for (int row = 0; row < rows; row++)
            {
                CopyVectors(panel.Bias + from, gates + (row * gateRow) + from, panel.Columns - from);
            }
        }
    }

    private static void CopyVectors(float* source, float* destination, int count)
    {
        // From an unaligned start to the end of the row, which the last vector may cover twice.
        for (int i = 0; i < count; i += TVector.Count)
        {
            int at = Math.Min(i, count - TVector.Count);
            TVector.Store(TVector.Load(source + at), destination + at);
        }
    }

    private void RunStage(PackedStage stage, in StepFrame step)
    {
        ReadOnlySpan<Panel> panels = stage.Panels;
        int end = step.EndPanel(panels.Length);
        int p = step.FirstPanel(panels.Length);
        if (_pairs && step.Rows == 1 && step.Gates == null)
        {
            for (; p + 1 < end && panels[p].Units == panels[p + 1].Units; p += 2)
            {
                RunPair(stage, panels[p], panels[p + 1], step);
            }
        }

        for (; p < end; p++)
        {
            RunPanel(stage, panels[p], step);
        }

        if (TUpdate.NeedsWholeRow)
        {
            UpdateRows(stage, step);
        }
    }

    private void RunPanel(PackedStage stage, in Panel panel, in StepFrame step)
    {
        int columns = panel.Columns;
        float* source = stage.Stage.Source == StageSource.Hidden ? step.PreviousHidden : step.Auxiliary;
        nint sourceRow = stage.Stage.Source == StageSource.Hidden ? step.PreviousHiddenRow : step.AuxiliaryRow;
        bool continues = stage.Stage.ContinuesInput;
        int tiles = TileDispatch<TVector>.TilesFor(step.Rows, Math.Max(panel.InputVectors, panel.RecurrentVectors));
        for (int tile = 0, row = 0; tile < tiles; tile++)
        {
            int rows = (step.Rows - row) / (tiles - tile);
            float* gates = step.Gates == null
                ? step.Block
                : step.Gates + ((nint)panel.ColumnsBefore * step.GateRows) + ((nint)(step.FirstGateRow + row) * columns);
            if (step.Gates == null)
            {
                InputProduct(stage, panel, rows, step.Input + (row * step.InputRow), step.InputRow, gates, columns);
            }

            float* recurrent = gates + panel.RecurrentColumn;
            TileDispatch<TVector>.Multiply(
                rows,
                panel.RecurrentVectors,
                source + (row * sourceRow),
                sourceRow,
                stage.RecurrentSize,
                panel.RecurrentWeights,
                continues ? recurrent : panel.Bias + panel.RecurrentColumn,
                continues ? columns : 0,
                recurrent,
                columns);
            if (!TUpdate.NeedsWholeRow)
            {
                CellUpdate<TVector, TUpdate>.Run(new PanelUpdate(stage, panel, step, row, rows, gates, CellRow), _constants);
            }

            row += rows;
        }
    }

    /// <summary>One row, two panels of the same shape: eight chains in flight.</summary>
    private void RunPair(PackedStage stage, in Panel panel, in Panel second, in StepFrame step)
    {
        float* source = stage.Stage.Source == StageSource.Hidden ? step.PreviousHidden : step.Auxiliary;
        bool continues = stage.Stage.ContinuesInput;
        float* gates = step.Block;
        float* secondGates = gates + panel.Columns;
        InputProduct(stage, panel, 1, step.Input, 0, gates, 0);
        InputProduct(stage, second, 1, step.Input, 0, secondGates, 0);
        TileDispatch<TVector>.MultiplyPair(
            panel.RecurrentVectors,
            source,
            stage.RecurrentSize,
            panel.RecurrentWeights,
            second.RecurrentWeights,
            (continues ? gates : panel.Bias) + panel.RecurrentColumn,
            (continues ? secondGates : second.Bias) + panel.RecurrentColumn,
            gates + panel.RecurrentColumn,
            secondGates + panel.RecurrentColumn);
        CellUpdate<TVector, TUpdate>.Run(new PanelUpdate(stage, panel, step, 0, 1, gates, CellRow), _constants);
        CellUpdate<TVector, TUpdate>.Run(new PanelUpdate(stage, second, step, 0, 1, secondGates, CellRow), _constants);
    }

    private void UpdateRows(PackedStage stage, in StepFrame step)
    {
        ReadOnlySpan<Panel> panels = stage.Panels;
        ref readonly Panel last = ref panels[^1];
        for (int row = 0; row < step.Rows; row++)
        {
            nint gateRow = step.FirstGateRow + row;
            TUpdate.UpdateRow(
                new UnitRow<TVector>
                {
                    Units = Cell.HiddenSize,
                    Gates = step.Gates + (gateRow * panels[0].Columns),
                    GatesStride = (nint)panels[0].Columns * step.GateRows,
                    LastGates = step.Gates + ((nint)last.ColumnsBefore * step.GateRows) + (gateRow * last.Columns),
                    UnitParameters = panels[0].UnitParameters,
                    UnitParametersStride = panels.Length > 1 ? (nint)(panels[1].InputWeights - panels[0].InputWeights) : 0,
                    LastUnitParameters = last.UnitParameters,
                    PreviousHidden = step.PreviousHidden + (row * step.PreviousHiddenRow),
                    Hidden = step.Hidden + (row * step.HiddenRow),
                    Cell = step.Cell + ((nint)row * CellRow),
                },
                _constants);
        }
    }
}
