using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <content>One row over many steps. Working the addresses out in every step would cost as much as the step of a small layer.</content>
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
        return _plannedProducts <= MaxStepProducts
            ? new RowStep<TVector, TUpdate>([.. _stages.Select(stage => Plan(stage, even, odd))], _constants)
            : new FrameStep<TVector, TUpdate>(this, even, odd);
    }

    /// <summary>The steps of one row, whose addresses are worked out once for all steps of a chunk.</summary>
    private void RunSequence(in RecurrentFrame frame, StepFrame step, float* gates, bool keepsGates, int chunk)
    {
        RowProduct<TVector>* products = stackalloc RowProduct<TVector>[_plannedProducts];
        RowUpdate* updates = stackalloc RowUpdate[2 * _stages.Length];
        SequenceStage* stages = stackalloc SequenceStage[_stages.Length];
        for (int first = 0; first < frame.Steps; first += chunk)
        {
            int steps = Math.Min(chunk, frame.Steps - first);
            if (keepsGates)
            {
                InputProducts(frame, step, first, steps, gates);
            }

            step.GateRows = keepsGates ? steps : 1;
            PlanSequence(step, keepsGates ? gates : null, products, updates, stages);
            for (int s = first; s < first + steps; s++)
            {
                step.IsBackward = (s & 1) != 0;
                step.Input = frame.Input + (s * frame.InputTime);
                step.PreviousHidden = step.ProductHidden = frame.PreviousHidden(s);
                step.Hidden = frame.Hidden(s);
                step.Trace = frame.Trace == null ? null : frame.Trace + (s * frame.TraceTime);
                for (int i = 0; i < _stages.Length; i++)
                {
                    RunPlanned(ref stages[i], SourceOf(_stages[i], step), step, keepsGates);
                }
            }
        }
    }

    private void PlanSequence(StepFrame step, float* gates, RowProduct<TVector>* products, RowUpdate* updates, SequenceStage* stages)
    {
        for (int i = 0; i < _stages.Length; i++)
        {
            PackedStage stage = _stages[i];
            step.Gates = gates;
            (RowPart part, bool recurrentFollows) = Parts(stage, inputIsDone: gates != null);
            ref SequenceStage planned = ref stages[i];
            planned.Products = products;
            planned.First = PlanProducts(stage, step, part, products);
            planned.Second = recurrentFollows ? PlanProducts(stage, step, RowPart.Recurrent, products + planned.First) : 0;
            planned.Updates = updates;
            planned.UpdateCount = PlanUpdates(stage, step, part, updates);
            products += planned.First + planned.Second;
            updates += planned.UpdateCount;
            gates = gates == null ? null : gates + ((nint)stage.Columns * step.GateRows);
        }
    }

    private void RunPlanned(ref SequenceStage stage, float* source, in StepFrame step, bool keepsGates)
    {
        Span<RowProduct<TVector>> first = new(stage.Products, stage.First);
        RowProduct<TVector>.RunAll(first, step.Input, source, step.IsBackward);
        RowProduct<TVector>.RunAll(new(stage.Products + stage.First, stage.Second), step.Input, source, step.IsBackward);
        for (int i = 0; i < stage.UpdateCount; i++)
        {
            ref RowUpdate update = ref stage.Updates[i];
            update.Frame.PreviousHidden = step.PreviousHidden + update.FirstUnit;
            update.Frame.Hidden = step.Hidden + update.FirstUnit;
            if (step.Trace == null)
            {
                update.Run(in update.Frame, _constants);
            }
            else
            {
                update.Frame.Trace = step.Trace + update.FirstUnit;
                CellUpdate<TVector, TUpdate>.Run(update.Frame, _constants);
            }

            update.Frame.Gates += keepsGates ? update.Columns : 0;
        }

        for (int i = 0; keepsGates && i < first.Length; i++)
        {
            first[i].Advance();
        }
    }

    /// <summary>The prepared step of a stage: its products and its updates.</summary>
    private StagePlan<TVector> Plan(PackedStage stage, StepFrame even, StepFrame odd)
    {
        RowProduct<TVector>* products = stackalloc RowProduct<TVector>[MaxStepProducts];
        RowUpdate* updates = stackalloc RowUpdate[2];
        (RowPart part, bool recurrentFollows) = Parts(stage, inputIsDone: false);
        int first = PlanProducts(stage, even, part, products);
        int second = recurrentFollows ? PlanProducts(stage, even, RowPart.Recurrent, products + first) : 0;
        return new StagePlan<TVector>
        {
            First = new ReadOnlySpan<RowProduct<TVector>>(products, first).ToArray(),
            Second = new ReadOnlySpan<RowProduct<TVector>>(products + first, second).ToArray(),
            EvenSource = SourceOf(stage, even),
            OddSource = SourceOf(stage, odd),
            EvenUpdates = new ReadOnlySpan<RowUpdate>(updates, PlanUpdates(stage, even, part, updates)).ToArray(),
            OddUpdates = new ReadOnlySpan<RowUpdate>(updates, PlanUpdates(stage, odd, part, updates)).ToArray(),
        };
    }

    /// <summary>Writes a stage's products, at most as many as it has panels, and returns their number.</summary>
    private int PlanProducts(PackedStage stage, in StepFrame step, RowPart part, RowProduct<TVector>* products)
    {
        int panels = stage.Panels.Length;
        int groups = Groups(stage, 0, panels, part);
        for (int i = 0; i < groups; i++)
        {
            products[i] = new RowProduct<TVector>(stage, Group(stage, 0, panels, part, i), step, part);
        }

        return groups;
    }

    /// <summary>Writes a stage's updates, one or two, and returns their number.</summary>
    private int PlanUpdates(PackedStage stage, in StepFrame step, RowPart part, RowUpdate* updates)
    {
        int full = stage.FullPanels;
        int panels = stage.Panels.Length;
        updates[0] = PlanUpdate(stage, step, part, 0, full);
        if (full < panels)
        {
            updates[1] = PlanUpdate(stage, step, part, full, panels);
        }

        return full < panels ? 2 : 1;
    }

    private RowUpdate PlanUpdate(PackedStage stage, in StepFrame step, RowPart part, int first, int end)
    {
        ref readonly Panel lead = ref stage.Panels[first];
        return new RowUpdate(CellUpdate<TVector, TUpdate>.For(lead.Units, end - first), UpdateOf(stage, step, part, first, end), lead);
    }

    /// <summary>A stage of a sequence: the products to run first, those of h that follow, and the updates.</summary>
    private struct SequenceStage
    {
        public RowProduct<TVector>* Products;
        public int First;
        public int Second;
        public RowUpdate* Updates;
        public int UpdateCount;
    }
}
