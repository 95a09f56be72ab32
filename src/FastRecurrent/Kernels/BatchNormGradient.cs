using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>
/// What batch normalization adds in training: the statistics of a feature over M rows, and the backward pass. A sum over rows
/// is taken in blocks of rows in their order, one chain in a block and one over the blocks: the same bits for every vector
/// width, and an error that grows with the blocks and not with the rows.
/// </summary>
internal abstract unsafe class BatchNormGradient(int size)
{
    /// <summary>Features of a row.</summary>
    public int Size { get; } = size;

    /// <summary>Floats of a vector of features; buffers of features hold whole vectors.</summary>
    public int Stride { get; } = AlignedBuffer.Padded(size);

    /// <summary>mean = sum(x) / M and variance = sum((x - mean)^2) / M of M = <paramref name="rows"/> rows, at least 1.</summary>
    public abstract void Measure(float* x, int rows, float* mean, float* variance);

    /// <summary>dweight = sum(dy * u) and dbias = sum(dy) with u = (x - mean) * scale.</summary>
    public abstract void ParameterGradients(float* x, float* outputGradient, int rows, float* mean, float* scale, float* weightGradient, float* biasGradient);

    /// <summary>
    /// dx = scale * weight * (dy - meanGradient - u * meanProjection), with meanGradient = dbias / M and meanProjection =
    /// dweight / M, or both zero where mean and variance do not depend on x.
    /// </summary>
    public abstract void InputGradients(
        float* x, float* outputGradient, float* inputGradient, int rows, float* mean, float* scale, float* weight, float* meanGradient, float* meanProjection);
}

internal sealed unsafe class BatchNormGradient<TVector>(int size) : BatchNormGradient(size)
    where TVector : unmanaged, ISimdVector<TVector>
{
    private const int BlockRows = 64;

    public override void Measure(float* x, int rows, float* mean, float* variance)
    {
        TVector count = TVector.Broadcast(rows);
        TVector zero = TVector.Broadcast(0);
        new Span<float>(mean, Stride).Clear();
        new Span<float>(variance, Stride).Clear();
        for (int first = 0; first < rows; first += BlockRows)
        {
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector sum = zero;
                for (int row = first; row < Math.Min(rows, first + BlockRows); row++)
                {
                    sum += At(x, row, i);
                }

                TVector.Store(TVector.Load(mean + i) + sum, mean + i);
            }
        }

        for (int i = 0; i < Size; i += TVector.Count)
        {
            TVector.Store(TVector.Load(mean + i) / count, mean + i);
        }

        for (int first = 0; first < rows; first += BlockRows)
        {
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector center = TVector.Load(mean + i);
                TVector sum = zero;
                for (int row = first; row < Math.Min(rows, first + BlockRows); row++)
                {
                    TVector distance = At(x, row, i) - center;
                    sum = TVector.MultiplyAdd(distance, distance, sum);
                }

                TVector.Store(TVector.Load(variance + i) + sum, variance + i);
            }
        }

        for (int i = 0; i < Size; i += TVector.Count)
        {
            TVector.Store(TVector.Load(variance + i) / count, variance + i);
        }
    }

    public override void ParameterGradients(float* x, float* outputGradient, int rows, float* mean, float* scale, float* weightGradient, float* biasGradient)
    {
        new Span<float>(weightGradient, Stride).Clear();
        new Span<float>(biasGradient, Stride).Clear();
        for (int first = 0; first < rows; first += BlockRows)
        {
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector center = TVector.Load(mean + i);
                TVector factor = TVector.Load(scale + i);
                TVector weight = TVector.Broadcast(0);
                TVector bias = weight;
                for (int row = first; row < Math.Min(rows, first + BlockRows); row++)
                {
                    TVector dy = At(outputGradient, row, i);
                    weight = TVector.MultiplyAdd(dy, (At(x, row, i) - center) * factor, weight);
                    bias += dy;
                }

                TVector.Store(TVector.Load(weightGradient + i) + weight, weightGradient + i);
                TVector.Store(TVector.Load(biasGradient + i) + bias, biasGradient + i);
            }
        }
    }

    public override void InputGradients(
        float* x, float* outputGradient, float* inputGradient, int rows, float* mean, float* scale, float* weight, float* meanGradient, float* meanProjection)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < Size; i += TVector.Count)
            {
                TVector factor = TVector.Load(scale + i);
                TVector normal = (At(x, row, i) - TVector.Load(mean + i)) * factor;
                TVector dx = factor * TVector.Load(weight + i)
                    * (At(outputGradient, row, i) - TVector.Load(meanGradient + i) - (normal * TVector.Load(meanProjection + i)));
                RowVector.Store(SimdMath.FlushTiny(dx), inputGradient + ((nint)row * Size) + i, Size - i);
            }
        }
    }

    private TVector At(float* rows, int row, int i) => RowVector.Load<TVector>(rows + ((nint)row * Size) + i, Size - i);
}
