using FastRecurrent.Kernels;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Cli.Measurement;

/// <summary>The machine's peak as this engine can reach it: its own tile, C = A * B, on operands that stay in the L1 cache.</summary>
internal abstract class TilePeak : ITimed
{
    /// <summary>Floating-point operations of one call.</summary>
    public abstract double Flops { get; }

    public static TilePeak Create(KernelSet kernels) => kernels switch
    {
        KernelSet.Avx512 => new TilePeak<Vector512F>(),
        KernelSet.Avx2 => new TilePeak<Vector256F>(),
        KernelSet.Vector128 => new TilePeak<Vector128F>(),
        KernelSet.Vector => new TilePeak<VectorTF>(),
        _ => new TilePeak<ScalarF>(),
    };

    public abstract void Run(int repeats);
}

/// <inheritdoc/>
internal sealed unsafe class TilePeak<TVector> : TilePeak
    where TVector : unmanaged, ISimdVector<TVector>
{
    // Half of the smallest L1 data cache there is (32 KB) holds B; the rest is for A, C and the stack.
    private const int PanelFloats = 16 * 1024 / sizeof(float);
    private const int Rows = TileDispatch<TVector>.MaxRows;

    private readonly int _columns = Width * TVector.Count;
    private readonly int _depth = PanelFloats / (Width * TVector.Count);
    private readonly AlignedBuffer _a;
    private readonly AlignedBuffer _b = new(PanelFloats);
    private readonly AlignedBuffer _c;

    public TilePeak()
    {
        _a = new AlignedBuffer(Rows * _depth);
        _c = new AlignedBuffer(Rows * _columns);
        _a.Span.Clear(); // gives the memory pages of its own
        _b.Span.Clear();
    }

    public override double Flops => 2.0 * Rows * _columns * _depth;

    // The widest tile of 6 rows that does not spill.
    private static int Width => TVector.HasWideRegisterFile ? TileDispatch<TVector>.MaxWidth : TileDispatch<TVector>.MaxWidth / 2;

    public override void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            TileDispatch<TVector>.Multiply(
                Rows, Width, _a.Pointer, _depth, _depth, _b.Pointer, _c.Pointer, _columns, _c.Pointer, _columns);
        }
    }
}
