using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>
/// Reads a model's outputs as normal distributions: [H, C, 2], mean and natural logarithm of the variance of one channel and target
/// step side by side (Nix and Weigend 1994). Such a model's last layer has 2 H C linear outputs.
/// </summary>
public sealed class GaussianHead
{
    // Beyond these a variance leaves float's range when it is taken out of its logarithm.
    private const float LeastLogVariance = -60, MostLogVariance = 60;

    /// <summary>A layout of outputs.</summary>
    /// <param name="horizon">H: target steps.</param>
    /// <param name="channels">C: forecast channels.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public GaussianHead(int horizon, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        Horizon = horizon;
        Channels = channels;
    }

    /// <summary>H: target steps.</summary>
    public int Horizon { get; }

    /// <summary>C: forecast channels.</summary>
    public int Channels { get; }

    /// <summary>2 H C: what the model must give.</summary>
    public int OutputSize => checked(2 * Horizon * Channels);

    /// <summary>Copies means and standard deviations out of an output.</summary>
    /// <param name="output">[H, C, 2].</param>
    /// <param name="mean">[H, C].</param>
    /// <param name="deviation">[H, C]: exp(log variance / 2).</param>
    /// <exception cref="ArgumentException">A span has another size.</exception>
    public void Copy(ReadOnlySpan<float> output, Span<float> mean, Span<float> deviation)
    {
        RequireSize(output.Length);
        Require.Length(mean.Length, Horizon, Channels, 1, "H x C", nameof(mean));
        Require.Length(deviation.Length, Horizon, Channels, 1, "H x C", nameof(deviation));
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = output[2 * i];
            deviation[i] = (float)Math.Exp(LogVariance(output, i) / 2);
        }
    }

    /// <summary>Copies the p-quantiles out of an output: mean + z(p) x deviation.</summary>
    /// <param name="output">[H, C, 2].</param>
    /// <param name="level">p, between 0 and 1.</param>
    /// <param name="forecast">[H, C].</param>
    /// <exception cref="ArgumentException">A span has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The level is not between 0 and 1.</exception>
    public void CopyQuantile(ReadOnlySpan<float> output, double level, Span<float> forecast)
    {
        RequireSize(output.Length);
        Require.Length(forecast.Length, Horizon, Channels, 1, "H x C", nameof(forecast));
        ForecastMetrics.RequireLevel(level);
        double z = level == 0.5 ? 0 : QuantileMath.OfNormal(level);
        for (int i = 0; i < forecast.Length; i++)
        {
            forecast[i] = (float)(output[2 * i] + (z * Math.Exp(LogVariance(output, i) / 2)));
        }
    }

    /// <summary>
    /// The mean negative logarithm of the density of the truth: mean of (log v + (y - m)^2 / v + log 2 pi) / 2.
    /// </summary>
    /// <param name="output">[H, C, 2].</param>
    /// <param name="truth">[H, C].</param>
    /// <exception cref="ArgumentException">A span has another size.</exception>
    public double NegativeLogLikelihood(ReadOnlySpan<float> output, ReadOnlySpan<float> truth)
    {
        RequireSize(output.Length);
        Require.Length(truth.Length, Horizon, Channels, 1, "H x C", nameof(truth));
        double sum = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            double logVariance = LogVariance(output, i), error = (double)truth[i] - output[2 * i];
            sum += (logVariance + (error * error * Math.Exp(-logVariance)) + Math.Log(2 * Math.PI)) / 2;
        }

        return sum / truth.Length;
    }

    private static double LogVariance(ReadOnlySpan<float> output, int i) => Math.Clamp(output[(2 * i) + 1], LeastLogVariance, MostLogVariance);

    private void RequireSize(int found) => Require.Length(found, Horizon, Channels, 2, "H x C x 2", "output");
}
