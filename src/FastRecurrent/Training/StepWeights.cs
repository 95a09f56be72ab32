namespace FastRecurrent.Training;

/// <summary>The weight of each step of a batch, in the order of memory: the given one, and 0 behind a row's end.</summary>
internal readonly ref struct StepWeights
{
    private readonly ReadOnlySpan<float> _weights;
    private readonly ReadOnlySpan<int> _lengths;
    private readonly int _time;
    private readonly int _batch;
    private readonly bool _isBatchMajor;

    public StepWeights(int time, int batch, in LossOptions options)
    {
        if (!options.Weights.IsEmpty)
        {
            Require.Length(options.Weights.Length, time, batch, 1, "T x N x 1", nameof(options.Weights));
        }

        if (!options.Lengths.IsEmpty && options.Lengths.Length != batch)
        {
            throw new ArgumentException($"Lengths has {options.Lengths.Length} values; wanted N = {batch}.", nameof(options));
        }

        foreach (float weight in options.Weights)
        {
            if (!(weight >= 0 && float.IsFinite(weight)))
            {
                throw new ArgumentException($"A step has the weight {weight}; weights must be finite and 0 or above.", nameof(options));
            }
        }

        foreach (int length in options.Lengths)
        {
            if (length < 0 || length > time)
            {
                throw new ArgumentException($"A row has the length {length}; lengths must be 0 to T = {time}.", nameof(options));
            }
        }

        _weights = options.Weights;
        _lengths = options.Lengths;
        _time = time;
        _batch = batch;
        _isBatchMajor = options.Layout == SequenceLayout.BatchMajor;
        double sum = 0;
        for (int step = 0; step < Steps; step++)
        {
            sum += this[step];
        }

        Sum = sum;
    }

    /// <summary>T * N.</summary>
    public int Steps => _time * _batch;

    public double Sum { get; }

    public double this[int step]
    {
        get
        {
            if (!_lengths.IsEmpty)
            {
                (int outer, int inner) = Math.DivRem(step, _isBatchMajor ? _time : _batch);
                (int t, int n) = _isBatchMajor ? (inner, outer) : (outer, inner);
                if (t >= _lengths[n])
                {
                    return 0;
                }
            }

            return _weights.IsEmpty ? 1 : _weights[step];
        }
    }
}
