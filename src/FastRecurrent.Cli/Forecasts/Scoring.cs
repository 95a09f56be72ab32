using System.Collections.Immutable;
using System.Diagnostics;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>A method's forecasts beside what came.</summary>
/// <param name="Name">The method.</param>
/// <param name="Table">[n, H, C] in the targets' units.</param>
/// <param name="Bands">Its intervals, or null.</param>
/// <param name="Seconds">How long fitting and forecasting took.</param>
internal sealed record ForecastScore(string Name, ForecastTable Table, BandLog? Bands, double Seconds)
{
    /// <summary>The row, of those forecast in, of the last forecast's first step.</summary>
    public int LastTarget { get; init; }

    public double Error(ForecastMetric metric, string target, int? step = null) => Table.Score(metric, step, target);

    /// <summary>The mean absolute scaled error; not a number where the training rows repeat every season exactly.</summary>
    public double ScaledError(ForecastPlan plan, string target)
    {
        double naive = plan.NaiveErrors[plan.Targets.IndexOf(target)];
        return naive > 0 ? Error(ForecastMetric.Mae, target) / naive : double.NaN;
    }

    /// <summary>The share of the truth within the intervals; null without intervals.</summary>
    public double? Coverage(string target) => Bands is null
        ? null
        : ForecastMetrics.Coverage(Of(target, Table.Truth.ToArray()), Of(target, Bands.Lower), Of(target, Bands.Upper));

    /// <summary>The mean pinball loss of the intervals' ends; null without intervals.</summary>
    public double? Pinball(ForecastPlan plan, string target)
    {
        if (Bands is null)
        {
            return null;
        }

        float[] truth = Of(target, Table.Truth.ToArray());
        double lower = ForecastMetrics.Pinball(truth, Of(target, Bands.Lower), plan.Levels[0]);
        double upper = ForecastMetrics.Pinball(truth, Of(target, Bands.Upper), plan.Levels[^1]);
        return (lower + upper) / 2;
    }

    private float[] Of(string target, IReadOnlyList<float> values)
    {
        int channels = Table.Channels.Length, channel = Table.Channels.IndexOf(target);
        return [.. Enumerable.Range(0, values.Count / channels).Select(i => values[(i * channels) + channel])];
    }
}

/// <summary>Forecasts from many origins, of every method at the same ones.</summary>
internal static class Scoring
{
    // Beyond so many forecasts a figure changes no more, and the run gets long; a recursive forecast is as much work as H.
    private const int MaxForecasts = 4000, LeastForecasts = 200;

    /// <summary>The rows before the first target that the methods read.</summary>
    public static int Lead(IEnumerable<Method> methods) => methods.Max(method => method.Windows.InputLength);

    /// <summary>How many forecasts there are in some rows, and the rows from one to the next.</summary>
    public static (int Count, int Step) Spread(ForecastPlan plan, int rows, int lead)
    {
        int all = rows - lead - plan.Horizon + 1, most = plan.IsRecursive ? Math.Max(LeastForecasts, MaxForecasts / plan.Horizon) : MaxForecasts;
        int step = Thinning.Step(all, most, plan.Season);
        return (1 + ((all - 1) / step), step);
    }

    /// <summary>Forecasts within a part of the rows, inputs included, from fitted methods.</summary>
    /// <param name="methods">The methods; all are fitted on the same rows.</param>
    /// <param name="known">The rows to fit on.</param>
    /// <param name="part">The rows to forecast in.</param>
    /// <param name="plan">What is forecast.</param>
    /// <param name="stop">Ends between two methods.</param>
    public static ImmutableArray<ForecastScore> Of(IReadOnlyList<Method> methods, TimeSeries known, TimeSeries part, ForecastPlan plan, CancellationToken stop)
    {
        int lead = Lead(methods);
        (_, int step) = Spread(plan, part.Length, lead);
        ImmutableArray<ForecastScore>.Builder scores = ImmutableArray.CreateBuilder<ForecastScore>();
        foreach (Method method in methods)
        {
            stop.ThrowIfCancellationRequested();
            Screen.Progress($"forecasting: {method.Name}");
            long start = Stopwatch.GetTimestamp();
            IForecaster forecaster = method.Fit(known);
            using IDisposable? owned = forecaster as IDisposable;
            WindowSet windows = WindowSet.Targeting(part, lead.., method.Windows with { Step = step });
            ForecastTable table = ForecastTable.Of(forecaster, windows);
            scores.Add(new ForecastScore(method.Name, table, method.Bands, Stopwatch.GetElapsedTime(start).TotalSeconds)
            {
                LastTarget = windows.TargetRow(windows.Count - 1),
            });
        }

        Screen.EndProgress();
        return scores.ToImmutable();
    }
}
