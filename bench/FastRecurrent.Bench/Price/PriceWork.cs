using System.Runtime.CompilerServices;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Bench.Price;

/// <summary>One row times one or two panels of four vectors, on panels of some bytes in turn. No chains (None) stands for the engine's own product.</summary>
internal sealed unsafe class RowWork<TVector, TPanels, TChains> : ITimed
    where TVector : unmanaged, ISimdVector<TVector>
    where TPanels : struct, INumber
    where TChains : struct, INumber
{
    private readonly int _depth;
    private readonly int _groups;

    // One block, so that stores and loads of all contestants share the same low address bits or do not: init, result, row, weights.
    private readonly AlignedBuffer _memory;

    public RowWork(int depth, int bytes)
    {
        _depth = depth;
        _groups = Math.Max(1, bytes / sizeof(float) / (depth * Columns));
        _memory = new AlignedBuffer((2 * Columns) + AlignedBuffer.Padded(depth) + ((long)_groups * depth * Columns));
        _memory.Span.Fill(0.5f); // gives the memory pages of its own
    }

    private static int Columns => TPanels.Value * 4 * TVector.Count;

    public void Run(int repeats)
    {
        int half = 4 * TVector.Count;
        float* init = _memory.Pointer, result = init + Columns, row = result + Columns, weights = row + AlignedBuffer.Padded(_depth);
        RowOperands first = new() { Init = init, Result = result };
        RowOperands second = new() { Init = init + (Columns - half), Result = result + (Columns - half) };
        for (int i = 0, group = 0; i < repeats; i++, group = group + 1 == _groups ? 0 : group + 1)
        {
            first.InputWeights = weights + ((nint)group * _depth * Columns);
            second.InputWeights = first.InputWeights + ((nint)(TPanels.Value - 1) * _depth * half);
            if (typeof(TChains) == typeof(None))
            {
                Tile.MultiplyRow<TVector, TPanels, Four, None>(row, _depth, null, 0, first, second, default);
            }
            else
            {
                SplitProducts.Row<TVector, TPanels, TChains>(row, _depth, first, second);
            }
        }
    }
}

/// <summary>Six rows times a panel of four vectors in L1: one tile of 6 rows, or two of 3 with one or two chains an element.</summary>
internal sealed unsafe class TileWork<TVector>(int depth, int rows, bool splits) : ITimed
    where TVector : unmanaged, ISimdVector<TVector>
{
    private const int Rows = 6;
    private static readonly int Columns = 4 * TVector.Count;
    private readonly AlignedBuffer _a = new(Rows * depth);
    private readonly AlignedBuffer _b = new(depth * Columns);
    private readonly AlignedBuffer _c = new(Rows * Columns);

    public void Run(int repeats)
    {
        _b.Span.Clear(); // gives the memory pages of its own
        for (int i = 0; i < repeats; i++)
        {
            for (int row = 0; row < Rows; row += rows)
            {
                float* a = _a.Pointer + (row * depth), c = _c.Pointer + (row * Columns);
                if (splits)
                {
                    SplitProducts.Tile3x4<TVector>(a, depth, depth, _b.Pointer, c);
                }
                else
                {
                    TileDispatch<TVector>.Multiply(rows, 4, new TileProduct(a, depth, depth, _b.Pointer), c, Columns, c, Columns);
                }
            }
        }
    }
}

internal interface IFunction
{
    static abstract TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector>;
}

internal readonly struct Copy : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => x;
}

internal readonly struct Sigmoid : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Sigmoid(x);
}

internal readonly struct Tanh : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.Tanh(x);
}

internal readonly struct Flushed<TFunction> : IFunction
    where TFunction : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Apply<TVector>(TVector x)
        where TVector : unmanaged, ISimdVector<TVector> => SimdMath.FlushTiny(TFunction.Apply(x));
}

/// <summary>y = f(x) for 4096 floats in L1.</summary>
internal sealed unsafe class FunctionWork<TVector, TFunction> : ITimed
    where TVector : unmanaged, ISimdVector<TVector>
    where TFunction : IFunction
{
    private const int Values = 4096;

    // y lies half a page off, so that no load shares its low 12 address bits with a store shortly before it.
    private const int Apart = Values + 512;
    private readonly AlignedBuffer _memory = new(Apart + Values);

    public FunctionWork()
    {
        for (int i = 0; i < Values; i++)
        {
            _memory.Span[i] = ((i * 37 % Values) - (Values / 2)) / 256f; // -8 to 8
        }
    }

    public void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            Apply(_memory.Pointer, _memory.Pointer + Apart);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Apply(float* x, float* y)
    {
        for (int i = 0; i < Values; i += TVector.Count)
        {
            TVector.Store(TFunction.Apply(TVector.Load(x + i)), y + i);
        }
    }
}
