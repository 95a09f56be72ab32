using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>
/// Direct forecasts with a model: it sees the last T steps and gives all H target steps at once. A model that ends in a sequence gives
/// them at its last step.
/// </summary>
public sealed class ModelForecaster : IForecaster, IDisposable
{
    private readonly SequenceRunner _runner;
    private readonly float[] _output;
    private readonly int _length;

    /// <summary>A forecaster over a model, with buffers of its own.</summary>
    /// <param name="model">A model from [T, F] to H x C outputs.</param>
    /// <param name="length">T: steps of history that it sees.</param>
    /// <param name="horizon">H: target steps; the model's outputs must be a multiple of it.</param>
    /// <param name="threads">How many threads may work at once.</param>
    /// <exception cref="ArgumentException">The model's outputs are no multiple of the horizon, or its input is a vector and T is not 1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public ModelForecaster(RecurrentModel model, int length, int horizon = 1, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ModelDefinition definition = model.Definition;
        if (definition.OutputSize % horizon != 0)
        {
            throw new ArgumentException(
                $"The model has {definition.OutputSize} outputs, which is no multiple of a horizon of {horizon} steps.", nameof(horizon));
        }

        IsVector = definition.InputIsVector;
        InputSize = IsVector ? definition.InputSize / length : definition.InputSize;
        if (IsVector && InputSize * length != definition.InputSize)
        {
            throw new ArgumentException($"The model takes {definition.InputSize} values at once, which is no multiple of {length} steps.", nameof(length));
        }

        _length = length;
        _output = new float[definition.OutputTime(IsVector ? 1 : length) * definition.OutputSize];
        OutputSize = definition.OutputSize / horizon;
        Horizon = horizon;
        _runner = model.CreateRunner(IsVector ? 1 : length, maxBatch: 1, threads);
    }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize { get; }

    /// <inheritdoc/>
    public int Horizon { get; }

    /// <inheritdoc/>
    public int MinHistory => _length;

    // A network without time (Dense layers alone) takes the T steps side by side.
    private bool IsVector { get; }

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ForecasterCheck.Steps(this, history, forecast);
        _runner.Forward(history[^(_length * InputSize)..], IsVector ? 1 : _length, batch: 1, _output);
        _output.AsSpan(_output.Length - forecast.Length).CopyTo(forecast);
    }

    /// <summary>Ends the runner's threads.</summary>
    public void Dispose() => _runner.Dispose();
}
