namespace FastRecurrent.Training;

/// <summary>What a random choice is for.</summary>
internal enum MaskKind
{
    Dropout,
    RecurrentDropout,
    HiddenZoneout,
    CellZoneout,
}

/// <summary>
/// The random choices of one kind, layer and direction in one forward pass, true with a probability: a function of these, the
/// caller's row, the step of the sequence and the feature alone. It is drawn anew wherever it is needed and never kept.
/// </summary>
internal readonly struct RandomMask
{
    private const int KindBits = 2;
    private readonly CounterRandom _random;
    private readonly ulong _threshold;

    /// <param name="seed">The model's.</param>
    /// <param name="passNumber">Which forward pass it is.</param>
    /// <param name="layer">The index in the definition.</param>
    /// <param name="isSecond">True for the second direction of a bidirectional layer.</param>
    /// <param name="kind">What for.</param>
    /// <param name="probability">Of true.</param>
    public RandomMask(ulong seed, ulong passNumber, int layer, bool isSecond, MaskKind kind, float probability)
    {
        ulong place = ((((ulong)layer << 1) | (isSecond ? 1UL : 0)) << KindBits) | (ulong)kind;
        _random = new CounterRandom(new CounterRandom(seed, passNumber).Bits(place), 0);
        _threshold = (ulong)(probability * (double)(1L << 32));
        Scale = 1 / (1 - probability);
    }

    /// <summary>What a value is multiplied by where the choice is false, so that its expectation stays.</summary>
    public float Scale { get; }

    /// <summary>The choices of a row and step.</summary>
    public MaskRow Of(int row, int step) => new(new CounterRandom(_random.Bits((ulong)row), (ulong)step), _threshold);
}

/// <summary>The choices of one row and step, feature by feature.</summary>
internal readonly struct MaskRow(CounterRandom random, ulong threshold)
{
    public bool this[int feature] => random.Bits((ulong)feature) >> 32 < threshold;
}
