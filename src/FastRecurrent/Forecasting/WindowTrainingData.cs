namespace FastRecurrent;

/// <summary>How windows become training samples.</summary>
public sealed record WindowTrainingOptions
{
    /// <summary>For a network whose input is a vector: the T steps of a window stand side by side, one input of T x I values.</summary>
    public bool AsVector { get; init; }

    /// <summary>
    /// First steps of a window whose targets do not count, since the network has seen too little by then; for windows where every
    /// step has targets. 0, the default, to T - 1.
    /// </summary>
    public int WarmUp { get; init; }

    /// <summary>
    /// Windows drawn anew in every epoch, each as likely as any other, so many of them; null, the default: every window once, by its
    /// number.
    /// </summary>
    public int? Draws { get; init; }

    /// <summary>Decides the draws.</summary>
    public ulong Seed { get; init; }

    internal void Validate(WindowSet windows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(WarmUp);
        if (Draws is { } draws)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1, nameof(Draws));
        }

        if (WarmUp >= windows.TargetTime && WarmUp > 0)
        {
            throw new ArgumentException(
                $"WarmUp leaves out {WarmUp} steps of windows with {windows.TargetTime} steps of targets, so that none is left; set EveryStep in the windows, or a shorter one.");
        }

        if (AsVector && windows.TargetTime > 1)
        {
            throw new ArgumentException(
                "A network whose input is a vector has one target a window; these windows have one at every step. Set EveryStep to false.");
        }
    }
}

/// <summary>The windows of a series as training data: sample k is window k, or the k-th of an epoch's draws. One trainer at a time.</summary>
public sealed class WindowTrainingData : ITrainingData
{
    private readonly WindowSet _windows;
    private readonly WindowTrainingOptions _options;
    private int[] _drawn = [];

    /// <summary>Training data over windows that are not copied.</summary>
    /// <exception cref="ArgumentException">The options do not fit the windows.</exception>
    public WindowTrainingData(WindowSet windows, WindowTrainingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(windows);
        _options = options ?? new();
        _options.Validate(windows);
        _windows = windows;
        int inputs = windows.InputLength * windows.InputSize;
        Shape = _options.AsVector
            ? new SampleShape(1, inputs, 1, windows.TargetSize)
            : new SampleShape(windows.InputLength, windows.InputSize, windows.TargetTime, windows.TargetSize) { HasWeights = _options.WarmUp > 0 };
    }

    /// <inheritdoc/>
    public int Count => _options.Draws ?? _windows.Count;

    /// <inheritdoc/>
    public SampleShape Shape { get; }

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
    {
        ReadOnlySpan<int> windows = _options.Draws is null ? samples : Draw(samples, epoch);
        if (_options.AsVector)
        {
            for (int row = 0; row < windows.Length; row++)
            {
                _windows.CopyInputs(windows.Slice(row, 1), batch.Input(0, row));
            }
        }
        else
        {
            _windows.CopyInputs(windows, batch.Inputs);
        }

        _windows.CopyTargets(windows, batch.Targets);
        if (Shape.HasWeights)
        {
            batch.Weights[..(_options.WarmUp * batch.Rows)].Clear();
        }
    }

    private ReadOnlySpan<int> Draw(ReadOnlySpan<int> samples, int epoch)
    {
        if (_drawn.Length < samples.Length)
        {
            _drawn = new int[samples.Length];
        }

        CounterRandom random = new(_options.Seed, (ulong)epoch);
        for (int i = 0; i < samples.Length; i++)
        {
            _drawn[i] = WindowOrder.Below(_windows.Count, random.Bits((ulong)samples[i]));
        }

        return _drawn.AsSpan(0, samples.Length);
    }
}
