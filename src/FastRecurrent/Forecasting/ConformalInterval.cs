using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>
/// Split-conformal intervals around any forecast: forecast +- the calibration errors' quantile, for each target step and channel of its
/// own. Where calibration and new errors are exchangeable, an interval of coverage c holds the truth with probability c or more
/// (Vovk, Gammerman and Shafer 2005; Lei et al. 2018). Immutable.
/// </summary>
public sealed class ConformalInterval
{
    private ConformalInterval(double coverage, int steps, ImmutableArray<float> halfWidths)
    {
        Coverage = coverage;
        Steps = steps;
        HalfWidths = halfWidths;
    }

    /// <summary>The share of the truth that the intervals shall hold.</summary>
    public double Coverage { get; }

    /// <summary>How many values a forecast has: H x channels.</summary>
    public int Steps { get; }

    /// <summary>Half the interval's width at each value of a forecast.</summary>
    public ImmutableArray<float> HalfWidths { get; }

    /// <summary>
    /// Takes, for each of a forecast's values, the k-th smallest of n absolute errors, k = ceil((n + 1) coverage).
    /// </summary>
    /// <param name="truth">[n, steps]: what came, on data that nothing was fitted on.</param>
    /// <param name="forecast">[n, steps]: what had been forecast.</param>
    /// <param name="steps">H x channels.</param>
    /// <param name="coverage">The share of the truth to hold, between 0 and 1.</param>
    /// <exception cref="ArgumentException">
    /// The spans are no whole number of forecasts, a value is not finite, or there are too few forecasts for this coverage: k must be at most n.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The coverage is not between 0 and 1.</exception>
    public static ConformalInterval Calibrate(ReadOnlySpan<float> truth, ReadOnlySpan<float> forecast, int steps, double coverage)
    {
        ForecastMetrics.RequireLevel(coverage);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        if (truth.IsEmpty || truth.Length != forecast.Length || truth.Length % steps != 0)
        {
            throw new ArgumentException(
                $"There are {truth.Length} true and {forecast.Length} forecast values; wanted as many of both, a multiple of {steps} steps.", nameof(truth));
        }

        int count = truth.Length / steps;
        int rank = (int)Math.Ceiling((count + 1) * coverage);
        if (rank > count)
        {
            throw new ArgumentException(
                $"{count} forecasts are too few to calibrate a coverage of {coverage}; wanted at least {(int)Math.Ceiling(coverage / (1 - coverage))}.",
                nameof(truth));
        }

        float[] errors = new float[count], widths = new float[steps];
        for (int step = 0; step < steps; step++)
        {
            for (int i = 0; i < count; i++)
            {
                errors[i] = Math.Abs(truth[(i * steps) + step] - forecast[(i * steps) + step]);
                if (!float.IsFinite(errors[i]))
                {
                    throw new ArgumentException($"Forecast {i} is not finite at value {step}; leave it out of the calibration.", nameof(forecast));
                }
            }

            Array.Sort(errors);
            widths[step] = errors[rank - 1];
        }

        return new ConformalInterval(coverage, steps, [.. widths]);
    }

    /// <summary>Puts intervals around forecasts.</summary>
    /// <param name="forecast">[n, steps].</param>
    /// <param name="lower">[n, steps].</param>
    /// <param name="upper">[n, steps].</param>
    /// <exception cref="ArgumentException">The spans have different lengths or are no whole number of forecasts.</exception>
    public void Around(ReadOnlySpan<float> forecast, Span<float> lower, Span<float> upper)
    {
        if (forecast.Length % Steps != 0 || lower.Length != forecast.Length || upper.Length != forecast.Length)
        {
            throw new ArgumentException(
                $"Found {forecast.Length} forecast values and room for {lower.Length} and {upper.Length}; wanted the same, a multiple of {Steps} steps.",
                nameof(forecast));
        }

        for (int i = 0; i < forecast.Length; i++)
        {
            float half = HalfWidths[i % Steps];
            lower[i] = forecast[i] - half;
            upper[i] = forecast[i] + half;
        }
    }
}
