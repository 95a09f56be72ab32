namespace FastRecurrent.Forecasting;

/// <summary>The checks that every forecaster makes at its door.</summary>
internal static class ForecasterCheck
{
    /// <summary>The steps of a history, after checking it and the room for the forecast.</summary>
    public static int Steps(IForecaster forecaster, ReadOnlySpan<float> history, Span<float> forecast)
    {
        if (history.Length % forecaster.InputSize != 0)
        {
            throw new ArgumentException($"history has {history.Length} values; wanted a whole number of steps of {forecaster.InputSize}.", nameof(history));
        }

        int steps = history.Length / forecaster.InputSize;
        if (steps < forecaster.MinHistory)
        {
            throw new ArgumentException($"history has {steps} steps; this forecaster needs at least {forecaster.MinHistory}.", nameof(history));
        }

        Require.Length(forecast.Length, forecaster.Horizon, forecaster.OutputSize, 1, "H x C", nameof(forecast));
        return steps;
    }

    /// <summary>Chosen channels must exist.</summary>
    public static void Channels(ReadOnlySpan<int> channels, int inputSize)
    {
        if (channels.IsEmpty)
        {
            throw new ArgumentException("No channel to forecast was chosen.", nameof(channels));
        }

        foreach (int channel in channels)
        {
            if ((uint)channel >= (uint)inputSize)
            {
                throw new ArgumentOutOfRangeException(nameof(channels), channel, $"A channel must be 0 to {inputSize - 1}.");
            }
        }
    }
}
