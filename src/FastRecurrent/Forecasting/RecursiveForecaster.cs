using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>Makes the next step's input out of what was forecast for it, where the two are not the same (covariates).</summary>
/// <param name="step">The number of the forecast step, from 0.</param>
/// <param name="prediction">The C values that were forecast.</param>
/// <param name="input">The F values to fill; holds the input before it.</param>
public delegate void NextInput(int step, ReadOnlySpan<float> prediction, Span<float> input);

/// <summary>
/// Forecasts farther than a forecaster does by giving it its own forecasts as history: the window slides over them. Errors feed on
/// themselves; a direct forecaster (<see cref="ModelForecaster"/> with a horizon) has no such problem.
/// </summary>
public sealed class RecursiveForecaster : IForecaster, IDisposable
{
    private readonly IForecaster _inner;
    private readonly NextInput? _next;
    private readonly float[] _window;
    private readonly float[] _block;

    /// <summary>A recursive forecaster with buffers of its own.</summary>
    /// <param name="inner">What forecasts one step or a few at a time; disposed with this one where it can be.</param>
    /// <param name="horizon">H: how far.</param>
    /// <param name="next">How an input follows from a forecast; left out where they are the same values.</param>
    /// <exception cref="ArgumentException">Input and output have different sizes and nothing says how one follows from the other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is below 1.</exception>
    public RecursiveForecaster(IForecaster inner, int horizon, NextInput? next = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        NextInputs.Require(inner.InputSize, inner.OutputSize, next);
        _inner = inner;
        _next = next;
        _window = new float[inner.MinHistory * inner.InputSize];
        _block = new float[inner.Horizon * inner.OutputSize];
        Horizon = horizon;
    }

    /// <inheritdoc/>
    public int InputSize => _inner.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _inner.OutputSize;

    /// <inheritdoc/>
    public int Horizon { get; }

    /// <inheritdoc/>
    public int MinHistory => _inner.MinHistory;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ForecasterCheck.Steps(this, history, forecast);
        history[^_window.Length..].CopyTo(_window);
        for (int h = 0; h < Horizon; h += _inner.Horizon)
        {
            _inner.Forecast(_window, _block);
            int steps = Math.Min(_inner.Horizon, Horizon - h);
            _block.AsSpan(0, steps * OutputSize).CopyTo(forecast[(h * OutputSize)..]);
            for (int i = 0; i < steps; i++)
            {
                Slide(h + i, _block.AsSpan(i * OutputSize, OutputSize));
            }
        }
    }

    /// <summary>Disposes the inner forecaster where it can be.</summary>
    public void Dispose() => (_inner as IDisposable)?.Dispose();

    private void Slide(int step, ReadOnlySpan<float> prediction)
    {
        Span<float> last = _window.AsSpan(_window.Length - InputSize);
        if (_window.Length > InputSize)
        {
            _window.AsSpan(InputSize).CopyTo(_window);
        }

        NextInputs.Fill(_next, step, prediction, last);
    }
}
