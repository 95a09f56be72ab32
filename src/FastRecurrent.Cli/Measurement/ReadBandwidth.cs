using System.Runtime.CompilerServices;
using FastRecurrent.Cli.Machine;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Cli.Measurement;

/// <summary>Reads a block of memory again and again, and so at the speed of the cache level that holds it.</summary>
internal abstract class ReadBandwidth : ITimed
{
    /// <summary>Bytes that one call reads.</summary>
    public abstract double Bytes { get; }

    /// <summary>
    /// Readers for weights of so many bytes; the fastest of them is what the level can do. There is one of the same size and, in a
    /// core's own caches, one that fills 5/8 of the level, because the speed depends on the size: on Zen 5, blocks of 128, 512 and
    /// 768 KiB in L2 read at 200, 255 and 185 GB/s.
    /// </summary>
    public static IReadOnlyList<ReadBandwidth> ForWeights(KernelSet kernels, long bytes) =>
        Topology.LevelFor(bytes) is { Level: < 3 } level
            ? [Create(kernels, bytes), Create(kernels, level.Bytes / 8 * 5)]
            : [Create(kernels, bytes)];

    private static ReadBandwidth Create(KernelSet kernels, long bytes) => kernels switch
    {
        KernelSet.Avx512 => new ReadBandwidth<Vector512F>(bytes),
        KernelSet.Avx2 => new ReadBandwidth<Vector256F>(bytes),
        KernelSet.Vector128 => new ReadBandwidth<Vector128F>(bytes),
        KernelSet.Vector => new ReadBandwidth<VectorTF>(bytes),
        _ => new ReadBandwidth<ScalarF>(bytes),
    };

    public abstract void Run(int repeats);
}

/// <inheritdoc/>
internal sealed unsafe class ReadBandwidth<TVector> : ReadBandwidth
    where TVector : unmanaged, ISimdVector<TVector>
{
    private const int Chains = 8; // enough to hide the latency of an addition
    private readonly AlignedBuffer _memory;
    private readonly AlignedBuffer _sum = new(AlignedBuffer.AlignmentFloats);

    public ReadBandwidth(long bytes)
    {
        long block = Chains * TVector.Count;
        long blocks = Math.Max(1, bytes / (block * sizeof(float)));
        _memory = new AlignedBuffer(blocks * block);
        _memory.Span.Fill(1); // memory never written is one page of zeros, always in L1
    }

    public override double Bytes => (double)_memory.Length * sizeof(float);

    public override void Run(int repeats)
    {
        for (int i = 0; i < repeats; i++)
        {
            Sum(_memory.Pointer, _memory.Pointer + _memory.Length, _sum.Pointer);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* next, float* end, float* sum)
    {
        TVector s0 = TVector.Broadcast(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (; next < end; next += Chains * TVector.Count)
        {
            s0 += TVector.Load(next);
            s1 += TVector.Load(next + TVector.Count);
            s2 += TVector.Load(next + (2 * TVector.Count));
            s3 += TVector.Load(next + (3 * TVector.Count));
            s4 += TVector.Load(next + (4 * TVector.Count));
            s5 += TVector.Load(next + (5 * TVector.Count));
            s6 += TVector.Load(next + (6 * TVector.Count));
            s7 += TVector.Load(next + (7 * TVector.Count));
        }

        TVector.Store(s0 + s1 + (s2 + s3) + (s4 + s5 + (s6 + s7)), sum);
    }
}
