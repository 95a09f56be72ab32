namespace FastRecurrent;

/// <summary>The sizes of a training sample, the same for all samples of a source.</summary>
/// <param name="Time">T: steps of the input, 1 for a network whose input is a vector. The longest, where lengths differ.</param>
/// <param name="InputSize">I: features of an input step.</param>
/// <param name="TargetTime">T': steps of the target, 1 for a network that ends in a vector.</param>
/// <param name="TargetSize">Values of a target step; what a loss wants for O outputs says <see cref="Loss.TargetSize"/>.</param>
public readonly record struct SampleShape(int Time, int InputSize, int TargetTime, int TargetSize)
{
    /// <summary>Whether samples have lengths of their own, 0..T.</summary>
    public bool HasLengths { get; init; }

    /// <summary>Whether the loss weighs the steps of a target.</summary>
    public bool HasWeights { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Time, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(InputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TargetTime, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(TargetSize, 1);
    }
}

/// <summary>The memory that a source of training data fills for one batch: time-major, as the network reads it.</summary>
public readonly ref struct SampleBatch
{
    internal SampleBatch(SampleShape shape, int rows, Span<float> inputs, Span<float> targets, Span<float> weights, Span<int> lengths)
    {
        Shape = shape;
        Rows = rows;
        Inputs = inputs;
        Targets = targets;
        Weights = weights;
        Lengths = lengths;
    }

    /// <summary>The sizes of a sample.</summary>
    public SampleShape Shape { get; }

    /// <summary>N, the samples of this batch.</summary>
    public int Rows { get; }

    /// <summary>[T, N, I].</summary>
    public Span<float> Inputs { get; }

    /// <summary>[T', N, target].</summary>
    public Span<float> Targets { get; }

    /// <summary>[T', N], 1 everywhere at first; empty where the shape has no weights.</summary>
    public Span<float> Weights { get; }

    /// <summary>[N], T everywhere at first; empty where the shape has no lengths.</summary>
    public Span<int> Lengths { get; }

    /// <summary>One step of one row's input, [I].</summary>
    public Span<float> Input(int time, int row) => Inputs.Slice(((time * Rows) + row) * Shape.InputSize, Shape.InputSize);

    /// <summary>One step of one row's target.</summary>
    public Span<float> Target(int time, int row) => Targets.Slice(((time * Rows) + row) * Shape.TargetSize, Shape.TargetSize);
}

/// <summary>
/// Where training samples come from. Samples have numbers, 0 to Count - 1, and come in an order that the trainer chooses. The same
/// number in the same epoch must always give the same values: a resumed training then continues bit for bit.
/// </summary>
public interface ITrainingData
{
    /// <summary>Samples of one epoch, at least 1.</summary>
    int Count { get; }

    /// <summary>The sizes of every sample.</summary>
    SampleShape Shape { get; }

    /// <summary>Writes samples into a batch, row n taking sample number <c>samples[n]</c>; should allocate nothing.</summary>
    /// <param name="samples">The numbers, one a row.</param>
    /// <param name="epoch">The epoch, counted from 0, for sources that draw their samples; 0 in a validation.</param>
    /// <param name="batch">Inputs and targets are to be written entirely; weights and lengths as far as they differ from 1 and T.</param>
    void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch);
}
