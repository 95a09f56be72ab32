using System.Collections.Immutable;

namespace FastRecurrent.Cli.Lecture;

/// <summary>What one model or baseline came to.</summary>
/// <param name="Name">Its name in tables.</param>
/// <param name="Label">Its name in legends.</param>
/// <param name="Task">What it forecasts.</param>
/// <param name="ValidationMse">Over the 20 % that the published figures are measured on.</param>
/// <param name="TestMse">Over the 10 % that nobody looked at.</param>
/// <param name="ByStep">The validation error at each of the H steps ahead.</param>
internal sealed record LectureResult(
    string Name, string Label, LectureTask Task, double ValidationMse, double TestMse, ImmutableArray<double> ByStep)
{
    /// <summary>The share of the truth that intervals shall hold.</summary>
    private const double Coverage = 0.9;

    /// <summary>The training; null for what was not trained by gradient, or trained for another result.</summary>
    public TrainedModel? Trained { get; init; }

    /// <summary>Whether a model for the next value was applied again and again.</summary>
    public bool IsRecursive { get; init; }

    public long Parameters { get; init; }

    /// <summary>The validation error in the lecture's own arithmetic.</summary>
    public float ValidationMseAsNumPy { get; init; }

    /// <summary>The published validation error; null where there is none or the data are others.</summary>
    public double? Published { get; init; }

    /// <summary>How ours stands to the published one; empty where there is none, or it was trained in another way.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>Intervals around the forecasts, from the errors on the validation series; null where those are too few.</summary>
    public ConformalInterval? Interval { get; init; }

    /// <summary>The share of the test series' truth that lies within the intervals.</summary>
    public double Covered { get; init; }

    /// <summary>The forecasts of the test series: [n, H].</summary>
    public ReadOnlyMemory<float> TestForecasts { get; init; }

    /// <summary>The result of a forecaster, disposed here where it can be.</summary>
    public static LectureResult Of(string name, string label, LectureTask task, IForecaster forecaster, LectureData data)
    {
        using IDisposable? owned = forecaster as IDisposable;
        ForecastTable validation = ForecastTable.Of(forecaster, data.Windows(data.Validation));
        ForecastTable test = ForecastTable.Of(forecaster, data.Windows(data.Test));
        bool isEnough = Math.Ceiling((validation.Count + 1) * Coverage) <= validation.Count;
        ConformalInterval? interval = isEnough ? ConformalInterval.Calibrate(validation.Truth.Span, validation.Forecast.Span, data.Horizon, Coverage) : null;
        return new LectureResult(
            name, label, task, validation.Score(ForecastMetric.Mse), test.Score(ForecastMetric.Mse), [.. validation.ByStep(ForecastMetric.Mse)])
        {
            ValidationMseAsNumPy = NumPyMean.SquaredError(validation.Truth.Span, validation.Forecast.Span, data.Horizon),
            TestForecasts = test.Forecast,
            Interval = interval,
            Covered = interval is null ? double.NaN : CoveredBy(interval, test),
        };
    }

    private static double CoveredBy(ConformalInterval interval, ForecastTable table)
    {
        float[] lower = new float[table.Forecast.Length], upper = new float[lower.Length];
        interval.Around(table.Forecast.Span, lower, upper);
        return ForecastMetrics.Coverage(table.Truth.Span, lower, upper);
    }
}
