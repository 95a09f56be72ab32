using System.Collections.Immutable;
using System.Diagnostics;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Data;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Forecasts;

/// <summary>What <c>backtest</c> runs.</summary>
internal sealed record BacktestOptions
{
    public required string Data { get; init; }

    /// <summary>A model file; null for baselines alone.</summary>
    public string? Model { get; init; }

    /// <summary>The baseline that stands first; null for the naive one.</summary>
    public string? Method { get; init; }

    /// <summary>What baselines read and forecast, where there is no model.</summary>
    public required TrainOptions Columns { get; init; }

    /// <summary>H; null for the model's, or 12.</summary>
    public int? Horizon { get; init; }

    /// <summary>How often is forecast.</summary>
    public int Origins { get; init; } = 20;

    /// <summary>Rows between two forecasts; null for the horizon.</summary>
    public int? Stride { get; init; }

    /// <summary>Whether everything is fitted anew at every origin, on the rows known by then.</summary>
    public bool Refit { get; init; }

    public MissingValues? Missing { get; init; }

    public int Threads { get; init; } = 1;
}

/// <summary><c>backtest</c>: forecasts from rolling origins, each from nothing but the rows before it.</summary>
internal sealed class BacktestJob(BacktestOptions options, bool isJson, CancellationToken stop)
{
    private const int WindowsToFit = 2; // lengths of window and horizon that are wanted before the first origin
    private const int DefaultHorizon = 12;

    public int Run()
    {
        Setup setup = options.Model is null ? OfBaselines() : OfModel();
        (ForecastPlan plan, TimeSeries values, string name, List<string> notes, Func<ForecastPlan, Method>? network) = setup;
        int first = FirstOrigin(values.Length, plan.Horizon, name), wanted = LeastKnown(plan, network is not null);
        if (first < wanted)
        {
            throw new DataFormatException(
                name, 0, null,
                $"there {Format.Are(values.Length, "row")}, and {Spread(plan.Horizon)} leave {first} before the first one; wanted at least {wanted}. "
                + "Give a longer series, or a smaller --origins, --stride, --horizon or --window");
        }

        plan = plan with { NaiveErrors = ForecastTraining.NaiveErrorsOf(plan, values.Slice(..first)) };
        List<Method> methods = [.. Methods.Of(plan, options.Threads)];
        if (options.Method is { } chosen)
        {
            Method named = Methods.Named(chosen, plan, options.Threads);
            methods = [named, .. methods.Where(method => method.Name != named.Name)];
        }

        methods = network is null ? methods : [network(plan), .. methods];
        (ImmutableArray<ForecastScore> scores, ImmutableArray<int> origins) = Score(methods, values, plan, first);
        if (isJson)
        {
            Console.Out.WriteLine(JsonText.Object(json =>
            {
                json.WriteString("verb", "backtest");
                json.WriteString("data", name);
                json.WriteNumber("rows", values.Length);
                json.WriteString("model", options.Model);
                json.WriteNumber("horizon", plan.Horizon);
                json.WriteNumber("stride", Stride(plan.Horizon));
                json.WriteBoolean("refit", options.Refit);
                json.WriteStartArray("origins");
                foreach (int origin in origins)
                {
                    json.WriteNumberValue(origin + 1);
                }

                json.WriteEndArray();
                json.Strings("notes", notes);
                ScoreText.Write(json, scores, plan);
            }));
            return ExitCode.Success;
        }

        Console.Out.WriteLine($"Data: {Printable.Of(name)}, {Format.Counted(values.Length, "row")}");
        string fitted = options.Refit ? "fitted anew before each" : "fitted once, on the rows before the first";
        string rows = origins.Length == 1 ? $"from row {origins[0] + 1}" : $"from row {origins[0] + 1} to row {origins[^1] + 1}";
        Console.Out.WriteLine($"{Spread(plan.Horizon)}, {rows}; {fitted}");
        foreach (string note in notes)
        {
            Console.Out.WriteLine($"  {Printable.Of(note)}");
        }

        ScoreText.Print(scores, plan, "errors over all forecasts");
        ScoreText.PrintSteps(scores, plan);
        return ExitCode.Success;
    }

    private int Stride(int horizon) => options.Stride ?? horizon;

    /// <summary>The forecasts in words.</summary>
    private string Spread(int horizon)
    {
        string forecasts = $"{Format.Counted(options.Origins, "forecast")} of {Format.Counted(horizon, "step")}";
        return options.Origins == 1 ? forecasts : $"{forecasts}, {(Stride(horizon) == 1 ? "every row" : $"every {Stride(horizon)} rows")}";
    }

    /// <summary>
    /// Rows that are wanted before the first origin: two windows with their horizons, and a season; where a network is trained on them, a window
    /// with its horizon in the validation share too.
    /// </summary>
    private int LeastKnown(ForecastPlan plan, bool hasNetwork)
    {
        int window = plan.Window + plan.Horizon, least = Math.Max(WindowsToFit * window, plan.Season);
        double share = Math.Min(plan.Training.Validation, 1 - plan.Training.Validation);
        return hasNetwork && options.Refit ? Math.Max(least, (int)Math.Ceiling((window + 0.5) / share)) : least;
    }

    private int FirstOrigin(int rows, int horizon, string name)
    {
        long first = rows - ((options.Origins - 1L) * Stride(horizon)) - horizon;
        return first >= 1
            ? (int)first
            : throw new DataFormatException(
                name, 0, null,
                $"there {Format.Are(rows, "row")}, too few for {Spread(horizon)}; give a longer series, or a smaller --origins, --stride or --horizon");
    }

    private Setup OfBaselines()
    {
        TrainOptions columns = options.Columns with
        {
            Horizon = options.Horizon ?? DefaultHorizon,
            Missing = options.Missing ?? MissingValues.Refuse,
            Calendar = 0,
        };
        LoadedSeries loaded = Planning.Read(columns);
        ForecastPlan plan = Planning.Of(columns, loaded, FirstOrigin(loaded.Series.Length, columns.Horizon, loaded.Name));
        return new(plan, ForecastData.Of(plan, loaded).Values, loaded.Name, [.. loaded.Notes], null);
    }

    private Setup OfModel()
    {
        ModelData read = ModelData.Read(options.Model!, options.Data, options.Missing);
        ForecastPlan plan = read.Plan;
        if (options.Horizon is { } horizon && horizon != plan.Horizon)
        {
            plan = plan.IsRecursive && !Methods.HasBands(plan)
                ? plan with { Horizon = horizon }
                : throw new UsageException(
                    $"--horizon: found {horizon}; the model was trained to forecast {Format.Counted(plan.Horizon, "step")}. "
                    + $"Leave the option out, or train one with --horizon {horizon}.");
        }

        TimeSeries values = read.Data.Values.Slice(..read.Data.Rows);
        List<string> notes = [.. read.Data.Loaded.Notes];
        int first = FirstOrigin(values.Length, plan.Horizon, read.Data.Loaded.Name), trained = read.TrainedRows();
        if (!options.Refit && trained > first)
        {
            notes.Add(
                $"The model was trained on the first {Format.Counted(trained, "row")} of these, so that its figures from earlier origins are better than they "
                + "would be elsewhere; --refit trains it anew at each.");
        }

        return new(plan, values, read.Data.Loaded.Name, notes, options.Refit ? Refitted : fixedPlan => Methods.Network(fixedPlan, read.Model));

        Method Refitted(ForecastPlan refitted)
        {
            // Conformal half widths of the file belong to the file's network.
            ForecastPlan bare = refitted with { HalfWidths = [] };
            BandLog? bands = Methods.HasBands(plan) ? new() : null;
            return new Method(ForecastNames.Network(plan.Training), plan.Windows, known => Train(bare, known, read.Data.Loaded.Name, bands)) { Bands = bands };
        }
    }

    private NetworkForecaster Train(ForecastPlan plan, TimeSeries known, string name, BandLog? bands)
    {
        using ForecastTraining training = new(plan, known, name, options.Threads, checkpoint: null);
        RecurrentModel model = training.Run(progress: null, stop);
        stop.ThrowIfCancellationRequested();
        ForecastPlan trained = training.Plan;
        if (trained.Intervals == IntervalKind.Conformal)
        {
            trained = trained with { HalfWidths = Calibration.Of(trained, model, known.Slice(training.Split.Validation)).HalfWidths };
        }

        return new NetworkForecaster(trained, model, bands);
    }

    private (ImmutableArray<ForecastScore> Scores, ImmutableArray<int> Origins) Score(List<Method> methods, TimeSeries values, ForecastPlan plan, int first)
    {
        ImmutableArray<ForecastScore>.Builder scores = ImmutableArray.CreateBuilder<ForecastScore>();
        ImmutableArray<int> origins = [];
        foreach (Method method in methods)
        {
            int fits = 0;
            long start = Stopwatch.GetTimestamp();
            BacktestResult result = Backtest.Run(values, method.Windows with { Step = Stride(plan.Horizon) }, first, Fit, options.Refit ? 1 : 0);
            scores.Add(new ForecastScore(method.Name, result.Table, method.Bands, Stopwatch.GetElapsedTime(start).TotalSeconds));
            origins = result.Origins;

            IForecaster Fit(TimeSeries known)
            {
                stop.ThrowIfCancellationRequested();
                Screen.Progress($"{method.Name}: fit {++fits}{(options.Refit ? $" of {options.Origins}" : "")}");
                return method.Fit(known);
            }
        }

        Screen.EndProgress();
        return (scores.ToImmutable(), origins);
    }

    /// <summary>What is walked through.</summary>
    /// <param name="Plan">What is forecast from what.</param>
    /// <param name="Values">The plan's columns.</param>
    /// <param name="Name">The data's name.</param>
    /// <param name="Notes">What was done to the data, and what to know about the figures.</param>
    /// <param name="Network">The network as a method of a plan; null for baselines alone.</param>
    private sealed record Setup(ForecastPlan Plan, TimeSeries Values, string Name, List<string> Notes, Func<ForecastPlan, Method>? Network);
}
