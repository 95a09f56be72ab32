using System.Collections.Immutable;
using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>
/// The baseline that every forecast must beat: the same as one season ago. A season of 1 is "the same as now"; of 24 hourly steps,
/// "the same as yesterday".
/// </summary>
public sealed class NaiveForecaster : IForecaster
{
    private readonly ImmutableArray<int> _channels;
    private readonly int _gap;

    /// <summary>A baseline.</summary>
    /// <param name="inputSize">F: values of one step of history.</param>
    /// <param name="horizon">H: steps to forecast.</param>
    /// <param name="season">Steps a season; 1 repeats the last value.</param>
    /// <param name="channels">The numbers of the channels to forecast; left out, all of them.</param>
    /// <param name="gap">Steps between the last one of the history and the first forecast one, left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, the gap below 0, or there is no such channel.</exception>
    public NaiveForecaster(int inputSize, int horizon, int season = 1, ImmutableArray<int> channels = default, int gap = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inputSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(season, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);
        _channels = channels.IsDefault ? [.. Enumerable.Range(0, inputSize)] : channels;
        ForecasterCheck.Channels(_channels.AsSpan(), inputSize);
        _gap = gap;
        InputSize = inputSize;
        Horizon = horizon;
        Season = season;
    }

    /// <summary>Steps a season.</summary>
    public int Season { get; }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => _channels.Length;

    /// <inheritdoc/>
    public int Horizon { get; }

    /// <inheritdoc/>
    public int MinHistory => Season;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        int steps = ForecasterCheck.Steps(this, history, forecast);
        for (int h = 0; h < Horizon; h++)
        {
            // Step gap + h behind the end, at the same place in the last whole season.
            int row = steps - Season + ((_gap + h) % Season);
            for (int c = 0; c < _channels.Length; c++)
            {
                forecast[(h * _channels.Length) + c] = history[(row * InputSize) + _channels[c]];
            }
        }
    }
}
