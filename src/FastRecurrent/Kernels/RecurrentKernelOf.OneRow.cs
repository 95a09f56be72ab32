using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <content>One row: which panels its products take together, and in which order.</content>
internal sealed unsafe partial class RecurrentKernel<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    /// <summary>One step of one row, whose input product is still to do.</summary>
    internal void RunStages(in StepFrame step)
    {
        foreach (PackedStage stage in _stages)
        {
            RunStage(stage, step);
        }
    }

    /// <summary>
    /// One row: the products of all panels first, then the updates of all panels in one call, where the next unit's activations
    /// hide the latency of the last one's.
    /// </summary>
    private void RunRow(PackedStage stage, in StepFrame step, int first, int end)
    {
        (RowPart part, bool recurrentFollows) = Parts(stage, step.Gates != null);
        RunProducts(stage, step, first, end, part);
        if (recurrentFollows)
        {
            RunProducts(stage, step, first, end, RowPart.Recurrent);
        }

        if (TUpdate.NeedsWholeRow)
        {
            return;
        }

        int full = Math.Min(end, stage.FullPanels);
        if (full > first)
        {
            CellUpdate<TVector, TUpdate>.Run(UpdateOf(stage, step, part, first, full), _constants);
        }

        if (end > full)
        {
            CellUpdate<TVector, TUpdate>.Run(UpdateOf(stage, step, part, full, end), _constants);
        }
    }

    private void RunProducts(PackedStage stage, in StepFrame step, int first, int end, RowPart part)
    {
        float* source = SourceOf(stage, step);
        int groups = Groups(stage, first, end, part);
        for (int i = 0; i < groups; i++)
        {
            PanelGroup group = Group(stage, first, end, part, step.IsBackward ? groups - 1 - i : i);
            new RowProduct<TVector>(stage, group, step, part).Run(step.Input, source);
        }
    }

    /// <summary>What a step runs first, and whether the recurrent products follow: one tile for both where nothing speaks against it.</summary>
    private (RowPart First, bool RecurrentFollows) Parts(PackedStage stage, bool inputIsDone) =>
        inputIsDone || stage.Stage.InputSlots == 0 ? (RowPart.Recurrent, false)
        : _splits ? (RowPart.Input, true)
        : stage.FillsSameSlots ? (RowPart.Both, false)
        : SlotTile.Fits<TVector>(stage) ? (RowPart.Slots, false)
        : (RowPart.Input, true);

    private static float* SourceOf(PackedStage stage, in StepFrame step) =>
        stage.Stage.Source == StageSource.Hidden ? step.ProductHidden : step.Auxiliary;

    /// <summary>
    /// How many groups of panels a row takes. While all weights fit L1, two panels and a narrower last one run side by side, which
    /// keeps enough chains in flight; beyond, one panel, because one stream is faster - but three chains alone do not keep up with
    /// L2, so that narrow panels run as two streams, one through each half of the panels (docs/kernels.md).
    /// </summary>
    private int Groups(PackedStage stage, int first, int end, RowPart part)
    {
        int full = Math.Max(0, Math.Min(end, stage.FullPanels) - first);
        return TakesTail(full) ? (full + 1) / 2 : end - first - Pairs(stage, first, full, part);
    }

    /// <summary>The panels of a group.</summary>
    private PanelGroup Group(PackedStage stage, int first, int end, RowPart part, int index)
    {
        int full = Math.Max(0, Math.Min(end, stage.FullPanels) - first);
        int lastFull = first + full - 1;
        if (TakesTail(full))
        {
            int panel = first + (2 * index);
            int tail = panel + 1 >= lastFull && end > lastFull + 1 ? lastFull + 1 : -1;
            return new PanelGroup(panel, panel < lastFull ? panel + 1 : -1, tail);
        }

        int pairs = Pairs(stage, first, full, part);
        return index < pairs ? new PanelGroup(first + index, first + index + pairs) : new PanelGroup(first + pairs + index);
    }

    /// <summary>True where the narrower last panel runs beside full ones.</summary>
    private bool TakesTail(int full) => _groups && full > 0;

    /// <summary>How many pairs the full panels make where the narrower one runs alone.</summary>
    private static int Pairs(PackedStage stage, int first, int full, RowPart part) =>
        full > 1 && RowProduct<TVector>.Width(stage.Panels[first], part) < TileDispatch<TVector>.MaxWidth ? full / 2 : 0;

    /// <summary>The update of one row over panels of one shape.</summary>
    private UpdateFrame UpdateOf(PackedStage stage, in StepFrame step, RowPart part, int first, int end)
    {
        ref readonly Panel panel = ref stage.Panels[first];
        UpdateFrame update = Update(stage, panel, step);
        update.Gates = RowProduct<TVector>.GatesOf(panel, step);
        update.Rows = end - first;
        update.SlotStride = part == RowPart.Slots ? SlotTile.SlotFloats<TVector>(panel.Units) : panel.SlotStride;
        update.GateRow = (nint)panel.Columns * step.GateRows;
        update.UnitParameterRow = stage.UnitStride;
        update.PreviousHiddenRow = update.HiddenRow = update.CellRow = update.AuxiliaryRow = update.TraceRow = panel.SlotStride;
        return update;
    }
}
