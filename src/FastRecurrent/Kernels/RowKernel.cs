using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>A function of one row of features, applied to many rows.</summary>
internal abstract unsafe class RowKernel(int size)
{
    /// <summary>Features of a row, in and out.</summary>
    public int Size { get; } = size;

    public abstract long PackedBytes { get; }

    /// <summary>Takes over parameters that have changed.</summary>
    public virtual void FillVectors(IVectorSource source)
    {
    }

    /// <summary>Computes <paramref name="rows"/> rows; strides in floats; x and y may be the same.</summary>
    public abstract void Run(float* x, nint xRow, float* y, nint yRow, int rows);
}

/// <summary>y = (x - mean) * scale + shift, feature by feature: batch normalization with statistics that are given.</summary>
internal abstract class BatchNormKernel(int size) : RowKernel(size)
{
    /// <summary>Takes over statistics and parameters; scale = weight / sqrt(variance + epsilon).</summary>
    public abstract void Fill(ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias);
}

internal sealed unsafe class BatchNormKernel<TVector> : BatchNormKernel
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly AlignedBuffer _packed;
    private readonly int _stride;
    private readonly float _epsilon;

    public BatchNormKernel(int size, float epsilon, IParameterSource parameters)
        : base(size)
    {
        _stride = AlignedBuffer.Padded(size);
        _packed = new AlignedBuffer(3L * _stride);
        _epsilon = epsilon;
        FillVectors(parameters);
    }

    public override long PackedBytes => (long)_packed.Length * sizeof(float);

    public override void FillVectors(IVectorSource source) =>
        Fill(source.Vector(NormNames.RunningMean), source.Vector(NormNames.RunningVariance), source.Vector(NormNames.Weight), source.Vector(NormNames.Bias));

    public override void Fill(ReadOnlySpan<float> mean, ReadOnlySpan<float> variance, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias)
    {
        for (int i = 0; i < Size; i++)
        {
            _packed.Span[i] = mean[i];
            _packed.Span[_stride + i] = weight[i] / MathF.Sqrt(variance[i] + _epsilon);
            _packed.Span[(2 * _stride) + i] = bias[i];
        }
    }

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        for (int row = 0; row < rows; row++, x += xRow, y += yRow)
        {
            for (int i = 0; i < Size; i += TVector.Count)
            {
                float* p = _packed.Pointer + i;
                TVector centered = RowVector.Load<TVector>(x + i, Size - i) - TVector.Load(p);
                RowVector.Store(TVector.MultiplyAdd(centered, TVector.Load(p + _stride), TVector.Load(p + (2 * _stride))), y + i, Size - i);
            }
        }
    }
}

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias over the features of a row (Ba, Kiros and Hinton 2016).</summary>
internal sealed unsafe class LayerNormKernel<TVector> : RowKernel
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly AlignedBuffer _packed;
    private readonly int _stride;
    private readonly float _epsilon;

    public LayerNormKernel(int size, float epsilon, IParameterSource parameters)
        : base(size)
    {
        _stride = AlignedBuffer.Padded(size);
        _packed = new AlignedBuffer(2L * _stride);
        _epsilon = epsilon;
        FillVectors(parameters);
    }

    public override long PackedBytes => (long)_packed.Length * sizeof(float);

    public override void FillVectors(IVectorSource source)
    {
        source.Vector(NormNames.Weight).CopyTo(_packed.Span);
        source.Vector(NormNames.Bias).CopyTo(_packed.Span[_stride..]);
    }

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        for (int row = 0; row < rows; row++, x += xRow, y += yRow)
        {
            Measure(x, Size, _epsilon, out TVector mean, out TVector scale);
            for (int i = 0; i < Size; i += TVector.Count)
            {
                float* p = _packed.Pointer + i;
                TVector normal = (RowVector.Load<TVector>(x + i, Size - i) - mean) * scale;
                RowVector.Store(TVector.MultiplyAdd(normal, TVector.Load(p), TVector.Load(p + _stride)), y + i, Size - i);
            }
        }
    }

    /// <summary>Mean and 1 / sqrt(variance + epsilon) of a row, in every lane.</summary>
    public static void Measure(float* x, int size, float epsilon, out TVector mean, out TVector scale)
    {
        float* lanes = stackalloc float[LaneSum.Lanes];
        Span<float> clear = new(lanes, LaneSum.Lanes);
        clear.Clear();
        for (int i = 0; i < size; i += TVector.Count)
        {
            LaneSum.Accumulate(lanes, i, RowVector.Load<TVector>(x + i, size - i));
        }

        mean = TVector.Broadcast(LaneSum.Tree(lanes) / size);
        clear.Clear();
        for (int i = 0; i < size; i += TVector.Count)
        {
            TVector distance = RowVector.Load<TVector>(x + i, size - i) - mean;
            LaneSum.Accumulate(lanes, i, RowVector.OnlyValid(distance * distance, size - i));
        }

        scale = TVector.Broadcast(1 / MathF.Sqrt((LaneSum.Tree(lanes) / size) + epsilon));
    }
}

/// <summary>y_i = exp(x_i - max x) / sum of the same.</summary>
internal sealed unsafe class SoftmaxKernel<TVector>(int size) : RowKernel(size)
    where TVector : unmanaged, ISimdVector<TVector>
{
    public override long PackedBytes => 0;

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        float* lanes = stackalloc float[LaneSum.Lanes];
        for (int row = 0; row < rows; row++, x += xRow, y += yRow)
        {
            float max = x[0];
            for (int i = 1; i < Size; i++)
            {
                max = MathF.Max(max, x[i]);
            }

            new Span<float>(lanes, LaneSum.Lanes).Clear();
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector e = SimdMath.Exp(RowVector.Load<TVector>(x + i, Size - i) - TVector.Broadcast(max));
                LaneSum.Accumulate(lanes, i, RowVector.OnlyValid(e, Size - i));
                RowVector.Store(e, y + i, Size - i);
            }

            TVector sum = TVector.Broadcast(LaneSum.Tree(lanes));
            for (int i = 0; i < Size; i += TVector.Count)
            {
                RowVector.Store(RowVector.Load<TVector>(y + i, Size - i) / sum, y + i, Size - i);
            }
        }
    }
}

/// <summary>The names of a normalization layer's parameters, as PyTorch has them.</summary>
internal static class NormNames
{
    public const string Weight = "weight";
    public const string Bias = "bias";
    public const string RunningMean = "running_mean";
    public const string RunningVariance = "running_var";
}
