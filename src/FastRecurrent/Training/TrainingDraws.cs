namespace FastRecurrent;

/// <summary>Writes one drawn sample into a row of a batch.</summary>
/// <param name="random">64 random bits, a function of the source's seed, the epoch and the sample's number: where a window starts, say.</param>
/// <param name="batch">The batch.</param>
/// <param name="row">The row to write.</param>
public delegate void TrainingDraw(ulong random, SampleBatch batch, int row);

/// <summary>
/// Samples that are drawn anew in every epoch, such as windows at random places of a long series. The same seed draws the same
/// samples on every machine, and after a resume.
/// </summary>
public sealed class TrainingDraws : ITrainingData
{
    private readonly TrainingDraw _draw;
    private readonly ulong _seed;

    /// <summary>A source of drawn samples.</summary>
    /// <param name="count">How many samples make an epoch.</param>
    /// <param name="shape">The sizes of a sample.</param>
    /// <param name="seed">What the random bits are a function of.</param>
    /// <param name="draw">Writes one sample; should allocate nothing.</param>
    /// <exception cref="ArgumentException">A size is below 1.</exception>
    public TrainingDraws(int count, SampleShape shape, ulong seed, TrainingDraw draw)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        shape.Validate();
        ArgumentNullException.ThrowIfNull(draw);
        Count = count;
        Shape = shape;
        _seed = seed;
        _draw = draw;
    }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public SampleShape Shape { get; }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
    {
        CounterRandom random = new(_seed, (ulong)epoch);
        for (int row = 0; row < samples.Length; row++)
        {
            _draw(random.Bits((ulong)samples[row]), batch, row);
        }
    }
}
