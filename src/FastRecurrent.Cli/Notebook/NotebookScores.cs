using System.Collections.Immutable;

namespace FastRecurrent.Cli.Notebook;

/// <summary>A forecaster's forecasts over the rows that nothing was trained on.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="OneShot">Forecasts of one frame, from many origins.</param>
/// <param name="Generated">Forecasts of many frames, each from the ones before, from fewer origins.</param>
internal sealed record NotebookScore(string Name, ForecastTable OneShot, ForecastTable Generated);

/// <summary>
/// The trained model and its baselines over all rows from the starting point on. All see the same window and are asked at the same
/// origins; the first origin of both tables is the course's.
/// </summary>
internal sealed class NotebookScores
{
    // What the linear baseline reads: more predictors than this gain nothing and cost seconds.
    private const int LinearOrder = 500;

    // Training windows lie over one another; without a small ridge the baseline would fit their noise.
    private const double LinearRidge = 1e-3;

    private const double Coverage = 0.9;
    private const int CalibrationShare = 2; // the later half calibrates, so that what is shown is not calibrated on

    private NotebookScores(ImmutableArray<NotebookScore> all, int season, ConformalInterval? interval, double? coverageFound)
    {
        All = all;
        SeasonLength = season;
        Interval = interval;
        CoverageFound = coverageFound;
    }

    /// <summary>The model first, then the baselines.</summary>
    public ImmutableArray<NotebookScore> All { get; }

    public NotebookScore Model => All[0];

    public int SeasonLength { get; }

    /// <summary>Intervals around the model's one-shot forecasts; null where there are too few origins.</summary>
    public ConformalInterval? Interval { get; }

    /// <summary>The share of the truth within the intervals, over the origins that they were not calibrated on.</summary>
    public double? CoverageFound { get; }

    /// <summary>The baseline with the least error in one shot.</summary>
    public NotebookScore BestBaseline => All.Skip(1).MinBy(score => score.OneShot.Score(ForecastMetric.Mse))!;

    public static NotebookScores Of(RecurrentModel model, NotebookData data, NotebookOptions options, CancellationToken stop)
    {
        TimeSeries test = data.Series.Slice(data.Start..);
        WindowSet oneShot = new(test, new WindowOptions { InputLength = options.Window, Horizon = options.Frame, Step = options.Frame });
        WindowSet generated = new(test, new WindowOptions { InputLength = options.Window, Horizon = options.Generated, Step = options.Generated });
        int season = Season.Find(data.Series.Slice(..data.Start).ToArray(), options.Window);
        LinearForecaster linear = LinearForecaster.Fit(LinearWindows(data, options), LinearRidge);
        IForecaster frame = Forecaster(model, data, options);
        using RecursiveForecaster frames = new(frame, options.Generated);
        List<NotebookScore> scores = [];
        Add(NotebookText.Name(options), frame, frames);
        Add("naive (the last value)", new NaiveForecaster(1, options.Frame), new NaiveForecaster(1, options.Generated));
        Add($"seasonal naive ({season} steps ago)", new NaiveForecaster(1, options.Frame, season), new NaiveForecaster(1, options.Generated, season));
        Add($"linear autoregression ({linear.MinHistory} values)", linear, new RecursiveForecaster(linear, options.Generated));
        (ConformalInterval? interval, double? found) = Intervals(scores[0].OneShot, options.Frame);
        return new NotebookScores([.. scores], season, interval, found);

        void Add(string name, IForecaster one, IForecaster many)
        {
            stop.ThrowIfCancellationRequested();
            scores.Add(new NotebookScore(name, ForecastTable.Of(one, oneShot), ForecastTable.Of(many, generated)));
        }
    }

    /// <summary>The model as a forecaster of the next frame's values, in the data's own unit.</summary>
    private static IForecaster Forecaster(RecurrentModel model, NotebookData data, NotebookOptions options)
    {
        FramedForecaster frames = new(new ModelForecaster(model, options.Steps, threads: options.Threads));
        return data.Scaler is { } scaler ? new ScaledForecaster(frames, scaler, scaler) : frames;
    }

    private static WindowSet LinearWindows(NotebookData data, NotebookOptions options) => new(
        data.Series.Slice(..data.Start),
        new WindowOptions { InputLength = Math.Min(options.Window, LinearOrder), Horizon = options.Frame, Step = options.Stride });

    private static (ConformalInterval? Interval, double? Found) Intervals(ForecastTable table, int frame)
    {
        int shown = (table.Count - (table.Count / CalibrationShare)) * frame;
        int count = table.Count / CalibrationShare;
        if (Math.Ceiling((count + 1) * Coverage) > count)
        {
            return (null, null);
        }

        ConformalInterval interval = ConformalInterval.Calibrate(table.Truth.Span[shown..], table.Forecast.Span[shown..], frame, Coverage);
        float[] lower = new float[shown], upper = new float[shown];
        interval.Around(table.Forecast.Span[..shown], lower, upper);
        return (interval, ForecastMetrics.Coverage(table.Truth.Span[..shown], lower, upper));
    }
}
