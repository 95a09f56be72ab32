namespace FastRecurrent.Forecasting;

/// <summary>Mean and deviation of each channel over the windows of a set: y = (x - mean) / deviation; a channel that never changes keeps its size.</summary>
internal sealed class ChannelScale
{
    private readonly double[] _means;
    private readonly double[] _deviations;

    private ChannelScale(double[] sums, double[] squares, long count)
    {
        _means = [.. sums.Select(sum => sum / count)];
        _deviations = [.. squares.Select((square, c) => Math.Sqrt(Math.Max(0, (square / count) - (_means[c] * _means[c])))).Select(Usable)];
    }

    /// <summary>The scales of inputs and targets.</summary>
    public static (ChannelScale Inputs, ChannelScale Targets) Of(WindowSet windows)
    {
        Sums inputs = new(windows.InputSize), targets = new(windows.TargetSize / windows.Horizon);
        float[] x = new float[windows.InputLength * windows.InputSize], y = new float[windows.TargetSize];
        for (int window = 0; window < windows.Count; window++)
        {
            windows.CopyInputs([window], x);
            windows.CopyTargets([window], y);
            inputs.Add(x);
            targets.Add(y);
        }

        return (inputs.ToScale(), targets.ToScale());
    }

    /// <summary>Scales whole rows of the channels, in place.</summary>
    public void Apply(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((values[i] - _means[i % _means.Length]) / _deviations[i % _means.Length]);
        }
    }

    /// <summary>Brings whole rows back, in place.</summary>
    public void Invert(Span<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((values[i] * _deviations[i % _means.Length]) + _means[i % _means.Length]);
        }
    }

    private static double Usable(double deviation) => deviation > 0 ? deviation : 1;

    /// <summary>Sums about each channel's first value, which keeps an offset from eating the digits.</summary>
    private sealed class Sums(int channels)
    {
        private readonly double[] _sums = new double[channels];
        private readonly double[] _squares = new double[channels];
        private float[]? _first;
        private long _count;

        public void Add(ReadOnlySpan<float> values)
        {
            _first ??= values[..channels].ToArray();
            for (int i = 0; i < values.Length; i++)
            {
                double value = (double)values[i] - _first[i % channels];
                _sums[i % channels] += value;
                _squares[i % channels] += value * value;
            }

            _count += values.Length / channels;
        }

        public ChannelScale ToScale()
        {
            ChannelScale scale = new(_sums, _squares, _count);
            for (int c = 0; c < channels; c++)
            {
                scale._means[c] += _first![c];
            }

            return scale;
        }
    }
}
