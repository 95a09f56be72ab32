using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>
/// A forecaster of frames as one of single values: <see cref="TimeSeries.Framed"/> cuts a series into vectors of consecutive values, and
/// T frames one behind the other are T x size values of the series. What is forecast by frames can so be scored beside what is not.
/// </summary>
public sealed class FramedForecaster : IForecaster, IDisposable
{
    private readonly IForecaster _inner;

    /// <summary>A forecaster of values.</summary>
    /// <param name="inner">A forecaster from frames to frames of the same size; disposed with this one where it can be.</param>
    /// <exception cref="ArgumentException">Input and output of the forecaster have different sizes.</exception>
    public FramedForecaster(IForecaster inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (inner.InputSize != inner.OutputSize)
        {
            throw new ArgumentException(
                $"The forecaster goes from frames of {inner.InputSize} values to frames of {inner.OutputSize}; wanted the same size.", nameof(inner));
        }

        _inner = inner;
    }

    /// <inheritdoc/>
    public int InputSize => 1;

    /// <inheritdoc/>
    public int OutputSize => 1;

    /// <inheritdoc/>
    public int Horizon => _inner.Horizon * _inner.OutputSize;

    /// <inheritdoc/>
    public int MinHistory => _inner.MinHistory * _inner.InputSize;

    /// <inheritdoc/>
    /// <remarks>Of a longer history, the last whole frames are taken.</remarks>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ForecasterCheck.Steps(this, history, forecast);
        _inner.Forecast(history[^MinHistory..], forecast);
    }

    /// <summary>Disposes the inner forecaster where it can be.</summary>
    public void Dispose() => (_inner as IDisposable)?.Dispose();
}
