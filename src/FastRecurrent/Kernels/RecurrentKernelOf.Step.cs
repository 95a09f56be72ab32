using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <content>One step: its stages, several rows tile by tile, and the updates.</content>
internal sealed unsafe partial class RecurrentKernel<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
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
        int width = Math.Max(panel.InputVectors, panel.RecurrentVectors);
        int lead = _leads ? TileDispatch<TVector>.LeadRows(step.Rows, width) : 0;
        int tiles = TileDispatch<TVector>.TilesFor(step.Rows - lead, width);
        for (int tile = lead > 0 ? -1 : 0, row = 0, band = 0; tile < tiles; tile++)
        {
            int rows = tile < 0 ? lead : (step.Rows - row) / (tiles - tile);
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
