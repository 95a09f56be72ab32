using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>
/// Reads a model's outputs as quantiles: [H, C, Q], the Q levels of one channel and target step one behind the other. Such a
/// model's last layer has H x C x Q outputs, and its loss is the pinball loss of each.
/// </summary>
public sealed class QuantileHead
{
    /// <summary>A layout of outputs.</summary>
    /// <param name="horizon">H: target steps.</param>
    /// <param name="channels">C: forecast channels.</param>
    /// <param name="levels">Q levels between 0 and 1, rising, such as 0.1, 0.5, 0.9.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1 or a level not between 0 and 1.</exception>
    /// <exception cref="ArgumentException">There is no level, or the levels do not rise.</exception>
    public QuantileHead(int horizon, int channels, params ReadOnlySpan<double> levels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        if (levels.IsEmpty)
        {
            throw new ArgumentException("A quantile head needs at least one level.", nameof(levels));
        }

        for (int q = 0; q < levels.Length; q++)
        {
            ForecastMetrics.RequireLevel(levels[q]);
            if (q > 0 && levels[q] <= levels[q - 1])
            {
                throw new ArgumentException($"Level {levels[q]} follows {levels[q - 1]}; give the levels in rising order.", nameof(levels));
            }
        }

        Horizon = horizon;
        Channels = channels;
        Levels = [.. levels];
    }

    /// <summary>H: target steps.</summary>
    public int Horizon { get; }

    /// <summary>C: forecast channels.</summary>
    public int Channels { get; }

    /// <summary>The Q levels, rising.</summary>
    public ImmutableArray<double> Levels { get; }

    /// <summary>H x C x Q: what the model must give.</summary>
    public int OutputSize => checked(Horizon * Channels * Levels.Length);

    /// <summary>
    /// Puts each step's quantiles into rising order, in place. Levels are learned one by one and may cross; sorting them never makes
    /// the pinball loss larger (Chernozhukov, Fernandez-Val and Galichon 2010).
    /// </summary>
    /// <exception cref="ArgumentException">The output has another size.</exception>
    public void Rearrange(Span<float> output)
    {
        RequireSize(output.Length);
        for (int at = 0; at < output.Length; at += Levels.Length)
        {
            output.Slice(at, Levels.Length).Sort();
        }
    }

    /// <summary>Copies one level out of an output.</summary>
    /// <param name="output">[H, C, Q].</param>
    /// <param name="level">The number of the level, 0..Q - 1.</param>
    /// <param name="forecast">[H, C].</param>
    /// <exception cref="ArgumentException">A span has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public void CopyLevel(ReadOnlySpan<float> output, int level, Span<float> forecast)
    {
        RequireSize(output.Length);
        Require.Length(forecast.Length, Horizon, Channels, 1, "H x C", nameof(forecast));
        if ((uint)level >= (uint)Levels.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, $"Level must be 0 to {Levels.Length - 1}.");
        }

        for (int i = 0; i < forecast.Length; i++)
        {
            forecast[i] = output[(i * Levels.Length) + level];
        }
    }

    /// <summary>The pinball loss, the mean over all levels, steps and channels; see <see cref="ForecastMetrics.Pinball"/>.</summary>
    /// <param name="output">[H, C, Q].</param>
    /// <param name="truth">[H, C].</param>
    /// <exception cref="ArgumentException">A span has another size.</exception>
    public double Pinball(ReadOnlySpan<float> output, ReadOnlySpan<float> truth)
    {
        RequireSize(output.Length);
        Require.Length(truth.Length, Horizon, Channels, 1, "H x C", nameof(truth));
        double sum = 0;
        for (int i = 0; i < output.Length; i++)
        {
            double level = Levels[i % Levels.Length], error = (double)truth[i / Levels.Length] - output[i];
            sum += Math.Max(level * error, (level - 1) * error);
        }

        return sum / output.Length;
    }

    private void RequireSize(int found) => Require.Length(found, Horizon, Channels, Levels.Length, "H x C x Q", "output");
}
