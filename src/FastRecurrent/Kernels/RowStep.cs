using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Where the state of a stream lies: h in two places in turn, c in one.</summary>
internal readonly unsafe struct RowState(float* evenHidden, float* oddHidden, float* cell, float* scratch)
{
    /// <summary>h before an even step, and after an odd one.</summary>
    public float* EvenHidden { get; } = evenHidden;

    /// <summary>h after an even step, and before an odd one.</summary>
    public float* OddHidden { get; } = oddHidden;

    public float* Cell { get; } = cell;

    public float* Scratch { get; } = scratch;
}

/// <summary>One step of one row, bound to the state of one stream.</summary>
internal abstract unsafe class RowStep
{
    /// <summary>Bytes that the prepared step takes.</summary>
    public virtual long Bytes => 0;

    /// <summary>Reads h from one place, writes it to the other one.</summary>
    public abstract void Step(float* input, bool isOdd);
}

/// <summary>A step whose addresses are all worked out in advance.</summary>
internal sealed unsafe class RowStep<TVector, TUpdate>(StagePlan<TVector>[] stages, CellConstants constants) : RowStep
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    private readonly StagePlan<TVector>[] _stages = stages;
    private readonly CellConstants _constants = constants;

    public override long Bytes => _stages.Sum(stage => stage.Bytes);

    public override void Step(float* input, bool isOdd)
    {
        foreach (StagePlan<TVector> stage in _stages)
        {
            float* source = isOdd ? stage.OddSource : stage.EvenSource;
            RowProduct<TVector>.RunAll(stage.First, input, source, isOdd);
            RowProduct<TVector>.RunAll(stage.Second, input, source, isOdd);
            RowUpdate[] updates = isOdd ? stage.OddUpdates : stage.EvenUpdates;
            for (int i = 0; i < updates.Length; i++)
            {
                ref readonly RowUpdate update = ref updates[i];
                update.Run(in update.Frame, _constants);
            }
        }
    }
}

/// <summary>The products and updates of one stage, for even and for odd steps.</summary>
internal sealed unsafe class StagePlan<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    /// <summary>The products to run first: those of the input, or everything.</summary>
    public required RowProduct<TVector>[] First { get; init; }

    /// <summary>The recurrent products that follow, if they are apart.</summary>
    public required RowProduct<TVector>[] Second { get; init; }

    /// <summary>What the recurrent products of an even step multiply.</summary>
    public required float* EvenSource { get; init; }

    public required float* OddSource { get; init; }

    public required RowUpdate[] EvenUpdates { get; init; }

    public required RowUpdate[] OddUpdates { get; init; }

    /// <summary>Bytes of the plan itself.</summary>
    public long Bytes =>
        ((long)(First.Length + Second.Length) * Unsafe.SizeOf<RowProduct<TVector>>())
        + ((long)(EvenUpdates.Length + OddUpdates.Length) * sizeof(RowUpdate));
}

/// <summary>One update of a plan: panels of one shape.</summary>
internal unsafe struct RowUpdate(delegate*<in UpdateFrame, in CellConstants, void> run, in UpdateFrame frame, in Panel lead)
{
    /// <summary>The function that keeps no trace.</summary>
    public readonly delegate*<in UpdateFrame, in CellConstants, void> Run = run;
    public UpdateFrame Frame = frame;

    /// <summary>The first unit of the layer that it updates.</summary>
    public readonly int FirstUnit = lead.FirstUnit;

    /// <summary>Floats from a panel's gates of one step to those of the next, in a buffer of several steps.</summary>
    public readonly int Columns = lead.Columns;
}

/// <summary>A step that works its addresses out as it goes.</summary>
internal sealed unsafe class FrameStep<TVector, TUpdate>(RecurrentKernel<TVector, TUpdate> kernel, StepFrame even, StepFrame odd) : RowStep
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellGradient
{
    private readonly RecurrentKernel<TVector, TUpdate> _kernel = kernel;
    private StepFrame _even = even;
    private StepFrame _odd = odd;

    public override long Bytes => 2 * sizeof(StepFrame);

    public override void Step(float* input, bool isOdd)
    {
        ref StepFrame step = ref isOdd ? ref _odd : ref _even;
        step.Input = input;
        _kernel.RunStages(step);
    }
}

/// <summary>A step of a cell that needs whole rows, or with zoneout: an ordinary run of one step.</summary>
internal sealed unsafe class RunStep(RecurrentKernel kernel, RowState state) : RowStep
{
    public override void Step(float* input, bool isOdd)
    {
        RecurrentFrame frame = new()
        {
            Input = input,
            InitialHidden = isOdd ? state.OddHidden : state.EvenHidden,
            Output = isOdd ? state.EvenHidden : state.OddHidden,
            Cell = state.Cell,
            Rows = 1,
            Steps = 1,
            Scratch = state.Scratch,
        };
        kernel.Run(ref frame);
    }
}
