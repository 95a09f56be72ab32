using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <content>One row: a streaming step, or one long sequence.</content>
internal sealed unsafe partial class RecurrentKernel<TVector, TUpdate>
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellUpdate
{
    public override RowStep BindStep(RowState state)
    {
        if (TUpdate.NeedsWholeRow)
        {
            return new RunStep(this, state);
        }

        StepFrame even = new()
        {
            PreviousHidden = state.EvenHidden,
            Hidden = state.OddHidden,
            Cell = state.Cell,
            Auxiliary = state.Scratch + _blockFloats,
            Rows = 1,
            Block = state.Scratch,
            GateRows = 1,
            Shares = 1,
        };
        StepFrame odd = even with { PreviousHidden = state.OddHidden, Hidden = state.EvenHidden, IsBackward = true };
        return new RowStep<TVector, TUpdate>([.. _stages.Select(stage => Plan(stage, even, odd))], _constants);
    }

    /// <summary>
    /// One row: the products of all panels first, then the updates of all panels in one call, where the next unit's activations
    /// hide the latency of the last one's.
    /// </summary>
    private void RunRow(PackedStage stage, in StepFrame step, int first, int end)
    {
        if (step.Gates != null && !_groups)
        {
            RunRecurrent(stage, step, first, end);
        }
        else if (step.Gates != null)
        {
            RunProducts(stage, step, first, end, RowPart.Recurrent);
        }
        else if (_splits)
        {
            RunProducts(stage, step, first, end, RowPart.Input);
            RunProducts(stage, step, first, end, RowPart.Recurrent);
        }
        else
        {
            RunProducts(stage, step, first, end, RowPart.Both);
        }

        if (TUpdate.NeedsWholeRow)
        {
            return;
        }

        int full = Math.Min(end, stage.FullPanels);
        if (full > first)
        {
            CellUpdate<TVector, TUpdate>.Run(RowUpdate(stage, step, first, full), _constants);
        }

        if (end > full)
        {
            CellUpdate<TVector, TUpdate>.Run(RowUpdate(stage, step, full, end), _constants);
        }
    }

    /// <summary>The recurrent products alone, panel by panel: the inner loop of one long sequence.</summary>
    private static void RunRecurrent(PackedStage stage, StepFrame step, int first, int end)
    {
        float* source = stage.Stage.Source == StageSource.Hidden ? step.PreviousHidden : step.Auxiliary;
        ReadOnlySpan<Panel> panels = stage.Panels;

        // Three chains alone do not keep up with L2: narrow panels run as two streams, one through each half of the panels.
        int half = panels[first].RecurrentVectors < TileDispatch<TVector>.MaxWidth ? (Math.Min(end, stage.FullPanels) - first) / 2 : 0;
        for (int i = 0; i < half; i++)
        {
            int p = first + (step.IsBackward ? half - 1 - i : i);
            RowOperands operands = Recurrent(panels[p]);
            RowOperands second = Recurrent(panels[p + half]);
            TileDispatch<TVector>.RowTile(2, panels[p].RecurrentVectors, 0)(
                source, 0, source, stage.RecurrentSize, in operands, in second, in operands);
        }

        int single = first + (2 * half);
        for (int i = single; i < end; i++)
        {
            ref readonly Panel panel = ref panels[step.IsBackward ? single + end - 1 - i : i];
            RowOperands operands = Recurrent(panel);
            TileDispatch<TVector>.RowTile(1, panel.RecurrentVectors, 0)(
                source, 0, source, stage.RecurrentSize, in operands, in operands, in operands);
        }

        RowOperands Recurrent(in Panel panel)
        {
            float* result = RowProduct<TVector>.GatesOf(panel, step) + panel.RecurrentColumn;
            return new RowOperands
            {
                RecurrentWeights = panel.RecurrentWeights,
                Init = stage.Stage.ContinuesInput ? result : panel.Bias + panel.RecurrentColumn,
                Result = result,
            };
        }
    }

    private void RunProducts(PackedStage stage, in StepFrame step, int first, int end, RowPart part)
    {
        int groups = Groups(stage, first, end);
        for (int i = 0; i < groups; i++)
        {
            (int panel, int count) = Group(stage, first, end, step.IsBackward ? groups - 1 - i : i);
            RowProduct<TVector>.Of(stage, panel, count, step, part).Run(step.Input);
        }
    }

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
    private UpdateFrame RowUpdate(PackedStage stage, in StepFrame step, int first, int end)
    {
        ref readonly Panel panel = ref stage.Panels[first];
        UpdateFrame update = Update(stage, panel, step);
        update.Gates = RowProduct<TVector>.GatesOf(panel, step);
        update.Rows = end - first;
        update.GateRow = (nint)panel.Columns * step.GateRows;
        update.UnitParameterRow = stage.UnitStride;
        update.PreviousHiddenRow = update.HiddenRow = update.CellRow = update.AuxiliaryRow = panel.SlotStride;
        return update;
    }

    private StagePlan<TVector> Plan(PackedStage stage, StepFrame even, StepFrame odd)
    {
        int panels = stage.Panels.Length;
        return new StagePlan<TVector>
        {
            EvenProducts = Products(even),
            OddProducts = Products(odd),
            EvenUpdates = Updates(even),
            OddUpdates = Updates(odd),
        };

        RowProduct<TVector>[] Products(in StepFrame step)
        {
            int groups = Groups(stage, 0, panels);
            List<RowProduct<TVector>> products = [];
            foreach (RowPart part in _splits ? (ReadOnlySpan<RowPart>)[RowPart.Input, RowPart.Recurrent] : [RowPart.Both])
            {
                for (int i = 0; i < groups; i++)
                {
                    (int panel, int count) = Group(stage, 0, panels, step.IsBackward ? groups - 1 - i : i);
                    products.Add(RowProduct<TVector>.Of(stage, panel, count, step, part));
                }
            }

            return [.. products];
        }

        UpdateFrame[] Updates(in StepFrame step) => stage.FullPanels < panels
            ? [RowUpdate(stage, step, 0, stage.FullPanels), RowUpdate(stage, step, stage.FullPanels, panels)]
            : [RowUpdate(stage, step, 0, panels)];
    }
}
