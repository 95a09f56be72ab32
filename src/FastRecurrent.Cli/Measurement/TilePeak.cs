using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Cli.Measurement;

/// <summary>The machine's peak as this engine can reach it: its own tile, C = A * B, on operands that stay in the L1 cache.</summary>
internal abstract class TilePeak : ITimed
{
    /// <summary>Floating-point operations of one call.</summary>
    public abstract double Flops { get; }

    /// <summary>The tile of a kernel set; K is such that B fills half of a 32 KB cache, unless it is given.</summary>
    public static TilePeak Create(KernelSet kernels, int? depth = null) => kernels switch
    {
        KernelSet.Avx512 => new TilePeak<Vector512F>(depth),
        KernelSet.Avx2 => new TilePeak<Vector256F>(depth),
        KernelSet.Vector128 => new TilePeak<Vector128F>(depth),
        KernelSet.Vector => new TilePeak<VectorTF>(depth),
        _ => new TilePeak<ScalarF>(depth),
    };

    public abstract void Run(int repeats);
}

/// <inheritdoc/>
internal sealed unsafe class TilePeak<TVector> : TilePeak
    where TVector : unmanaged, ISimdVector<TVector>
{
    // Half of the smallest L1 data cache there is (32 KB) holds B; the rest is for A, C and the stack.
    private const int PanelFloats = 16 * 1024 / sizeof(float);
    private static readonly int Rows = TileDispatch<TVector>.RowsFor(Width);

    private readonly int _columns = Width * TVector.Count;
    private readonly int _depth;
    private readonly AlignedBuffer _a;
    private readonly AlignedBuffer _b;
    private readonly AlignedBuffer _c;

    public TilePeak(int? depth)
    {
        _depth = depth ?? PanelFloats / _columns;
        _a = new AlignedBuffer(Rows * _depth);
        _b = new AlignedBuffer(_depth * _columns);
        _c = new AlignedBuffer(Rows * _columns);
        _a.Span.Clear(); // gives the memory pages of its own
        _b.Span.Clear();
    }

    public override double Flops => 2.0 * Rows * _columns * _depth;

    // The widest tile that does not spill.
    private static int Width => TVector.HasWideRegisterFile ? TileDispatch<TVector>.MaxWidth : TileDispatch<TVector>.MaxWidth / 2;

    public override void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            TileDispatch<TVector>.Multiply(
                Rows, Width, new TileProduct(_a.Pointer, _depth, _depth, _b.Pointer), _c.Pointer, _columns, _c.Pointer, _columns);
        }
    }
}
