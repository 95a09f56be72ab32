namespace FastRecurrent;

/// <summary>
/// Forecasts the next H steps of a series from the steps so far. A forecaster may own buffers: it is for one caller at a time.
/// </summary>
public interface IForecaster
{
    /// <summary>F: values of one step of history.</summary>
    int InputSize { get; }

    /// <summary>C: values of one forecast step.</summary>
    int OutputSize { get; }

    /// <summary>H: steps that are forecast.</summary>
    int Horizon { get; }

    /// <summary>The least number of steps of history that it needs.</summary>
    int MinHistory { get; }

    /// <summary>Forecasts.</summary>
    /// <param name="history">[T, F], oldest step first, T at least <see cref="MinHistory"/>.</param>
    /// <param name="forecast">[H, C].</param>
    /// <exception cref="ArgumentException">A span has another size, or the history is too short.</exception>
    void Forecast(ReadOnlySpan<float> history, Span<float> forecast);
}
