using System.Runtime.CompilerServices;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// One panel's deltas of some rows, slot by slot as the panel's columns, [rows, columns], and their sums over the rows: the B of
/// the weights' gradients and the gradients of the biases.
/// </summary>
/// <param name="panel">The panel.</param>
/// <param name="slots">Slots of the stage.</param>
/// <param name="units">Units of the stage: floats from slot to slot in a row of deltas.</param>
/// <param name="deltas">The first row.</param>
/// <param name="deltaRow">Floats from a row to the next.</param>
/// <param name="rows">How many.</param>
/// <param name="block">[rows, panel.Columns].</param>
/// <param name="sums">[panel.Columns], added to.</param>
internal readonly unsafe struct DeltaGather(in Panel panel, int slots, int units, float* deltas, nint deltaRow, int rows, float* block, float* sums) : IUnitLoop
{
    // Long rows of deltas are neither in L1 nor in the order in which they would be fetched ahead; and a block of them is more than L1 holds.
    private const int FetchAhead = 16;
    private const int LongRow = 256;

    private readonly nint _columns = panel.Columns;
    private readonly nint _slotStride = panel.SlotStride;
    private readonly nint _firstUnit = panel.FirstUnit;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<TVector>(int first, int count)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        bool fetches = Math.Abs(deltaRow) >= LongRow;
        for (int slot = 0; slot < slots; slot++)
        {
            for (int unit = first; unit < first + count; unit += TVector.Count)
            {
                float* source = deltas + ((nint)slot * units) + _firstUnit + unit;
                nint to = (slot * _slotStride) + unit;
                float* target = block + to;
                TVector sum = TVector.Load(sums + to);
                for (int row = 0; row < rows; row++, source += deltaRow, target += _columns)
                {
                    if (fetches)
                    {
                        Prefetch.Line(source + (FetchAhead * deltaRow));
                        Prefetch.Line(target + (FetchAhead * _columns));
                    }

                    TVector value = TVector.Load(source);
                    TVector.Store(value, target);
                    sum += value;
                }

                TVector.Store(sum, sums + to);
            }
        }
    }

    /// <summary>Zeros behind the last slot.</summary>
    public void ClearPadding()
    {
        nint used = slots * _slotStride;
        for (int row = 0; used < _columns && row < rows; row++)
        {
            new Span<float>(block + (row * _columns) + used, (int)(_columns - used)).Clear();
        }
    }
}
