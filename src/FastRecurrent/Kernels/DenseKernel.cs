using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>y = a(W x + b) for many rows: packed weights, closed over an instruction set.</summary>
internal abstract unsafe class DenseKernel(int inputSize, int outputSize)
{
    /// <summary>The name of W [O, I] among the parameters.</summary>
    public const string Weight = "weight";

    /// <summary>The name of b [O] among the parameters.</summary>
    public const string Bias = "bias";

    /// <summary>
    /// With this many outputs or fewer an output is a dot product in 16 virtual lanes, not a chain over a panel that would
    /// be mostly padding. Chosen by the layer's shape alone, so that a row's bits do not depend on its batch.
    /// </summary>
    public const int DotOutputs = 4;

    public int InputSize { get; } = inputSize;

    public int OutputSize { get; } = outputSize;

    public abstract long PackedBytes { get; }

    /// <summary>Computes <paramref name="rows"/> rows; strides in floats.</summary>
    public abstract void Run(float* x, nint xRow, float* y, nint yRow, int rows);

    public abstract void Unpack(Func<string, float[]> destination);

    /// <summary>The backward pass over the same packed weights.</summary>
    public abstract DenseGradient CreateGradient();

    /// <summary>Takes over a bias that has changed.</summary>
    public abstract void FillVectors(IVectorSource source);
}

internal sealed unsafe class PanelDenseKernel<TVector> : DenseKernel
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly PackedStage _stage;
    private readonly Activation _activation;
    private readonly bool _isLinear;

    public PanelDenseKernel(int inputSize, int outputSize, bool hasBias, Activation activation, IParameterSource parameters)
        : base(inputSize, outputSize)
    {
        StageDescription stage = new(
            outputSize, Gates: [0], InputSlots: 1, RecurrentStart: 0, RecurrentSlots: 0, InputWeight: Weight, InputBias: hasBias ? Bias : null);
        _stage = PackedStage.Create<TVector>(stage, outputSize, inputSize, 0, [], parameters);
        _activation = activation;
        _isLinear = activation == Activation.Linear;
    }

    public override long PackedBytes => _stage.Bytes;

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        float* block = stackalloc float[(TileDispatch<TVector>.MaxRows * TileDispatch<TVector>.MaxWidth * TVector.Count) + AlignedBuffer.AlignmentFloats];
        block = (float*)(((nuint)block + 63) & ~(nuint)63);
        foreach (ref readonly Panel panel in _stage.Panels)
        {
            int tiles = TileDispatch<TVector>.TilesFor(rows, panel.InputVectors);
            for (int tile = 0, row = 0; tile < tiles; tile++)
            {
                int tileRows = (rows - row) / (tiles - tile);
                TileDispatch<TVector>.Multiply(
                    tileRows, panel.InputVectors, new TileProduct(x + (row * xRow), xRow, InputSize, panel.InputWeights), panel.Bias, 0, block, panel.Columns);
                for (int r = 0; r < tileRows; r++)
                {
                    Finish(block + (r * panel.Columns), y + ((row + r) * yRow) + panel.FirstUnit, panel.Units);
                }

                row += tileRows;
            }
        }
    }

    public override void Unpack(Func<string, float[]> destination) => _stage.Unpack(TVector.Count, destination);

    public override DenseGradient CreateGradient() => new PanelDenseGradient<TVector>(this, _stage, _activation);

    public override void FillVectors(IVectorSource source) => _stage.FillVectors(source);

    private void Finish(float* sums, float* y, int units)
    {
        for (int unit = 0; unit < units; unit += TVector.Count)
        {
            TVector value = TVector.Load(sums + unit);
            if (!_isLinear)
            {
                value = ActivationFunctions.Apply(_activation, value);
            }

            if (units - unit >= TVector.Count)
            {
                TVector.Store(value, y + unit);
            }
            else
            {
                TVector.StorePartial(value, y + unit, units - unit);
            }
        }
    }
}

/// <summary>Few outputs: one dot product each.</summary>
internal sealed unsafe class DotDenseKernel<TVector> : DenseKernel
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly AlignedBuffer _weights;
    private readonly bool _hasBias;
    private readonly float[] _bias;
    private readonly Activation _activation;
    private readonly int _weightRow;
    private readonly bool _isLinear;

    public DotDenseKernel(int inputSize, int outputSize, bool hasBias, Activation activation, IParameterSource parameters)
        : base(inputSize, outputSize)
    {
        _weightRow = AlignedBuffer.Padded(inputSize);
        _weights = new AlignedBuffer((long)_weightRow * outputSize);
        _hasBias = hasBias;
        _bias = hasBias ? parameters[Bias].ToArray() : new float[outputSize];
        _activation = activation;
        _isLinear = activation == Activation.Linear;
        for (int output = 0; output < outputSize; output++)
        {
            parameters[Weight].Slice(output * inputSize, inputSize).CopyTo(_weights.Span[(output * _weightRow)..]);
        }
    }

    public override long PackedBytes => (_weights.Length + (long)_bias.Length) * sizeof(float);

    public override void Run(float* x, nint xRow, float* y, nint yRow, int rows)
    {
        float* weights = _weights.Pointer;
        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < OutputSize; output++)
            {
                float value = _bias[output] + LaneSum.Dot<TVector>(x, weights + (output * _weightRow), InputSize);
                if (!_isLinear)
                {
                    TVector activated = ActivationFunctions.Apply(_activation, TVector.Broadcast(value));
                    value = *(float*)&activated;
                }

                y[output] = value;
            }

            x += xRow;
            y += yRow;
        }
    }

    public override void Unpack(Func<string, float[]> destination)
    {
        float[] weights = destination(Weight);
        for (int output = 0; output < OutputSize; output++)
        {
            _weights.Span.Slice(output * _weightRow, InputSize).CopyTo(weights.AsSpan(output * InputSize));
        }

        if (_hasBias)
        {
            _bias.CopyTo(destination(Bias).AsSpan());
        }
    }

    public override DenseGradient CreateGradient() => new DotDenseGradient<TVector>(this, _weights, _weightRow, _hasBias, _activation);

    public override void FillVectors(IVectorSource source)
    {
        if (_hasBias)
        {
            source.Vector(Bias).CopyTo(_bias);
        }
    }
}
