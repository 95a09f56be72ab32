using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>Calls a cell's derivatives for every row and every vector of units: a leaf of its own, so that the inliner's budget is the cell's.</summary>
internal readonly struct CellDerivatives<TUpdate>(int stage, GradientRows of, int rows, CellConstants constants) : IUnitLoop
    where TUpdate : struct, ICellGradient
{
    private readonly GradientRows _of = of;
    private readonly CellConstants _constants = constants;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<TVector>(int first, int count)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        for (int row = 0; row < rows; row++)
        {
            for (int unit = first; unit < first + count; unit += TVector.Count)
            {
                TUpdate.Backward(stage, _of.At<TVector>(row, unit), _constants);
            }
        }
    }
}
