using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <content>One row: which panels its products take together, and in which order.</content>
internal sealed unsafe partial class RecurrentKernel<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    // A last panel of three vectors keeps up with L2 alone; of fewer, it does not.
    private const int MaxTailVectors = 2;

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
    /// How many groups of panels a row takes. While all weights fit L1, two panels run side by side, which keeps enough chains in flight;
    /// beyond, one panel, because one stream is faster - but three chains alone do not keep up with L2, so that narrow panels run as two
    /// streams, one through each half of the panels (docs/kernels.md).
    /// </summary>
    private int Groups(PackedStage stage, int first, int end, RowPart part)
    {
        int full = Math.Max(0, Math.Min(end, stage.FullPanels) - first);
        return FullGroups(stage, first, full, part) + (first + full < end && !TakesTail(stage, full, end, part) ? 1 : 0);
    }

    /// <summary>The panels of a group; the narrower last panel goes with the last full ones, or alone behind them.</summary>
    private PanelGroup Group(PackedStage stage, int first, int end, RowPart part, int index)
    {
        int full = Math.Max(0, Math.Min(end, stage.FullPanels) - first);
        int groups = FullGroups(stage, first, full, part);
        if (index == groups)
        {
            return new PanelGroup(first + full);
        }

        int tail = index == groups - 1 && first + full < end && TakesTail(stage, full, end, part) ? first + full : -1;
        if (_groups)
        {
            int panel = first + (2 * index);
            return new PanelGroup(panel, panel + 1 < first + full ? panel + 1 : -1, tail);
        }

        int pairs = Pairs(stage, first, full, part);
        return index < pairs ? new PanelGroup(first + index, first + index + pairs, tail) : new PanelGroup(first + pairs + index, -1, tail);
    }

    /// <summary>Groups of full panels.</summary>
    private int FullGroups(PackedStage stage, int first, int full, RowPart part) =>
        _groups ? (full + 1) / 2 : full - Pairs(stage, first, full, part);

    /// <summary>True where the narrower last panel runs beside full ones: alone, its few chains would not keep up with the memory.</summary>
    private bool TakesTail(PackedStage stage, int full, int end, RowPart part) =>
        full > 0 && (_groups || RowProduct<TVector>.Width(stage.Panels[end - 1], part) <= MaxTailVectors);

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
