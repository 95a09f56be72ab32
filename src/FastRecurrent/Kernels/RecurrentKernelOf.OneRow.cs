using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <content>One row: a streaming step, or one long sequence.</content>
internal sealed unsafe partial class RecurrentKernel<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    public override RowStep BindStep(RowState state)
    {
        if (TUpdate.NeedsWholeRow || !_zoneout.IsNone)
        {
            return new RunStep(this, state);
        }

        StepFrame even = new()
        {
            PreviousHidden = state.EvenHidden,
            ProductHidden = state.EvenHidden,
            Hidden = state.OddHidden,
            Cell = state.Cell,
            Auxiliary = state.Scratch + BlockFloats(1),
            Rows = 1,
            Block = state.Scratch,
            GateRows = 1,
            Shares = 1,
        };
        StepFrame odd = even with { PreviousHidden = state.OddHidden, ProductHidden = state.OddHidden, Hidden = state.EvenHidden, IsBackward = true };

        // Working the addresses out in every step would cost as much as the step of a small layer and 5 % of a middling one; a layer
        // of many panels would need kilobytes for them, and does not feel it.
        return _groups || _stages.All(stage => stage.Panels.Length <= MaxPlannedPanels)
            ? new RowStep<TVector, TUpdate>([.. _stages.Select(stage => Plan(stage, even, odd))], _constants)
            : new FrameStep<TVector, TUpdate>(this, even, odd);
    }

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
        (RowPart part, bool recurrentFollows) = step.Gates != null ? (RowPart.Recurrent, false) : Parts(stage);
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
            CellUpdate<TVector, TUpdate>.Run(UpdateOf(stage, step, first, full), _constants);
        }

        if (end > full)
        {
            CellUpdate<TVector, TUpdate>.Run(UpdateOf(stage, step, full, end), _constants);
        }
    }

    private void RunProducts(PackedStage stage, in StepFrame step, int first, int end, RowPart part)
    {
        if (!_groups)
        {
            RunPanels(stage, step, first, end, part);
            return;
        }

        int groups = Groups(stage, first, end);
        for (int i = 0; i < groups; i++)
        {
            (int panel, int count) = Group(stage, first, end, step.IsBackward ? groups - 1 - i : i);
            new RowProduct<TVector>(stage, panel, count, step, part).Run(step.Input, SourceOf(stage, step));
        }
    }

    /// <summary>A part of a step's products, panel by panel, for weights beyond L1.</summary>
    private static void RunPanels(PackedStage stage, in StepFrame step, int first, int end, RowPart part)
    {
        ReadOnlySpan<Panel> panels = stage.Panels;
        float* source = part == RowPart.Input ? null : SourceOf(stage, step);
        nint inputs = part == RowPart.Recurrent ? 0 : stage.InputSize;

        // Three chains alone do not keep up with L2: narrow panels run as two streams, one through each half of the panels.
        bool isNarrow = RowProduct<TVector>.Width(panels[first], part) < TileDispatch<TVector>.MaxWidth;
        int half = isNarrow ? Math.Max(0, Math.Min(end, stage.FullPanels) - first) / 2 : 0;
        for (int i = 0; i < half; i++)
        {
            int p = first + (step.IsBackward ? half - 1 - i : i);
            RowOperands operands = RowProduct<TVector>.OperandsOf(stage, panels[p], step, part);
            RowOperands second = RowProduct<TVector>.OperandsOf(stage, panels[p + half], step, part);
            TileDispatch<TVector>.RowTile(2, RowProduct<TVector>.Width(panels[p], part), 0)(
                step.Input, inputs, source, stage.RecurrentSize, in operands, in second, in operands);
            if (part == RowPart.Input)
            {
                BiasFill<TVector>.Run(stage, panels[p], operands.Result);
                BiasFill<TVector>.Run(stage, panels[p + half], second.Result);
            }
        }

        int single = first + (2 * half);
        for (int i = single; i < end; i++)
        {
            ref readonly Panel panel = ref panels[step.IsBackward ? single + end - 1 - i : i];
            RowOperands operands = RowProduct<TVector>.OperandsOf(stage, panel, step, part);
            TileDispatch<TVector>.RowTile(1, RowProduct<TVector>.Width(panel, part), 0)(
                step.Input, inputs, source, stage.RecurrentSize, in operands, in operands, in operands);
            if (part == RowPart.Input)
            {
                BiasFill<TVector>.Run(stage, panel, operands.Result);
            }
        }
    }

    /// <summary>What a step runs first, and whether the recurrent products follow: one loop through both where they fill the same slots.</summary>
    private (RowPart Part, bool RecurrentFollows) Parts(PackedStage stage) =>
        stage.Stage.InputSlots == 0 ? (RowPart.Recurrent, false)
        : stage.FillsSameSlots && !_splits ? (RowPart.Both, false)
        : (RowPart.Input, true);

    private static float* SourceOf(PackedStage stage, in StepFrame step) =>
        stage.Stage.Source == StageSource.Hidden ? step.ProductHidden : step.Auxiliary;

    /// <summary>
    /// How many groups of panels a row takes at a time: while all weights fit L1, two panels and a narrower last one side
    /// by side, which keeps enough chains in flight; beyond, one panel, because one stream is faster (docs/kernels.md).
    /// </summary>
    private int Groups(PackedStage stage, int first, int end)
    {
        int full = Math.Min(end, stage.FullPanels) - first;
        return !_groups || full <= 0 ? end - first : (full + 1) / 2;
    }

    /// <summary>The first panel and the number of panels of a group.</summary>
    private (int Panel, int Count) Group(PackedStage stage, int first, int end, int index)
    {
        int groups = Groups(stage, first, end);
        if (groups == end - first)
        {
            return (first + index, 1);
        }

        int panel = first + (2 * index);
        return (panel, index == groups - 1 ? end - panel : 2);
    }

    /// <summary>The update of one row over panels of one shape.</summary>
    private UpdateFrame UpdateOf(PackedStage stage, in StepFrame step, int first, int end)
    {
        ref readonly Panel panel = ref stage.Panels[first];
        UpdateFrame update = Update(stage, panel, step);
        update.Gates = RowProduct<TVector>.GatesOf(panel, step);
        update.Rows = end - first;
        update.GateRow = (nint)panel.Columns * step.GateRows;
        update.UnitParameterRow = stage.UnitStride;
        update.PreviousHiddenRow = update.HiddenRow = update.CellRow = update.AuxiliaryRow = update.TraceRow = panel.SlotStride;
        return update;
    }

    /// <summary>The prepared step of a stage: its products, group by group or panel by panel, and its updates.</summary>
    private StagePlan<TVector> Plan(PackedStage stage, StepFrame even, StepFrame odd)
    {
        int panels = stage.Panels.Length;
        (RowPart part, bool recurrentFollows) = Parts(stage);
        return new StagePlan<TVector>
        {
            First = Products(part),
            Second = recurrentFollows ? Products(RowPart.Recurrent) : [],
            EvenSource = SourceOf(stage, even),
            OddSource = SourceOf(stage, odd),
            EvenUpdates = Updates(even),
            OddUpdates = Updates(odd),
        };

        RowProduct<TVector>[] Products(RowPart products)
        {
            RowProduct<TVector>[] planned = new RowProduct<TVector>[Groups(stage, 0, panels)];
            for (int i = 0; i < planned.Length; i++)
            {
                (int panel, int count) = Group(stage, 0, panels, i);
                planned[i] = new RowProduct<TVector>(stage, panel, count, even, products);
            }

            return planned;
        }

        RowUpdate[] Updates(in StepFrame step) => stage.FullPanels > 0 && stage.FullPanels < panels
            ? [Updated(step, 0, stage.FullPanels), Updated(step, stage.FullPanels, panels)]
            : [Updated(step, 0, panels)];

        RowUpdate Updated(in StepFrame step, int first, int end) =>
            new(CellUpdate<TVector, TUpdate>.For(stage.Panels[first].Units), UpdateOf(stage, step, first, end));
    }
}
