using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>
/// Recursive forecasts with a model that carries its state: it reads the whole history step by step, and then its own forecasts. One
/// step costs the same however long the history is. The model gives the next step at every step (sequence to sequence).
/// </summary>
public sealed class StreamingForecaster : IForecaster, IDisposable
{
    private readonly StreamingSession _session;
    private readonly NextInput? _next;
    private readonly float[] _input;
    private readonly float[] _output;

    /// <summary>A forecaster over a model, with a session of its own.</summary>
    /// <param name="model">A model from [T, F] to [T, C] that can be fed step by step.</param>
    /// <param name="horizon">H: how far.</param>
    /// <param name="next">How an input follows from a forecast; left out where they are the same values.</param>
    /// <exception cref="ArgumentException">Input and output have different sizes and nothing says how one follows from the other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is below 1.</exception>
    /// <exception cref="InvalidOperationException">The model cannot be fed step by step.</exception>
    public StreamingForecaster(RecurrentModel model, int horizon, NextInput? next = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        NextInputs.Require(model.Definition.InputSize, model.Definition.OutputSize, next);
        _next = next;
        _input = new float[model.Definition.InputSize];
        _output = new float[model.Definition.OutputSize];
        _session = model.CreateSession();
        Horizon = horizon;
    }

    /// <inheritdoc/>
    public int InputSize => _input.Length;

    /// <inheritdoc/>
    public int OutputSize => _output.Length;

    /// <inheritdoc/>
    public int Horizon { get; }

    /// <inheritdoc/>
    public int MinHistory => 1;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        int steps = ForecasterCheck.Steps(this, history, forecast);
        _session.Reset();
        for (int t = 0; t < steps; t++)
        {
            _session.Step(history.Slice(t * InputSize, InputSize), _output);
        }

        history[^InputSize..].CopyTo(_input);
        for (int h = 0; h < Horizon; h++)
        {
            _output.CopyTo(forecast.Slice(h * OutputSize, OutputSize));
            if (h + 1 < Horizon)
            {
                NextInputs.Fill(_next, h, _output, _input);
                _session.Step(_input, _output);
            }
        }
    }

    /// <summary>Ends the session.</summary>
    public void Dispose() => _session.Dispose();
}
