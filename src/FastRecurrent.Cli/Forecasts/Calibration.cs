using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>Conformal intervals around a network's forecasts, calibrated on the later half of the validation rows' forecasts.</summary>
/// <param name="HalfWidths">[H, C] in the targets' units.</param>
/// <param name="Found">The share of the earlier half's truth within the intervals.</param>
internal sealed record Calibration(ImmutableArray<float> HalfWidths, double? Found)
{
    /// <summary>Requires rows enough for the plan's intervals, before anything is trained.</summary>
    /// <exception cref="DataFormatException">There are too few forecasts for the coverage.</exception>
    public static void RequireRows(ForecastPlan plan, int heldRows)
    {
        int all = Scoring.Spread(plan, heldRows, plan.Window).Count, count = all - (all / 2);
        if (plan.Intervals == IntervalKind.Conformal && Math.Ceiling((count + 1) * plan.Coverage) > count)
        {
            throw new DataFormatException(
                plan.Data, 0, null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the validation rows give {Format.Counted(count, "forecast")} to calibrate intervals on, too few for a coverage of {plan.Coverage}; ")
                + "give a longer series, a larger --validation or a smaller --coverage");
        }
    }

    /// <summary>Forecasts the validation rows, and takes the errors of the later half.</summary>
    public static Calibration Of(ForecastPlan plan, RecurrentModel model, TimeSeries held)
    {
        ForecastScore score = Scoring.Of([Methods.Network(plan, model)], held, held, plan, CancellationToken.None)[0];
        int size = plan.Horizon * plan.Targets.Length, first = score.Table.Count / 2 * size;
        ReadOnlySpan<float> truth = score.Table.Truth.Span, forecast = score.Table.Forecast.Span;
        ConformalInterval interval = ConformalInterval.Calibrate(truth[first..], forecast[first..], size, plan.Coverage);
        float[] lower = new float[first], upper = new float[first];
        interval.Around(forecast[..first], lower, upper);
        return new Calibration(interval.HalfWidths, first > 0 ? ForecastMetrics.Coverage(truth[..first], lower, upper) : null);
    }
}
