using System.Collections.Immutable;
using FastRecurrent.Cli.Data;

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

    // Wide enough to follow the harmonics of a shaft; more steps gain little.
    private const int DenseUnits = 64, DenseSteps = 2000;

    private NotebookScores(NotebookOptions options, ImmutableArray<NotebookScore> all, NotebookScore? before, int season)
    {
        All = all;
        Before = before;
        SeasonLength = season;
        Interval = NotebookInterval.Of(Model.OneShot, run: 1);
        GeneratedInterval = NotebookInterval.Of(Model.Generated, run: options.Frame);
    }

    /// <summary>The model, then the baselines: naive, seasonal naive, linear, dense.</summary>
    public ImmutableArray<NotebookScore> All { get; }

    public NotebookScore Model => All[0];

    public NotebookScore Seasonal => All[2];

    public NotebookScore Linear => All[3];

    /// <summary>The model as it was in the checkpoint that the training went on from; null where it began anew.</summary>
    public NotebookScore? Before { get; }

    /// <summary>The model, what it was before, and the baselines: the rows of a table.</summary>
    public IEnumerable<NotebookScore> Rows => Before is { } before ? [Model, before, .. All.Skip(1)] : All;

    public int SeasonLength { get; }

    /// <summary>Intervals around the model's one-shot forecasts; null where there are too few origins.</summary>
    public NotebookInterval? Interval { get; }

    /// <summary>Intervals around what it generates, a width for each frame; null where there are too few origins.</summary>
    public NotebookInterval? GeneratedInterval { get; }

    /// <summary>The baseline with the least error in one shot.</summary>
    public NotebookScore BestBaseline => All.Skip(1).MinBy(score => score.OneShot.Score(ForecastMetric.Mse))!;

    /// <summary>Fits the baselines and forecasts with everything.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="before">The model that the training went on from, with its name, or null.</param>
    /// <param name="data">The series.</param>
    /// <param name="options">The windows' sizes.</param>
    /// <param name="stop">Ends it between two forecasters.</param>
    public static NotebookScores Of(
        RecurrentModel model, (RecurrentModel Model, string Name)? before, NotebookData data, NotebookOptions options, CancellationToken stop)
    {
        TimeSeries test = data.Series.Slice(data.Start..);
        WindowSet oneShot = new(test, new WindowOptions { InputLength = options.Window, Horizon = options.Frame, Step = options.Frame });
        WindowSet generated = new(test, new WindowOptions { InputLength = options.Window, Horizon = options.Generated, Step = options.Generated });
        int season = Season.Find(data.Series.Slice(..data.Start).ToArray(), options.Window);
        LinearForecaster linear = LinearForecaster.Fit(FrameWindows(data, options), LinearRidge);
        DenseForecasterOptions size = new() { HiddenSize = DenseUnits, Steps = DenseSteps, Seed = options.Seed, Threads = options.Threads };
        var dense = DenseForecaster.Fit(FrameWindows(data, options), size, stop);
        ImmutableArray<NotebookScore> scores =
        [
            Of(NotebookText.Name(options), model),
            Score("naive (the last value)", new NaiveForecaster(1, options.Frame), new NaiveForecaster(1, options.Generated)),
            Score(
                season == 1 ? "seasonal naive (no season found)" : $"seasonal naive ({season} steps ago)",
                new NaiveForecaster(1, options.Frame, season),
                new NaiveForecaster(1, options.Generated, season)),
            Again($"linear autoregression ({linear.MinHistory} values)", linear),
            Again($"dense ({dense.MinHistory} values, {DenseUnits} relu)", dense),
        ];
        return new NotebookScores(options, scores, before is { } earlier ? Of(earlier.Name, earlier.Model) : null, season);

        NotebookScore Of(string name, RecurrentModel network)
        {
            FramedForecaster frames = new(new ModelForecaster(network, options.Steps, threads: options.Threads));
            return Again(name, data.Scaler is { } scaler ? new ScaledForecaster(frames, scaler, scaler) : frames);
        }

        // A frame, and frame behind frame, each from the ones before; what forecasts is disposed of with it.
        NotebookScore Again(string name, IForecaster one)
        {
            using RecursiveForecaster many = new(one, options.Generated);
            return Score(name, one, many);
        }

        NotebookScore Score(string name, IForecaster one, IForecaster many)
        {
            stop.ThrowIfCancellationRequested();
            return new NotebookScore(name, ForecastTable.Of(one, oneShot), ForecastTable.Of(many, generated));
        }
    }

    /// <summary>Windows of the training rows, in the data's own unit: what the linear and the dense baseline learn from.</summary>
    private static WindowSet FrameWindows(NotebookData data, NotebookOptions options) => new(
        data.Series.Slice(..data.Start),
        new WindowOptions { InputLength = Math.Min(options.Window, LinearOrder), Horizon = options.Frame, Step = options.Stride });
}
