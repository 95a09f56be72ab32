using System.Globalization;

namespace FastRecurrent.Cli.Reports;

/// <summary>How values are laid along an axis.</summary>
internal enum AxisKind
{
    Linear,

    /// <summary>Logarithmic; values of 0 and below are left out.</summary>
    Log,

    /// <summary>Days since 1899-12-30, as <see cref="DateTime.ToOADate"/> counts them.</summary>
    Time,
}

/// <summary>A place on an axis with its label.</summary>
internal readonly record struct Tick(double Value, string Label);

/// <summary>An axis over some values: its range, where a value lies on it, 0..1, and its ticks at round numbers.</summary>
internal sealed class Axis
{
    private const int LeastTicks = 3;
    private const double LogPadding = 1.15; // of the range, beside the outermost value

    private Axis(AxisKind kind, double low, double high) => (Kind, Low, High) = (kind, low, high);

    public AxisKind Kind { get; }

    public double Low { get; }

    public double High { get; }

    /// <summary>An axis that holds these values.</summary>
    /// <param name="kind">How they are laid out.</param>
    /// <param name="low">The least value.</param>
    /// <param name="high">The greatest value.</param>
    /// <param name="padding">Free space at both ends, as a share of the range.</param>
    public static Axis Over(AxisKind kind, double low, double high, double padding = 0)
    {
        if (!(double.IsFinite(low) && double.IsFinite(high)))
        {
            (low, high) = kind == AxisKind.Log ? (0.1, 1) : (0, 1);
        }

        if (kind == AxisKind.Log)
        {
            return new Axis(kind, low / LogPadding, high * LogPadding);
        }

        double range = high - low;
        if (range == 0)
        {
            double around = kind == AxisKind.Time ? 1 : Math.Max(Math.Abs(low) * 0.1, 0.5);
            return new Axis(kind, low - around, high + around);
        }

        return new Axis(kind, low - (padding * range), high + (padding * range));
    }

    public bool Holds(double value) => double.IsFinite(value) && (Kind != AxisKind.Log || value > 0);

    /// <summary>Where a value lies, 0 at the low end and 1 at the high end.</summary>
    public double Place(double value) => Kind == AxisKind.Log
        ? Math.Log(value / Low) / Math.Log(High / Low)
        : (value - Low) / (High - Low);

    /// <summary>About this many ticks, at round numbers within the axis.</summary>
    public IReadOnlyList<Tick> Ticks(int about) => Kind switch
    {
        AxisKind.Log => LogTicks(about),
        AxisKind.Time => TimeTicks.Between(Low, High, about),
        _ => LinearTicks(about),
    };

    private List<Tick> LinearTicks(int about)
    {
        // The round step (1, 2 or 5 times a power of ten) that gives at most the wanted number.
        double raw = (High - Low) / Math.Max(1, about), power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = ((ReadOnlySpan<double>)[1, 2, 5, 10]).ToArray().First(factor => factor * power >= raw * 0.999) * power;
        int digits = Math.Max(0, -(int)Math.Floor(Math.Log10(step * 1.001)));
        bool isPower = Math.Max(Math.Abs(Low), Math.Abs(High)) >= 1e7 || digits > 5;
        List<Tick> ticks = [];
        for (double k = Math.Ceiling((Low / step) - 1e-9); (k * step) <= High + (1e-9 * step); k++)
        {
            double value = k == 0 ? 0 : k * step;
            ticks.Add(new Tick(value, value.ToString(isPower ? "0.###e0" : $"#,0.{new string('0', digits)}", CultureInfo.InvariantCulture)));
        }

        return ticks;
    }

    private List<Tick> LogTicks(int about)
    {
        int first = (int)Math.Floor(Math.Log10(Low)), last = (int)Math.Ceiling(Math.Log10(High));
        // Fewer than three powers of ten within the axis say too little.
        double[] factors = Math.Log10(High / Low) < 3 ? [1, 2, 5] : [1];
        int every = Math.Max(1, (last - first) / Math.Max(1, about));
        List<Tick> ticks = [];
        for (int exponent = first; exponent <= last; exponent++)
        {
            foreach (double factor in factors)
            {
                double value = factor * Math.Pow(10, exponent);
                if (value >= Low && value <= High && (factors.Length > 1 || exponent % every == 0))
                {
                    ticks.Add(new Tick(value, Markup.Number(value)));
                }
            }
        }

        // Within less than a factor of ten there may be but one; then the round numbers of an even axis do better.
        return ticks.Count >= LeastTicks ? ticks : [.. LinearTicks(about).Where(tick => tick.Value > 0)];
    }
}
