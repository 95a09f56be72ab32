using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>A forecaster of scaled values as one of physical units: scales the history, asks, brings the forecast back.</summary>
public sealed class ScaledForecaster : IForecaster, IDisposable
{
    private readonly IForecaster _inner;
    private readonly Scaler _inputs;
    private readonly Scaler _outputs;
    private float[] _history = [];

    /// <summary>A forecaster in physical units.</summary>
    /// <param name="inner">The forecaster of scaled values; disposed with this one where it can be.</param>
    /// <param name="inputs">The scaler of the F inputs.</param>
    /// <param name="outputs">The scaler of the C outputs.</param>
    /// <exception cref="ArgumentException">A scaler has another number of channels.</exception>
    public ScaledForecaster(IForecaster inner, Scaler inputs, Scaler outputs)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        if (inputs.Names.Length != inner.InputSize || outputs.Names.Length != inner.OutputSize)
        {
            throw new ArgumentException(
                $"The scalers have {inputs.Names.Length} and {outputs.Names.Length} channels; wanted {inner.InputSize} inputs and {inner.OutputSize} outputs.",
                nameof(inputs));
        }

        (_inner, _inputs, _outputs) = (inner, inputs, outputs);
    }

    /// <inheritdoc/>
    public int InputSize => _inner.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _inner.OutputSize;

    /// <inheritdoc/>
    public int Horizon => _inner.Horizon;

    /// <inheritdoc/>
    public int MinHistory => _inner.MinHistory;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ForecasterCheck.Steps(this, history, forecast);
        if (_history.Length < history.Length)
        {
            _history = new float[history.Length];
        }

        Span<float> scaled = _history.AsSpan(0, history.Length);
        _inputs.Transform(history, scaled);
        _inner.Forecast(scaled, forecast);
        _outputs.Invert(forecast, forecast);
    }

    /// <summary>Disposes the inner forecaster where it can be.</summary>
    public void Dispose() => (_inner as IDisposable)?.Dispose();
}
