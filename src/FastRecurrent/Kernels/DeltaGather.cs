using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// One panel's deltas of some rows, slot by slot as the panel's columns, [rows, columns], and their sums over the rows: the B of
/// the weights' gradients and the gradients of the biases.
/// </summary>
internal static unsafe class DeltaGather<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    /// <param name="panel">The panel.</param>
    /// <param name="slots">Slots of the stage.</param>
    /// <param name="units">Units of the stage: floats from slot to slot in a row of deltas.</param>
    /// <param name="deltas">The rows.</param>
    /// <param name="rows">How many.</param>
    /// <param name="block">[rows, panel.Columns].</param>
    /// <param name="sums">[panel.Columns], added to.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Panel panel, int slots, int units, nint* deltas, int rows, float* block, float* sums)
    {
        nint columns = panel.Columns;
        for (int slot = 0; slot < slots; slot++)
        {
            nint from = ((nint)slot * units) + panel.FirstUnit;
            nint to = (nint)slot * panel.SlotStride;
            int unit = 0;
            for (; unit <= panel.Units - TVector.Count; unit += TVector.Count)
            {
                TVector sum = TVector.Load(sums + to + unit);
                float* target = block + to + unit;
                for (int row = 0; row < rows; row++, target += columns)
                {
                    TVector value = TVector.Load((float*)deltas[row] + from + unit);
                    TVector.Store(value, target);
                    sum += value;
                }

                TVector.Store(sum, sums + to + unit);
            }

            int valid = panel.Units - unit;
            if (valid > 0)
            {
                TVector sum = TVector.LoadPartial(sums + to + unit, valid);
                float* target = block + to + unit;
                for (int row = 0; row < rows; row++, target += columns)
                {
                    TVector value = TVector.LoadPartial((float*)deltas[row] + from + unit, valid);
                    TVector.StorePartial(value, target, valid);
                    sum += value;
                }

                TVector.StorePartial(sum, sums + to + unit, valid);
            }
        }

        nint used = (nint)slots * panel.SlotStride;
        for (int row = 0; used < columns && row < rows; row++)
        {
            new Span<float>(block + (row * columns) + used, (int)(columns - used)).Clear();
        }
    }
}
