using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>A function of one row of features, applied to many rows.</summary>
internal abstract unsafe class RowKernel(int size)
{
    /// <summary>Features of a row, in and out.</summary>
    public int Size { get; } = size;

    public abstract long PackedBytes { get; }

    /// <summary>Computes <paramref name="rows"/> rows; strides in floats; x and y may be the same.</summary>
    public abstract void Run(float* x, nint xRow, float* y, nint yRow, int rows);
}

/// <summary>A <see cref="RowKernel"/> with helpers for whole and partial vectors.</summary>
internal abstract unsafe class RowKernel<TVector>(int size) : RowKernel(size)
    where TVector : unmanaged, ISimdVector<TVector>
{
    protected static TVector Load(float* source, int valid) =>
        valid >= TVector.Count ? TVector.Load(source) : TVector.LoadPartial(source, valid);

    protected static void Store(TVector value, float* destination, int valid)
    {
        if (valid >= TVector.Count)
        {
            TVector.Store(value, destination);
        }
        else
        {
            TVector.StorePartial(value, destination, valid);
        }
    }

    /// <summary>The value with zeros behind the first <paramref name="valid"/> lanes.</summary>
    protected static TVector OnlyValid(TVector value, int valid) =>
        valid >= TVector.Count ? value : TVector.LoadPartial((float*)&value, valid);
}

/// <summary>y = (x - mean) * scale + shift, feature by feature: batch normalization in its inference form.</summary>
internal sealed unsafe class BatchNormKernel<TVector> : RowKernel<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly AlignedBuffer _packed;
    private readonly int _stride;

    public BatchNormKernel(int size, float epsilon, IParameterSource parameters)
        : base(size)
    {
        _stride = AlignedBuffer.Padded(size);
        _packed = new AlignedBuffer(3L * _stride);
        for (int i = 0; i < size; i++)
        {
            _packed.Span[i] = parameters[NormNames.RunningMean][i];
            _packed.Span[_stride + i] = parameters[NormNames.Weight][i] / MathF.Sqrt(parameters[NormNames.RunningVariance][i] + epsilon);
            _packed.Span[(2 * _stride) + i] = parameters[NormNames.Bias][i];
        }
    }

    public override long PackedBytes => (long)_packed.Length * sizeof(float);

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        for (int row = 0; row < rows; row++, x += xRow, y += yRow)
        {
            for (int i = 0; i < Size; i += TVector.Count)
            {
                float* p = _packed.Pointer + i;
                TVector centered = Load(x + i, Size - i) - TVector.Load(p);
                Store(TVector.MultiplyAdd(centered, TVector.Load(p + _stride), TVector.Load(p + (2 * _stride))), y + i, Size - i);
            }
        }
    }
}

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias over the features of a row (Ba, Kiros and Hinton 2016).</summary>
internal sealed unsafe class LayerNormKernel<TVector> : RowKernel<TVector>
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
        parameters[NormNames.Weight].CopyTo(_packed.Span);
        parameters[NormNames.Bias].CopyTo(_packed.Span[_stride..]);
        _epsilon = epsilon;
    }

    public override long PackedBytes => (long)_packed.Length * sizeof(float);

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        float* lanes = stackalloc float[LaneSum.Lanes];
        Span<float> clear = new(lanes, LaneSum.Lanes);
        for (int row = 0; row < rows; row++, x += xRow, y += yRow)
        {
            clear.Clear();
            for (int i = 0; i < Size; i += TVector.Count)
            {
                LaneSum.Accumulate(lanes, i, Load(x + i, Size - i));
            }

            TVector mean = TVector.Broadcast(LaneSum.Tree(lanes) / Size);
            clear.Clear();
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector distance = Load(x + i, Size - i) - mean;
                LaneSum.Accumulate(lanes, i, OnlyValid(distance * distance, Size - i));
            }

            TVector scale = TVector.Broadcast(1 / MathF.Sqrt((LaneSum.Tree(lanes) / Size) + _epsilon));
            for (int i = 0; i < Size; i += TVector.Count)
            {
                float* p = _packed.Pointer + i;
                TVector normal = (Load(x + i, Size - i) - mean) * scale;
                Store(TVector.MultiplyAdd(normal, TVector.Load(p), TVector.Load(p + _stride)), y + i, Size - i);
            }
        }
    }
}

/// <summary>y_i = exp(x_i - max x) / sum of the same.</summary>
internal sealed unsafe class SoftmaxKernel<TVector>(int size) : RowKernel<TVector>(size)
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
                TVector e = SimdMath.Exp(Load(x + i, Size - i) - TVector.Broadcast(max));
                LaneSum.Accumulate(lanes, i, OnlyValid(e, Size - i));
                Store(e, y + i, Size - i);
            }

            TVector sum = TVector.Broadcast(LaneSum.Tree(lanes));
            for (int i = 0; i < Size; i += TVector.Count)
            {
                Store(Load(y + i, Size - i) / sum, y + i, Size - i);
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
