namespace FastRecurrent.Cli.Jobs;

/// <summary>The windows of a series as training data.</summary>
internal sealed class WindowSamples : ITrainingData
{
    private readonly WindowSet _windows;
    private readonly float[]? _stepWeights;
    private readonly bool _isFlat;

    /// <summary>Training data over windows that are not copied until a batch is asked for.</summary>
    /// <param name="windows">The windows; sample n is window n.</param>
    /// <param name="stepWeights">What each step of a target counts, [T']; null where all count the same.</param>
    /// <param name="isFlat">Whether a network without time takes the T steps side by side, as one vector of T x I.</param>
    public WindowSamples(WindowSet windows, float[]? stepWeights = null, bool isFlat = false)
    {
        if (stepWeights is not null && stepWeights.Length != windows.TargetTime)
        {
            throw new ArgumentException($"There are {stepWeights.Length} weights; wanted one for each of the {windows.TargetTime} steps of a target.", nameof(stepWeights));
        }

        _windows = windows;
        _stepWeights = stepWeights;
        _isFlat = isFlat;
        (int time, int inputs) = isFlat ? (1, windows.InputLength * windows.InputSize) : (windows.InputLength, windows.InputSize);
        Shape = new SampleShape(time, inputs, windows.TargetTime, windows.TargetSize) { HasWeights = stepWeights is not null };
    }

    public int Count => _windows.Count;

    public SampleShape Shape { get; }

    /// <summary>Weights of which the last step alone counts: what a forecast is judged by where every step has targets.</summary>
    public static float[] LastStep(int targetTime)
    {
        float[] weights = new float[targetTime];
        weights[^1] = 1;
        return weights;
    }

    public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
    {
        if (_isFlat)
        {
            for (int row = 0; row < samples.Length; row++)
            {
                _windows.CopyInputs(samples.Slice(row, 1), batch.Input(time: 0, row));
            }
        }
        else
        {
            _windows.CopyInputs(samples, batch.Inputs);
        }

        _windows.CopyTargets(samples, batch.Targets);
        for (int t = 0; _stepWeights is { } weights && t < weights.Length; t++)
        {
            batch.Weights.Slice(t * batch.Rows, batch.Rows).Fill(weights[t]);
        }
    }
}
