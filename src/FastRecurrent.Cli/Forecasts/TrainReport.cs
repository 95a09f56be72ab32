using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Forecasts;

/// <summary><c>train</c> as a page: how good it is, what it forecasts, how it was learned, from what.</summary>
internal sealed class TrainReport(
    TrainOptions options, ForecastPlan plan, ForecastData data, ForecastTraining training, ImmutableArray<ForecastScore> scores, Calibration? calibration)
{
    private const int HorizonsShown = 3, LeastShown = 24; // before a shown forecast
    private const int ModelColour = 1, SeasonalColour = 3, TruthColour = 6;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public HtmlReport Create(RecurrentModel model) => new(
        $"{string.Join(", ", plan.Targets)}, forecast",
        $"{Format.Counted(plan.Horizon, "step")} ahead, from {data.Loaded.Name}, by {PlanText.Network(plan)}.")
    {
        Cards = [.. plan.Targets.Take(3).Select(Card), LearningCharts.Card(training.Trainer, model)],
        Sections =
        [
            new ReportSection(
                "Errors",
                [.. plan.Targets.Select(target => ScoreText.ErrorTable(scores, plan, target, target)), .. plan.Targets.Where(_ => plan.Horizon > 1).Select(BySteps)]),
            new ReportSection("Forecasts", [.. plan.Targets.Select(Forecast)]),
            LearningCharts.Section(training.Trainer),
            new ReportSection("From what", Facts(model)),
        ],
        Footer = $"FastRecurrent train; {Format.Counted(scores[0].Table.Count, "forecast")} of the last {Format.Counted(HeldRows, "row")}, "
            + "which no weight and no scale was fitted on; the training ended where they got no better. Errors in the data's own units.",
    };

    private int HeldRows => training.Split.Validation.End.Value - training.Split.Validation.Start.Value;

    private ReportCard Card(string target)
    {
        ForecastScore best = scores.Skip(1).MinBy(score => score.Error(ForecastMetric.Rmse, target))!;
        return new ReportCard(
            $"{target}: error (RMSE)",
            Markup.Number(scores[0].Error(ForecastMetric.Rmse, target)),
            $"best baseline {Markup.Number(best.Error(ForecastMetric.Rmse, target))}: {best.Name}");
    }

    private BarChart BySteps(string target)
    {
        int[] steps = ScoreText.Steps(plan.Horizon);
        return new BarChart($"{target}: error by steps ahead")
        {
            Note = "Mean absolute error.",
            XLabel = "steps ahead",
            Places = [.. steps.Select(step => (step + 1).ToString(Culture))],
            Series = [.. scores.Select(score => new BarSeries(score.Name, [.. steps.Select(step => score.Error(ForecastMetric.Mae, target, step))]))],
        };
    }

    /// <summary>The last forecast of the validation rows, with what was before and what came.</summary>
    private LineChart Forecast(string target)
    {
        ForecastScore model = scores[0];
        int channels = plan.Targets.Length, horizon = plan.Horizon, channel = plan.Targets.IndexOf(target), last = model.Table.Count - 1;
        int before = Math.Min(Math.Max(HorizonsShown * horizon, LeastShown), model.LastTarget);
        int first = training.Split.Validation.Start.Value + model.LastTarget;
        double start = data.Place(first), step = data.Loaded.Times is null || data.Rows < 2 ? 1 : data.Place(data.Rows - 1) - data.Place(data.Rows - 2);
        float[] truth = data.Values.Slice((first - before)..(first + horizon)).Column(data.Values.Channel(target));
        ImmutableArray<ChartLine> lines =
        [
            new("what came", truth, start - (before * step), step) { Colour = TruthColour },
            new("forecast", Part(model.Table.Forecast.ToArray()), start, step) { Colour = ModelColour },
        ];
        if (scores.FirstOrDefault(score => score.Name.StartsWith("seasonal", StringComparison.Ordinal)) is { } seasonal)
        {
            lines = lines.Add(new("seasonal naive", Part(seasonal.Table.Forecast.ToArray()), start, step) { Colour = SeasonalColour, Dashed = true });
        }

        string covered = model.Coverage(target) is { } share
            ? string.Create(Culture, $" The band is to hold {plan.Coverage:0.#%}; over all these forecasts it held {share:0.#%}.")
            : "";
        string calibrated = calibration?.Found is { } found
            ? string.Create(Culture, $" Calibrated on the later half of them, it held {found:0.#%} of the earlier half.")
            : "";
        return new LineChart(target)
        {
            Note = $"The last of the {model.Table.Count} forecasts: from the mark on, nothing behind it was seen.{covered}{calibrated}",
            XKind = data.Loaded.Times is null ? AxisKind.Linear : AxisKind.Time,
            YLabel = target,
            Lines = lines,
            Bands = model.Bands is { } bands
                ? [new ChartBand("interval", Part([.. bands.Lower]), Part([.. bands.Upper]), start, step) { Colour = ModelColour }]
                : [],
            Marks = [new ChartMark(start, "forecast")],
        };

        float[] Part(float[] values) => [.. Enumerable.Range(0, horizon).Select(h => values[(((last * horizon) + h) * channels) + channel])];
    }

    private ReportTable Facts(RecurrentModel model) => new("Data and settings", "what", "value")
    {
        Rows =
        [
            ["data", data.Loaded.Name],
            ["rows", data.Rows.ToString("#,0", Culture)],
            ["step of time", data.Step?.InWords() ?? "none"],
            ["training rows", plan.TrainedRows.ToString("#,0", Culture)],
            ["inputs", PlanText.Inputs(plan)],
            ["window", plan.Window.ToString(Culture)],
            ["season", plan.Season.ToString(Culture)],
            ["scaler", ForecastNames.Of(plan.Training.Scaler)],
            ["network", PlanText.Network(plan)],
            ["parameters", model.Definition.ParameterCount.ToString("#,0", Culture)],
            ["training", string.Create(Culture, $"batches of {plan.Training.Batch} windows, Adam {plan.Training.Rate:0.######}, seed {plan.Training.Seed}")],
            .. data.Loaded.Notes.Select(note => ImmutableArray.Create("note", note)),
            ["model", options.ModelPath],
        ],
    };
}

/// <summary>How a network was learned, for reports.</summary>
internal static class LearningCharts
{
    private const int Smoothing = 20;

    public static ReportCard Card(Trainer trainer, RecurrentModel model)
    {
        TrainingHistory history = trainer.History;
        return new ReportCard(
            "Training", Format.Time(history.Epochs.Sum(epoch => epoch.Time.TotalNanoseconds)),
            $"{Format.Counted(trainer.Iteration, "step")}, {Format.Counted(model.Definition.ParameterCount, "parameter")}; "
            + $"best epoch {history.BestEpoch + 1} of {history.Epochs.Count}");
    }

    public static ReportSection Section(Trainer trainer)
    {
        IReadOnlyList<EpochRecord> epochs = trainer.History.Epochs;
        bool isPositive = epochs.All(epoch => epoch.Loss > 0 && epoch.ValidationLoss is null or > 0);
        return new ReportSection(
            "Learning",
            new LineChart("Loss")
            {
                Note = "Of scaled values. The weights of the best validation are kept.",
                XLabel = "epoch",
                YKind = isPositive ? AxisKind.Log : AxisKind.Linear,
                Lines =
                [
                    new ChartLine("training", epochs.Select(epoch => (float)epoch.Loss).ToArray(), Start: 1),
                    new ChartLine("validation", epochs.Select(epoch => (float)(epoch.ValidationLoss ?? double.NaN)).ToArray(), Start: 1),
                ],
            },
            new LineChart("Gradient norm")
            {
                Note = $"The length of the gradient over all weights, before it is limited to 1; mean of {Smoothing} steps.",
                XLabel = "training step",
                YKind = AxisKind.Log,
                Lines = [new ChartLine("", trainer.History.GradientNorms.Select(norm => (float)norm).ToArray(), Start: 1).Smoothed("gradient norm", Smoothing)],
            });
    }
}
