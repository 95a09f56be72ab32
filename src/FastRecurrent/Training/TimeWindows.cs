namespace FastRecurrent.Training;

/// <summary>A batch cut into windows of time, of which time-major memory holds each in one piece. One window where nothing is to be cut.</summary>
internal readonly ref struct TimeWindows
{
    private readonly SampleBatch _batch;
    private readonly int _steps;
    private readonly Span<int> _lengths;

    /// <summary>Windows of so many steps, 0 for one of all steps; <paramref name="lengths"/> is room for a value a row.</summary>
    public TimeWindows(SampleBatch batch, int steps, Span<int> lengths)
    {
        _batch = batch;
        _steps = steps;
        _lengths = lengths;
    }

    public int Count => CountOf(_batch.Shape, _steps);

    public static int CountOf(SampleShape shape, int steps) => steps == 0 ? 1 : ((shape.Time - 1) / steps) + 1;

    /// <summary>Steps of the input in a window.</summary>
    public int Time(int window) => _steps == 0 ? _batch.Shape.Time : Math.Min(_steps, _batch.Shape.Time - (window * _steps));

    public ReadOnlySpan<float> Inputs(int window) => Slice(_batch.Inputs, window, _batch.Shape.InputSize);

    public ReadOnlySpan<float> Targets(int window) => Slice(_batch.Targets, window, _batch.Shape.TargetSize);

    public ReadOnlySpan<float> Weights(int window) => Slice(_batch.Weights, window, 1);

    /// <summary>Each row's steps within a window; valid until the next call. Empty where all rows run to the end.</summary>
    public ReadOnlySpan<int> Lengths(int window)
    {
        if (_steps == 0 || _batch.Lengths.IsEmpty)
        {
            return _batch.Lengths;
        }

        for (int row = 0; row < _batch.Rows; row++)
        {
            _lengths[row] = Math.Clamp(_batch.Lengths[row] - (window * _steps), 0, Time(window));
        }

        return _lengths[.._batch.Rows];
    }

    private ReadOnlySpan<float> Slice(ReadOnlySpan<float> values, int window, int size) => _steps == 0 || values.IsEmpty
        ? values
        : values.Slice(window * _steps * _batch.Rows * size, Time(window) * _batch.Rows * size);
}
