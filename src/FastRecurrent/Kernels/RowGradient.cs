using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>The backward pass of a function of one row of features.</summary>
internal abstract unsafe class RowGradient(int size)
{
    /// <summary>Features of a row.</summary>
    public int Size { get; } = size;

    /// <summary>The parameters, in the order in which their gradients lie, <see cref="ParameterStride"/> floats each.</summary>
    public virtual IReadOnlyList<string> Parameters => [];

    public int ParameterStride { get; } = AlignedBuffer.Padded(size);

    /// <summary>Takes over parameters that have changed.</summary>
    public virtual void FillVectors(IVectorSource source)
    {
    }

    /// <summary>dL/dx of some rows, one behind the other, and the gradients of the parameters, row by row.</summary>
    /// <param name="x">[rows, Size].</param>
    /// <param name="y">What the function gave.</param>
    /// <param name="outputGradient">dL/dy.</param>
    /// <param name="inputGradient">dL/dx; null where nobody wants it.</param>
    /// <param name="gradients">[rows, parameters, ParameterStride], added to.</param>
    /// <param name="rows">How many.</param>
    public abstract void Run(float* x, float* y, float* outputGradient, float* inputGradient, float* gradients, int rows);
}

/// <summary>dx = y * (dy - sum(y * dy)) of y = softmax(x).</summary>
internal sealed unsafe class SoftmaxGradient<TVector>(int size) : RowGradient(size)
    where TVector : unmanaged, ISimdVector<TVector>
{
    public override void Run(float* x, float* y, float* outputGradient, float* inputGradient, float* gradients, int rows)
    {
        float* lanes = stackalloc float[LaneSum.Lanes];
        for (int row = 0; inputGradient != null && row < rows; row++)
        {
            new Span<float>(lanes, LaneSum.Lanes).Clear();
            for (int i = 0; i < Size; i += TVector.Count)
            {
                LaneSum.Accumulate(lanes, i, RowVector.Load<TVector>(y + i, Size - i) * RowVector.Load<TVector>(outputGradient + i, Size - i));
            }

            TVector projection = TVector.Broadcast(LaneSum.Tree(lanes));
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector value = RowVector.Load<TVector>(y + i, Size - i) * (RowVector.Load<TVector>(outputGradient + i, Size - i) - projection);
                RowVector.Store(SimdMath.FlushTiny(value), inputGradient + i, Size - i);
            }

            y += Size;
            outputGradient += Size;
            inputGradient += Size;
        }
    }
}

/// <summary>
/// Of y = u * weight + bias, u = (x - mean) * scale over a row of n features: dweight = dy * u, dbias = dy and, with
/// d = dy * weight, dx = scale * (d - sum(d) / n - u * sum(d * u) / n). Source: Ba, Kiros and Hinton (2016), section 3.
/// </summary>
internal sealed unsafe class LayerNormGradient<TVector> : RowGradient
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly AlignedBuffer _weight;
    private readonly float _epsilon;

    public LayerNormGradient(int size, float epsilon)
        : base(size)
    {
        _weight = new AlignedBuffer(ParameterStride);
        _epsilon = epsilon;
    }

    public override IReadOnlyList<string> Parameters { get; } = [NormNames.Weight, NormNames.Bias];

    public override void FillVectors(IVectorSource source) => source.Vector(NormNames.Weight).CopyTo(_weight.Span);

    public override void Run(float* x, float* y, float* outputGradient, float* inputGradient, float* gradients, int rows)
    {
        float* sums = stackalloc float[LaneSum.Lanes];
        float* products = stackalloc float[LaneSum.Lanes];
        for (int row = 0; row < rows; row++, x += Size, outputGradient += Size, gradients += 2 * ParameterStride)
        {
            LayerNormKernel<TVector>.Measure(x, Size, _epsilon, out TVector mean, out TVector scale);
            new Span<float>(sums, LaneSum.Lanes).Clear();
            new Span<float>(products, LaneSum.Lanes).Clear();
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector dy = RowVector.Load<TVector>(outputGradient + i, Size - i);
                TVector normal = Normal(x, i, mean, scale);
                float* weightGradient = gradients + i;
                float* biasGradient = weightGradient + ParameterStride;
                TVector.Store(TVector.MultiplyAdd(dy, normal, TVector.Load(weightGradient)), weightGradient);
                TVector.Store(TVector.Load(biasGradient) + dy, biasGradient);
                TVector d = dy * TVector.Load(_weight.Pointer + i);
                LaneSum.Accumulate(sums, i, d);
                LaneSum.Accumulate(products, i, d * normal);
            }

            if (inputGradient == null)
            {
                continue;
            }

            TVector meanSum = TVector.Broadcast(LaneSum.Tree(sums) / Size);
            TVector meanProduct = TVector.Broadcast(LaneSum.Tree(products) / Size);
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector d = RowVector.Load<TVector>(outputGradient + i, Size - i) * TVector.Load(_weight.Pointer + i);
                TVector dx = scale * (d - meanSum - (Normal(x, i, mean, scale) * meanProduct));
                RowVector.Store(SimdMath.FlushTiny(dx), inputGradient + i, Size - i);
            }

            inputGradient += Size;
        }
    }

    /// <summary>u, zero in padding.</summary>
    private TVector Normal(float* x, int i, TVector mean, TVector scale) =>
        RowVector.OnlyValid((RowVector.Load<TVector>(x + i, Size - i) - mean) * scale, Size - i);
}
