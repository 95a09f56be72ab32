using System.Collections.Immutable;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>The intervals of one forecast after another: [n, H, C] each.</summary>
internal sealed class BandLog
{
    public List<float> Lower { get; } = [];

    public List<float> Upper { get; } = [];
}

/// <summary>A plan's network as a forecaster in the columns' own units, with intervals where the plan has them.</summary>
internal sealed class NetworkForecaster : IForecaster, IDisposable
{
    private readonly ForecastPlan _plan;
    private readonly SequenceRunner _runner;
    private readonly BandLog? _log;
    private readonly ImmutableArray<double> _offsets;
    private readonly ImmutableArray<double> _scales;
    private readonly Scaler _targets;
    private readonly ImmutableArray<int> _places; // of the targets among an input step's channels, -1 for none
    private readonly float[] _scaled;
    private readonly float[] _x;
    private readonly float[] _output;
    private readonly float[] _lower;
    private readonly float[] _upper;

    /// <summary>A forecaster.</summary>
    /// <param name="plan">What the network goes from and to.</param>
    /// <param name="model">The network, of scaled values.</param>
    /// <param name="log">Told of every forecast's intervals; null for nobody.</param>
    public NetworkForecaster(ForecastPlan plan, RecurrentModel model, BandLog? log = null)
    {
        (_plan, _log) = (plan, log);
        _runner = model.CreateRunner(plan.Window, maxBatch: 1);
        ImmutableArray<string> channels = [.. plan.PastChannels, .. Enumerable.Repeat(plan.FutureChannels, plan.Horizon).SelectMany(names => names)];
        InputSize = channels.Length;
        Scaler scaler = plan.Scaler!;
        _offsets = [.. channels.Select(name => scaler.Names.IndexOf(name)).Select(i => i < 0 ? 0 : scaler.Offsets[i])];
        _scales = [.. channels.Select(name => scaler.Names.IndexOf(name)).Select(i => i < 0 ? 1 : scaler.Scales[i])];
        _targets = scaler.Select(plan.Targets.AsSpan());
        _places = [.. plan.Targets.Select(target => plan.PastChannels.IndexOf(target))];
        _scaled = new float[plan.Window * InputSize];
        _x = new float[plan.Window * model.Definition.InputSize];
        _output = new float[model.Definition.OutputSize];
        _lower = new float[Horizon * OutputSize];
        _upper = new float[Horizon * OutputSize];
    }

    /// <inheritdoc/>
    public int InputSize { get; }

    /// <inheritdoc/>
    public int OutputSize => _plan.Targets.Length;

    /// <inheritdoc/>
    public int Horizon => _plan.Horizon;

    /// <inheritdoc/>
    public int MinHistory => _plan.Window;

    /// <summary>[H, C]: the lower ends of the last forecast's intervals, where the plan has any.</summary>
    public ReadOnlySpan<float> Lower => _lower;

    /// <summary>[H, C]: the upper ends.</summary>
    public ReadOnlySpan<float> Upper => _upper;

    /// <inheritdoc/>
    public void Forecast(ReadOnlySpan<float> history, Span<float> forecast)
    {
        ReadOnlySpan<float> window = history[^_scaled.Length..];
        for (int i = 0; i < _scaled.Length; i++)
        {
            _scaled[i] = (float)((window[i] - _offsets[i % InputSize]) / _scales[i % InputSize]);
        }

        if (_plan.IsRecursive)
        {
            StepByStep(forecast);
        }
        else
        {
            _runner.Forward(_scaled, _plan.Window, batch: 1, _output);
            Decode(_scaled.AsSpan(_scaled.Length - InputSize), forecast, _lower, _upper);
        }

        _targets.Invert(forecast, forecast);
        if (_plan.Intervals == IntervalKind.Conformal && !_plan.HalfWidths.IsEmpty)
        {
            for (int i = 0; i < forecast.Length; i++)
            {
                (_lower[i], _upper[i]) = (forecast[i] - _plan.HalfWidths[i], forecast[i] + _plan.HalfWidths[i]);
            }
        }
        else
        {
            _targets.Invert(_lower, _lower);
            _targets.Invert(_upper, _upper);
        }

        _log?.Lower.AddRange(_lower);
        _log?.Upper.AddRange(_upper);
    }

    public void Dispose() => _runner.Dispose();

    /// <summary>
    /// Forecast j reads the steps j .. j + T - 1, counted from the window's first: those behind the window are forecasts. What is known of
    /// the step behind step k stands with step k, or for a k behind the window with its last step, k - T + 1 places on.
    /// </summary>
    private void StepByStep(Span<float> forecast)
    {
        int past = _plan.PastChannels.Length, future = _plan.FutureChannels.Length, time = _plan.Window, size = past + future;
        for (int j = 0; j < Horizon; j++)
        {
            for (int t = 0; t < time; t++)
            {
                int k = j + t, behind = Math.Max(0, k - time + 1);
                Span<float> x = _x.AsSpan(t * size, size);
                ReadOnlySpan<float> stored = _scaled.AsSpan(Math.Min(k, time - 1) * InputSize, InputSize);
                stored[..past].CopyTo(x);
                stored.Slice(past + (behind * future), future).CopyTo(x[past..]);
                for (int c = 0; c < OutputSize && k >= time; c++)
                {
                    if (_places[c] >= 0)
                    {
                        x[_places[c]] = forecast[((k - time) * OutputSize) + c];
                    }
                }
            }

            int at = j * OutputSize;
            _runner.Forward(_x, time, batch: 1, _output);
            Decode(_x.AsSpan((time - 1) * size, size), forecast.Slice(at, OutputSize), _lower.AsSpan(at, OutputSize), _upper.AsSpan(at, OutputSize));
        }
    }

    /// <summary>Outputs to scaled forecasts and interval ends.</summary>
    private void Decode(ReadOnlySpan<float> lastStep, Span<float> forecast, Span<float> lower, Span<float> upper)
    {
        int steps = forecast.Length / OutputSize;
        switch (_plan.Intervals)
        {
            case IntervalKind.Quantile:
                QuantileHead quantiles = new(steps, OutputSize, _plan.Levels);
                quantiles.Rearrange(_output);
                quantiles.CopyLevel(_output, 0, lower);
                quantiles.CopyLevel(_output, 1, forecast);
                quantiles.CopyLevel(_output, 2, upper);
                break;
            case IntervalKind.Gaussian:
                GaussianHead gaussian = new(steps, OutputSize);
                gaussian.CopyQuantile(_output, _plan.Levels[0], lower);
                gaussian.CopyQuantile(_output, _plan.Levels[1], forecast);
                gaussian.CopyQuantile(_output, _plan.Levels[2], upper);
                break;
            default:
                _output.CopyTo(forecast);
                forecast.CopyTo(lower);
                forecast.CopyTo(upper);
                break;
        }

        for (int i = 0; i < forecast.Length && _plan.IsChange; i++)
        {
            float last = lastStep[_places[i % OutputSize]];
            forecast[i] += last;
            lower[i] += last;
            upper[i] += last;
        }
    }
}
