using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>A figure of merit of point forecasts; see <see cref="ForecastMetrics"/>.</summary>
public enum ForecastMetric
{
    /// <summary>Mean squared error.</summary>
    Mse,

    /// <summary>Root of the mean squared error.</summary>
    Rmse,

    /// <summary>Mean absolute error.</summary>
    Mae,

    /// <summary>Mean absolute percentage error.</summary>
    Mape,

    /// <summary>Symmetric mean absolute percentage error.</summary>
    Smape,
}

/// <summary>Forecasts beside what came, and their errors, in all or by target step and channel.</summary>
public sealed class ForecastTable
{
    /// <summary>A table over values that are not copied.</summary>
    /// <param name="truth">[n, H, C].</param>
    /// <param name="forecast">[n, H, C].</param>
    /// <param name="horizon">H: target steps.</param>
    /// <param name="channels">The C channels' names.</param>
    /// <exception cref="ArgumentException">The values are not n x H x C of both, n at least 1.</exception>
    public ForecastTable(ReadOnlyMemory<float> truth, ReadOnlyMemory<float> forecast, int horizon, params ReadOnlySpan<string> channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        int size = checked(horizon * channels.Length);
        if (size == 0 || truth.IsEmpty || truth.Length != forecast.Length || truth.Length % size != 0)
        {
            throw new ArgumentException(
                $"There are {truth.Length} true and {forecast.Length} forecast values; wanted as many of both, a multiple of H x C = {horizon} x {channels.Length}.",
                nameof(truth));
        }

        Truth = truth;
        Forecast = forecast;
        Horizon = horizon;
        Channels = [.. channels];
        Count = truth.Length / size;
    }

    /// <summary>n: the number of forecasts.</summary>
    public int Count { get; }

    /// <summary>H: target steps.</summary>
    public int Horizon { get; }

    /// <summary>The C channels' names.</summary>
    public ImmutableArray<string> Channels { get; }

    /// <summary>[n, H, C]: what came.</summary>
    public ReadOnlyMemory<float> Truth { get; }

    /// <summary>[n, H, C]: what was forecast.</summary>
    public ReadOnlyMemory<float> Forecast { get; }

    /// <summary>Asks a forecaster for every window.</summary>
    /// <param name="forecaster">The forecaster.</param>
    /// <param name="windows">Windows of the forecaster's sizes; where every step has targets, those of the last one count.</param>
    /// <exception cref="ArgumentException">The forecaster has other sizes than the windows.</exception>
    public static ForecastTable Of(IForecaster forecaster, WindowSet windows)
    {
        ArgumentNullException.ThrowIfNull(forecaster);
        ArgumentNullException.ThrowIfNull(windows);
        RequireFit(forecaster, windows);
        float[] x = new float[windows.InputLength * windows.InputSize];
        float[] truth = TruthOf(windows), forecast = new float[truth.Length];
        for (int window = 0; window < windows.Count; window++)
        {
            windows.CopyInputs([window], x);
            forecaster.Forecast(x, forecast.AsSpan(window * windows.TargetSize, windows.TargetSize));
        }

        return new ForecastTable(truth, forecast, windows.Horizon, windows.Targets.AsSpan());
    }

    /// <summary>The targets of every window's last step: [n, H x C].</summary>
    public static float[] TruthOf(WindowSet windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        float[] truth = new float[checked(windows.Count * windows.TargetSize)];
        float[] y = new float[windows.TargetTime * windows.TargetSize];
        for (int window = 0; window < windows.Count; window++)
        {
            windows.CopyTargets([window], y);
            y.AsSpan(y.Length - windows.TargetSize).CopyTo(truth.AsSpan(window * windows.TargetSize));
        }

        return truth;
    }

    /// <summary>A figure over all forecasts, of one target step or all, of one channel or all.</summary>
    /// <exception cref="ArgumentException">There is no such channel.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such target step.</exception>
    public double Score(ForecastMetric metric, int? step = null, string? channel = null)
    {
        if (step is null && channel is null)
        {
            return Measure(metric, Truth.Span, Forecast.Span);
        }

        return Measure(metric, Pick(Truth.Span, step, channel), Pick(Forecast.Span, step, channel));
    }

    /// <summary>A figure for each of the H target steps.</summary>
    /// <exception cref="ArgumentException">There is no such channel.</exception>
    public double[] ByStep(ForecastMetric metric, string? channel = null)
    {
        double[] scores = new double[Horizon];
        for (int h = 0; h < Horizon; h++)
        {
            scores[h] = Score(metric, h, channel);
        }

        return scores;
    }

    internal static void RequireFit(IForecaster forecaster, WindowSet windows)
    {
        int channels = windows.TargetSize / windows.Horizon;
        if (forecaster.InputSize != windows.InputSize || forecaster.OutputSize != channels || forecaster.Horizon != windows.Horizon
            || forecaster.MinHistory > windows.InputLength)
        {
            throw new ArgumentException(
                $"The forecaster goes from {forecaster.MinHistory} steps of {forecaster.InputSize} values to {forecaster.Horizon} of {forecaster.OutputSize}; "
                + $"the windows from {windows.InputLength} of {windows.InputSize} to {windows.Horizon} of {channels}.",
                nameof(forecaster));
        }
    }

    private static double Measure(ForecastMetric metric, ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast) => metric switch
    {
        ForecastMetric.Mse => ForecastMetrics.MeanSquaredError(truth, forecast),
        ForecastMetric.Rmse => ForecastMetrics.RootMeanSquaredError(truth, forecast),
        ForecastMetric.Mae => ForecastMetrics.MeanAbsoluteError(truth, forecast),
        ForecastMetric.Mape => ForecastMetrics.MeanAbsolutePercentageError(truth, forecast),
        ForecastMetric.Smape => ForecastMetrics.SymmetricMeanAbsolutePercentageError(truth, forecast),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "Unknown metric; use Mse, Rmse, Mae, Mape or Smape."),
    };

    private float[] Pick(ReadOnlySpan<float> values, int? step, string? channel)
    {
        if (step is { } h && (uint)h >= (uint)Horizon)
        {
            throw new ArgumentOutOfRangeException(nameof(step), h, $"Target step must be 0 to {Horizon - 1}.");
        }

        int c = channel is null ? -1 : Channels.IndexOf(channel, 0, StringComparer.Ordinal);
        if (channel is not null && c < 0)
        {
            throw new ArgumentException($"There is no channel '{channel}'; there are {string.Join(", ", Channels)}.", nameof(channel));
        }

        (int firstStep, int steps) = step is { } chosen ? (chosen, 1) : (0, Horizon);
        (int firstChannel, int channels) = c >= 0 ? (c, 1) : (0, Channels.Length);
        float[] picked = new float[Count * steps * channels];
        for (int i = 0, at = 0; i < Count; i++)
        {
            for (int k = 0; k < steps; k++, at += channels)
            {
                int source = (((i * Horizon) + firstStep + k) * Channels.Length) + firstChannel;
                values.Slice(source, channels).CopyTo(picked.AsSpan(at));
            }
        }

        return picked;
    }
}
