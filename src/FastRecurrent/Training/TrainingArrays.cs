namespace FastRecurrent;

/// <summary>Training samples in arrays, one sample behind the other, as most data sets come.</summary>
public sealed class TrainingArrays : ITrainingData
{
    private readonly ReadOnlyMemory<float> _inputs;
    private readonly ReadOnlyMemory<float> _targets;
    private readonly ReadOnlyMemory<int> _lengths;
    private readonly ReadOnlyMemory<float> _weights;

    /// <summary>Samples in arrays, which are not copied.</summary>
    /// <param name="inputs">[count, T, I]; I follows from the length.</param>
    /// <param name="targets">[count, T', target]; the size of a target step follows from the length.</param>
    /// <param name="count">How many samples there are.</param>
    /// <param name="time">T; 1 for networks whose input is a vector.</param>
    /// <param name="targetTime">T'; 1, the default, for networks that end in a vector.</param>
    /// <exception cref="ArgumentException">A size is below 1, or an array is no whole number of samples.</exception>
    public TrainingArrays(ReadOnlyMemory<float> inputs, ReadOnlyMemory<float> targets, int count, int time, int targetTime = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(time, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetTime, 1);
        Count = count;
        _inputs = inputs;
        _targets = targets;
        Shape = new SampleShape(
            time, Features(inputs.Length, count, time, "T", nameof(inputs)), targetTime, Features(targets.Length, count, targetTime, "T'", nameof(targets)));
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public SampleShape Shape { get; private init; }

    /// <summary>[count]: each sample's number of steps, 0..T. Empty, the default: all have T.</summary>
    /// <exception cref="ArgumentException">There is not one length a sample, or one is outside 0..T.</exception>
    public ReadOnlyMemory<int> Lengths
    {
        get => _lengths;
        init
        {
            if (!value.IsEmpty && value.Length != Count)
            {
                throw new ArgumentException($"There are {value.Length} lengths for {Count} samples; wanted one a sample, or none.", nameof(value));
            }

            foreach (int length in value.Span)
            {
                if ((uint)length > (uint)Shape.Time)
                {
                    throw new ArgumentOutOfRangeException(nameof(value), length, $"Lengths must be 0 to T = {Shape.Time}.");
                }
            }

            _lengths = value;
            Shape = Shape with { HasLengths = !value.IsEmpty };
        }
    }

    /// <summary>
    /// What each step of a target counts in the loss, finite and 0 or above: [T'] the same for all samples (0 for warm-up steps, say),
    /// or [count, T']. Empty, the default: 1.
    /// </summary>
    /// <exception cref="ArgumentException">There is another number of weights.</exception>
    public ReadOnlyMemory<float> Weights
    {
        get => _weights;
        init
        {
            if (!value.IsEmpty && value.Length != Shape.TargetTime && value.Length != (long)Count * Shape.TargetTime)
            {
                throw new ArgumentException(
                    $"There are {value.Length} weights; wanted T' = {Shape.TargetTime}, or count x T' = {Count} x {Shape.TargetTime}.", nameof(value));
            }

            _weights = value;
            Shape = Shape with { HasWeights = !value.IsEmpty };
        }
    }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
    {
        for (int row = 0; row < samples.Length; row++)
        {
            CopyRow(_inputs.Span, samples[row], batch.Inputs, row, samples.Length, Shape.Time, Shape.InputSize);
            CopyRow(_targets.Span, samples[row], batch.Targets, row, samples.Length, Shape.TargetTime, Shape.TargetSize);
            if (Shape.HasWeights)
            {
                bool isShared = _weights.Length == Shape.TargetTime;
                CopyRow(_weights.Span, isShared ? 0 : samples[row], batch.Weights, row, samples.Length, Shape.TargetTime, 1);
            }

            if (Shape.HasLengths)
            {
                batch.Lengths[row] = _lengths.Span[samples[row]];
            }
        }
    }

    private static int Features(int found, int count, int time, string timeName, string name)
    {
        long steps = (long)count * time;
        return found > 0 && found % steps == 0
            ? (int)(found / steps)
            : throw new ArgumentException($"{name} has {found} values, which is no multiple of count x {timeName} = {count} x {time}.", name);
    }

    /// <summary>A sample's steps to one row of a time-major batch.</summary>
    private static void CopyRow(ReadOnlySpan<float> source, int sample, Span<float> destination, int row, int rows, int time, int size)
    {
        source = source.Slice(sample * time * size, time * size);
        for (int t = 0; t < time; t++)
        {
            source.Slice(t * size, size).CopyTo(destination.Slice(((t * rows) + row) * size, size));
        }
    }
}
