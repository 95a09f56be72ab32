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
    /// <summary>Reads h from one place, writes it to the other one.</summary>
    public abstract void Step(float* input, bool isOdd);
}

/// <summary>A step whose addresses are all worked out in advance.</summary>
internal sealed unsafe class RowStep<TVector, TUpdate>(StagePlan<TVector>[] stages, CellConstants constants) : RowStep
    where TVector : unmanaged, ISimdVector<TVector>
    where TUpdate : struct, ICellUpdate
{
    private readonly StagePlan<TVector>[] _stages = stages;
    private readonly CellConstants _constants = constants;

    public override void Step(float* input, bool isOdd)
    {
        foreach (StagePlan<TVector> stage in _stages)
        {
            RowProduct<TVector>[] products = isOdd ? stage.OddProducts : stage.EvenProducts;
            for (int i = 0; i < products.Length; i++)
            {
                products[i].Run(input);
            }

            UpdateFrame[] updates = isOdd ? stage.OddUpdates : stage.EvenUpdates;
            for (int i = 0; i < updates.Length; i++)
            {
                CellUpdate<TVector, TUpdate>.Run(updates[i], _constants);
            }
        }
    }
}

/// <summary>The products and updates of one stage, for even and for odd steps.</summary>
internal sealed class StagePlan<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    public required RowProduct<TVector>[] EvenProducts { get; init; }

    public required RowProduct<TVector>[] OddProducts { get; init; }

    public required UpdateFrame[] EvenUpdates { get; init; }

    public required UpdateFrame[] OddUpdates { get; init; }
}

/// <summary>A step of a cell that needs whole rows: an ordinary run of one step.</summary>
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
