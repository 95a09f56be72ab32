using BenchmarkDotNet.Attributes;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Bench;

/// <summary>What do the activations cost per 16 values, by width, beside the runtime's own scalar functions?</summary>
public unsafe class Activations
{
    private const int Values = 1024; // 4 KB: in L1
    private const int Sixteens = Values / 16;
    private AlignedBuffer? _x;
    private AlignedBuffer? _y;

    [GlobalSetup]
    public void SetUp()
    {
        (_x, _y) = (new AlignedBuffer(Values), new AlignedBuffer(Values));
        for (int i = 0; i < Values; i++)
        {
            _x.Span[i] = ((i * 37 % Values) - (Values / 2)) / 64f; // -8 to 8
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
        for (int i = 0; i < Values; i++)
        {
            _y!.Pointer[i] = MathF.Tanh(_x!.Pointer[i]);
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
        for (int i = 0; i < Values; i++)
        {
            _y!.Pointer[i] = 1 / (1 + MathF.Exp(-_x!.Pointer[i]));
        }
    }

    private void Tanh<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>
    {
        float* x = _x!.Pointer;
        float* y = _y!.Pointer;
        for (int i = 0; i < Values; i += TVector.Count)
        {
            TVector.Store(SimdMath.Tanh(TVector.Load(x + i)), y + i);
        }
    }

    private void Sigmoid<TVector>()
        where TVector : unmanaged, ISimdVector<TVector>
    {
        float* x = _x!.Pointer;
        float* y = _y!.Pointer;
        for (int i = 0; i < Values; i += TVector.Count)
        {
            TVector.Store(SimdMath.Sigmoid(TVector.Load(x + i)), y + i);
        }
    }
}
