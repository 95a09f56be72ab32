using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Bench;

/// <summary>What do the activations cost per 16 values, by width, beside the runtime's own scalar functions?</summary>
public unsafe class Activations
{
    private const int Values = 1024; // 4 KB: in L1
    private const int Sixteens = Values / 16;

    // y lies a page and a half behind x, so that no load shares its low 12 address bits with a store shortly before it.
    private const int Apart = Values + (Values / 2);
    private readonly AlignedBuffer _memory = new(Apart + Values);

    [GlobalSetup]
    public void SetUp()
    {
        for (int i = 0; i < Values; i++)
        {
            _memory.Span[i] = ((i * 37 % Values) - (Values / 2)) / 64f; // -8 to 8
        }
    }

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void TanhAvx512() => Tanh<Vector512F>();

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void TanhAvx2() => Tanh<Vector256F>();

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void TanhVector128() => Tanh<Vector128F>();

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void TanhMathF()
    {
        float* x = _memory.Pointer;
        float* y = x + Apart;
        for (int i = 0; i < Values; i++)
        {
            y[i] = MathF.Tanh(x[i]);
        }
    }

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void SigmoidAvx512() => Sigmoid<Vector512F>();

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void SigmoidAvx2() => Sigmoid<Vector256F>();

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void SigmoidVector128() => Sigmoid<Vector128F>();

    [Benchmark(OperationsPerInvoke = Sixteens)]
    public void SigmoidMathF()
    {
        float* x = _memory.Pointer;
        float* y = x + Apart;
        for (int i = 0; i < Values; i++)
        {
            y[i] = 1 / (1 + MathF.Exp(-x[i]));
        }
    }

    // Not inlined: one method more above it would exceed the inliner's budget, and the time be 9 to 17 times as long (AVX-512).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Tanh<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>
    {
        float* x = _memory.Pointer;
        float* y = x + Apart;
        for (int i = 0; i < Values; i += TVector.Count)
        {
            TVector.Store(SimdMath.Tanh(TVector.Load(x + i)), y + i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Sigmoid<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>
    {
        float* x = _memory.Pointer;
        float* y = x + Apart;
        for (int i = 0; i < Values; i += TVector.Count)
        {
            TVector.Store(SimdMath.Sigmoid(TVector.Load(x + i)), y + i);
        }
    }
}
