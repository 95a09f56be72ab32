using System.Collections.Immutable;
using FastRecurrent.Forecasting;

namespace FastRecurrent;

/// <summary>How a scaler finds each channel's offset and scale.</summary>
public enum ScalerKind
{
    /// <summary>Offset the mean, scale the (population) standard deviation.</summary>
    Standard,

    /// <summary>Offset the minimum, scale the range: training data come to 0..1.</summary>
    MinMax,

    /// <summary>Offset the median, scale the distance between the quartiles: outliers do not move it.</summary>
    Robust,
}

/// <summary>What happens to a channel with the same value in every training row, which no scale can bring to size.</summary>
public enum ConstantChannels
{
    /// <summary>An error that names the channel.</summary>
    Refuse,

    /// <summary>The channel stays as it is: offset 0, scale 1.</summary>
    LeaveUnscaled,
}

/// <summary>
/// Brings channels to a common size and back: y = (x - offset) / scale. Fitted on training rows alone. Immutable, and part of a
/// model file as JSON.
/// </summary>
public sealed partial class Scaler
{
    private Scaler(ScalerKind kind, ImmutableArray<string> names, ImmutableArray<double> offsets, ImmutableArray<double> scales)
    {
        Kind = kind;
        Names = names;
        Offsets = offsets;
        Scales = scales;
    }

    /// <summary>How the offsets and scales were found.</summary>
    public ScalerKind Kind { get; }

    /// <summary>The channels' names.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>What is taken off each channel, in the channel's own unit.</summary>
    public ImmutableArray<double> Offsets { get; }

    /// <summary>What each channel is divided by, in the channel's own unit; never 0.</summary>
    public ImmutableArray<double> Scales { get; }

    /// <summary>Finds offsets and scales.</summary>
    /// <param name="kind">How.</param>
    /// <param name="training">The training rows, and no others.</param>
    /// <param name="constants">What happens to a channel that never changes.</param>
    /// <exception cref="ArgumentException">There is no row, a value is not finite, or a channel never changes and that is refused.</exception>
    public static Scaler Fit(ScalerKind kind, TimeSeries training, ConstantChannels constants = ConstantChannels.Refuse)
    {
        ArgumentNullException.ThrowIfNull(training);
        if (training.Length == 0)
        {
            throw new ArgumentException("A scaler cannot be fitted on no rows.", nameof(training));
        }

        double[] offsets = new double[training.Channels], scales = new double[training.Channels];
        for (int channel = 0; channel < training.Channels; channel++)
        {
            float[] values = training.Column(channel);
            RequireFinite(values, training.Names[channel]);
            (offsets[channel], scales[channel]) = kind switch
            {
                ScalerKind.Standard => MeanAndDeviation(values),
                ScalerKind.MinMax => MinimumAndRange(values),
                ScalerKind.Robust => MedianAndQuartiles(values),
                _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown scaler; use Standard, MinMax or Robust."),
            };
            if (scales[channel] == 0)
            {
                if (constants == ConstantChannels.Refuse)
                {
                    throw new ArgumentException(
                        $"Channel '{training.Names[channel]}' {Constancy(kind)} over all {values.Length} training rows, so it cannot be scaled; leave it out or choose LeaveUnscaled.",
                        nameof(training));
                }

                (offsets[channel], scales[channel]) = (0, 1);
            }
        }

        return new Scaler(kind, training.Names, [.. offsets], [.. scales]);
    }

    /// <summary>The scaler of some of the channels, such as the forecast ones.</summary>
    /// <exception cref="ArgumentException">A channel is not there.</exception>
    public Scaler Select(params ReadOnlySpan<string> names)
    {
        int[] channels = new int[names.Length];
        for (int i = 0; i < names.Length; i++)
        {
            channels[i] = Names.IndexOf(names[i], 0, StringComparer.Ordinal);
            if (channels[i] < 0)
            {
                throw new ArgumentException($"The scaler has no channel '{names[i]}'; it has {string.Join(", ", Names)}.", nameof(names));
            }
        }

        return new Scaler(Kind, [.. names], [.. channels.Select(i => Offsets[i])], [.. channels.Select(i => Scales[i])]);
    }

    /// <summary>Scales rows.</summary>
    /// <param name="x">Rows of F values, in the channels' units.</param>
    /// <param name="y">The same rows scaled; may be x itself.</param>
    /// <exception cref="ArgumentException">The spans are no whole number of rows or have different lengths.</exception>
    public void Transform(ReadOnlySpan<float> x, Span<float> y)
    {
        RequireRows(x, y);
        for (int i = 0, channel = 0; i < x.Length; i++, channel = channel + 1 == Offsets.Length ? 0 : channel + 1)
        {
            y[i] = (float)((x[i] - Offsets[channel]) / Scales[channel]);
        }
    }

    /// <summary>Brings scaled rows back to the channels' units.</summary>
    /// <param name="y">Scaled rows of F values.</param>
    /// <param name="x">The same rows in the channels' units; may be y itself.</param>
    /// <exception cref="ArgumentException">The spans are no whole number of rows or have different lengths.</exception>
    public void Invert(ReadOnlySpan<float> y, Span<float> x)
    {
        RequireRows(y, x);
        for (int i = 0, channel = 0; i < y.Length; i++, channel = channel + 1 == Offsets.Length ? 0 : channel + 1)
        {
            x[i] = (float)((y[i] * Scales[channel]) + Offsets[channel]);
        }
    }

    /// <summary>A scaled series in memory of its own.</summary>
    /// <exception cref="ArgumentException">The series has other channels than the scaler was fitted on.</exception>
    public TimeSeries Transform(TimeSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (!series.Names.SequenceEqual(Names))
        {
            throw new ArgumentException(
                $"The series has the channels {string.Join(", ", series.Names)}; the scaler was fitted on {string.Join(", ", Names)}.", nameof(series));
        }

        float[] values = series.ToArray();
        Transform(values, values);
        return new TimeSeries(values, Names.AsSpan());
    }

    private static (double Offset, double Scale) MeanAndDeviation(float[] values)
    {
        double mean = 0, squares = 0;
        foreach (float value in values)
        {
            mean += value;
        }

        mean /= values.Length;
        foreach (float value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        // A constant's mean may be off by a rounding, which would give it a scale of 1e-9.
        return Array.TrueForAll(values, value => value == values[0]) ? (mean, 0) : (mean, Math.Sqrt(squares / values.Length));
    }

    private static (double Offset, double Scale) MinimumAndRange(float[] values) =>
        (values.Min(), (double)values.Max() - values.Min());

    private static (double Offset, double Scale) MedianAndQuartiles(float[] values)
    {
        Array.Sort(values);
        return (QuantileMath.OfSorted(values, 0.5), QuantileMath.OfSorted(values, 0.75) - QuantileMath.OfSorted(values, 0.25));
    }

    private static string Constancy(ScalerKind kind) =>
        kind == ScalerKind.Robust ? "has the same value between its quartiles" : "has the same value";

    private static void RequireFinite(float[] values, string name)
    {
        int bad = Array.FindIndex(values, value => !float.IsFinite(value));
        if (bad >= 0)
        {
            throw new ArgumentException($"Channel '{name}' is {values[bad]} in row {bad}; fill or leave out what is missing before scaling.");
        }
    }

    private void RequireRows(ReadOnlySpan<float> from, Span<float> to)
    {
        if (from.Length % Offsets.Length != 0 || to.Length != from.Length)
        {
            throw new ArgumentException(
                $"Found {from.Length} values and room for {to.Length}; wanted both a whole number of rows of {Offsets.Length} channels.");
        }
    }
}
