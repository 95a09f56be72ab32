using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;

namespace FastRecurrent.Kernels;

/// <summary>The backward pass of y = a(W x + b): delta = dL/dy * a'(y), dL/dx = delta W, dL/dW = delta^T x, dL/db = sum of deltas.</summary>
internal abstract unsafe class DenseGradient(DenseKernel kernel)
{
    /// <summary>I.</summary>
    public int InputSize { get; } = kernel.InputSize;

    /// <summary>O.</summary>
    public int OutputSize { get; } = kernel.OutputSize;

    /// <summary>Floats of a row of deltas.</summary>
    public int DeltaRow { get; } = AlignedBuffer.Padded(kernel.OutputSize);

    /// <summary>The packed weights; null where they lie row by row in <see cref="WeightRows"/>.</summary>
    public virtual PackedStage? Packed => null;

    /// <summary>The way from the packed weights to their transpose, piece by piece; null where they are not packed.</summary>
    public virtual WeightPieces? Pieces => null;

    /// <summary>W row by row, <see cref="WeightRow"/> floats apart; null where it is packed.</summary>
    public virtual AlignedBuffer? WeightRows => null;

    /// <summary>Floats from one output's weights to the next one's, where they lie row by row.</summary>
    public virtual int WeightRow => 0;

    /// <summary>dL/dW, laid out like the weights.</summary>
    public abstract AlignedBuffer Gradients { get; }

    public abstract long TransposedBytes { get; }

    /// <summary>Scratch of one worker for <see cref="AddWeightGradients"/>.</summary>
    public abstract long WeightScratchFloats { get; }

    /// <summary>Takes over weights that have changed.</summary>
    public abstract void WeightsChanged();

    /// <summary>The deltas of some rows.</summary>
    public abstract void Deltas(float* y, float* gradient, float* deltas, int rows);

    /// <summary>dL/dx of some rows, [rows, I].</summary>
    public abstract void InputGradients(float* deltas, float* inputGradient, int rows);

    /// <summary>One share of dL/dW over all rows, chains as in <see cref="RecurrentGradient"/>; frame.Input is x, frame.Trace the deltas.</summary>
    public abstract void AddWeightGradients(in GradientFrame frame, bool isFirst, int share, int shares);

    /// <summary>dL/db.</summary>
    public abstract void BiasGradients(IVectorDestination destination);
}

/// <summary>What both forms of the dense layer share.</summary>
internal abstract unsafe class DenseGradient<TVector>(DenseKernel kernel, Activation activation) : DenseGradient(kernel)
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly bool _isLinear = activation == Activation.Linear;
    private readonly AlignedBuffer _zeros = new(AlignedBuffer.Padded(kernel.InputSize));

    /// <summary>W as the B of delta W: [O, I].</summary>
    protected TransposedWeights<TVector> Weights { get; } = new(kernel.OutputSize, kernel.InputSize);

    public override long TransposedBytes => Weights.Bytes;

    public override void Deltas(float* y, float* gradient, float* deltas, int rows)
    {
        for (int row = 0; row < rows; row++, y += OutputSize, gradient += OutputSize, deltas += DeltaRow)
        {
            for (int i = 0; i < OutputSize; i += TVector.Count)
            {
                int valid = OutputSize - i;
                TVector delta = Load(gradient + i, valid);
                if (!_isLinear)
                {
                    delta *= ActivationDerivatives.Of(activation, Load(y + i, valid));
                }

                TVector.Store(SimdMath.FlushTiny(delta), deltas + i);
            }
        }
    }

    public override void InputGradients(float* deltas, float* inputGradient, int rows) =>
        Weights.Multiply(deltas, DeltaRow, _zeros.Pointer, 0, inputGradient, InputSize, rows, isPadded: false);

    private static TVector Load(float* source, int valid) => valid >= TVector.Count ? TVector.Load(source) : TVector.LoadPartial(source, valid);
}

/// <summary>Packed panels: the same gradients as a recurrent stage's input product.</summary>
internal sealed unsafe class PanelDenseGradient<TVector> : DenseGradient<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly PackedStage _packed;
    private readonly StageGradient<TVector> _stage;

    public PanelDenseGradient(DenseKernel kernel, PackedStage packed, Activation activation)
        : base(kernel, activation)
    {
        _packed = packed;
        _stage = new StageGradient<TVector>(packed, packed.Stage.Units, DeltaRow, 0, transposes: false);
        Pieces = TransposedPieces<TVector>.Of(packed, Weights, recurrent: null);
        WeightsChanged();
    }

    public override PackedStage Packed => _packed;

    public override WeightPieces Pieces { get; }

    public override AlignedBuffer Gradients => _stage.Gradients;

    public override long WeightScratchFloats => _stage.ScratchFloats;

    public override void WeightsChanged() => Weights.Fill(_packed, isInput: true);

    public override void AddWeightGradients(in GradientFrame frame, bool isFirst, int share, int shares) =>
        _stage.AddWeightGradients(frame, isFirst, share, shares);

    public override void BiasGradients(IVectorDestination destination) => _stage.BiasGradients(_packed.Stage.Units, destination);
}

/// <summary>Few outputs: W lies row by row, and dL/dW is delta^T x with the deltas as the tile's rows.</summary>
internal sealed unsafe class DotDenseGradient<TVector> : DenseGradient<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private readonly AlignedBuffer _weights;
    private readonly int _weightRow;
    private readonly int _blockRow;
    private readonly FeatureGroups _deltas;
    private readonly bool _hasBias;
    private readonly float[] _sums;
    private readonly AlignedBuffer _zeros = new(TileDispatch<TVector>.MaxWidth * TVector.Count);

    public DotDenseGradient(DenseKernel kernel, AlignedBuffer weights, int weightRow, bool hasBias, Activation activation)
        : base(kernel, activation)
    {
        _weights = weights;
        _weightRow = weightRow;
        _blockRow = (weightRow / AlignedBuffer.AlignmentFloats | 1) * AlignedBuffer.AlignmentFloats;
        _deltas = GradientBlock.Groups<TVector>(OutputSize, 1);
        _hasBias = hasBias;
        _sums = new float[OutputSize];
        Gradients = new AlignedBuffer(weights.Length);
        WeightsChanged();
    }

    public override AlignedBuffer WeightRows => _weights;

    public override int WeightRow => _weightRow;

    public override AlignedBuffer Gradients { get; }

    public override long WeightScratchFloats => ((long)GradientBlock.Rows * _blockRow) + _deltas.Floats;

    public override void WeightsChanged()
    {
        for (int output = 0; output < OutputSize; output++)
        {
            Weights.FillRow(output, _weights.Pointer + (output * _weightRow));
        }
    }

    public override void AddWeightGradients(in GradientFrame frame, bool isFirst, int share, int shares)
    {
        if (share != 0)
        {
            return;
        }

        if (isFirst)
        {
            Gradients.Span.Clear();
            _sums.AsSpan().Clear();
        }

        float* inputs = frame.Scratch;
        float* deltas = inputs + ((nint)GradientBlock.Rows * _blockRow);
        new Span<float>(inputs, GradientBlock.Rows * _blockRow).Clear();
        int rows = 0;
        for (nint at = frame.Steps.Total - 1; at >= 0; at--)
        {
            float* delta = frame.Trace + (at * DeltaRow);
            new ReadOnlySpan<float>(frame.Input + (at * frame.InputRow), InputSize).CopyTo(new Span<float>(inputs + ((nint)rows * _blockRow), InputSize));
            _deltas.CopyRow(delta, deltas, rows);
            for (int output = 0; output < OutputSize; output++)
            {
                _sums[output] += delta[output];
            }

            rows++;
            if (rows == GradientBlock.Rows)
            {
                AddBlock(inputs, deltas, rows);
                rows = 0;
            }
        }

        AddBlock(inputs, deltas, rows);
    }

    public override void BiasGradients(IVectorDestination destination)
    {
        if (_hasBias)
        {
            _sums.AsSpan().CopyTo(destination.Gradient(DenseKernel.Bias));
        }
    }

    private void AddBlock(float* inputs, float* deltas, int rows)
    {
        int widest = (TVector.HasWideRegisterFile ? TileDispatch<TVector>.MaxWidth : 2) * TVector.Count;
        for (int column = 0; rows > 0 && column < _weightRow; column += widest)
        {
            int width = Math.Min(widest, _weightRow - column);
            GradientBlock.Add<TVector>(
                BlockInputs.Copied(deltas, _deltas), inputs + column, _blockRow, rows, _zeros.Pointer,
                Gradients.Pointer + column, _weightRow, width / TVector.Count, starts: false);
        }
    }
}
