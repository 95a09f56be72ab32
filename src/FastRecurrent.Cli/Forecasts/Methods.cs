using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>A way to forecast a plan's targets: what it sees of the data, and how it is fitted on the rows known so far.</summary>
internal sealed record Method(string Name, WindowOptions Windows, Func<TimeSeries, IForecaster> Fit)
{
    /// <summary>Where a network's intervals go; null for methods without.</summary>
    public BandLog? Bands { get; init; }
}

/// <summary>The baselines that every score stands beside.</summary>
internal static class Methods
{
    public const string Naive = "naive", Seasonal = "seasonal", Linear = "linear", Dense = "dense";

    // More predictors than this gain a linear forecast nothing and cost seconds; more windows likewise.
    private const int MaxPredictors = 400, MaxWindows = 10_000;

    // Training windows lie over one another; without a small ridge the linear baseline would fit their noise.
    private const double LinearRidge = 1e-3;

    public static ImmutableArray<string> Names { get; } = [Naive, Seasonal, Linear, Dense];

    /// <summary>The baselines of a plan; no seasonal one where there is no season.</summary>
    public static IEnumerable<Method> Of(ForecastPlan plan, int threads) =>
        Names.Where(name => name != Seasonal || plan.Season > 1).Select(name => Named(name, plan, threads));

    /// <summary>A baseline by its name.</summary>
    public static Method Named(string name, ForecastPlan plan, int threads)
    {
        WindowOptions targets = new() { InputLength = 1, Horizon = plan.Horizon, Inputs = plan.Targets, Targets = plan.Targets };
        WindowOptions inputs = targets with { Inputs = plan.Inputs, InputLength = Math.Clamp(MaxPredictors / plan.Inputs.Length, 1, plan.Window) };
        return name switch
        {
            Naive => new("naive (the last value)", targets, _ => new NaiveForecaster(plan.Targets.Length, plan.Horizon)),
            Seasonal => new(
                $"seasonal naive ({Format.Counted(plan.Season, "step")} ago)", targets with { InputLength = plan.Season },
                _ => new NaiveForecaster(plan.Targets.Length, plan.Horizon, plan.Season)),
            Linear => new(
                $"linear autoregression ({Format.Counted(inputs.InputLength, "step")})", inputs,
                known => LinearForecaster.Fit(Training(known, inputs, plan.Season), LinearRidge)),
            _ => new($"dense ({Format.Counted(inputs.InputLength, "step")})", inputs, known => DenseForecaster.Fit(
                Training(known, inputs, plan.Season), new DenseForecasterOptions { Seed = (ulong)plan.Training.Seed, Threads = threads })),
        };
    }

    /// <summary>The plan's network as it was trained.</summary>
    public static Method Network(ForecastPlan plan, RecurrentModel model)
    {
        BandLog? bands = HasBands(plan) ? new() : null;
        return new(ForecastNames.Network(plan.Training), plan.Windows, _ => new NetworkForecaster(plan, model, bands)) { Bands = bands };
    }

    /// <summary>Whether a plan's network gives intervals; conformal ones only once they are calibrated.</summary>
    public static bool HasBands(ForecastPlan plan) =>
        plan.Intervals is IntervalKind.Quantile or IntervalKind.Gaussian || !plan.HalfWidths.IsEmpty;

    private static WindowSet Training(TimeSeries known, WindowOptions options, int season) =>
        new(known, options with { Step = Thinning.Step(known.Length - options.InputLength - options.Horizon + 1, MaxWindows, season) });
}
