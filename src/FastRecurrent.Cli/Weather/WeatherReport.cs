using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Weather;

/// <summary>The job as a page.</summary>
internal sealed class WeatherReport(WeatherData data, WeatherOptions options, WeatherTraining training, WeatherForecasts forecasts)
{
    private const int HoursShown = 14 * 24, DaysShown = 120, Smoothing = 20;
    private const double Tolerance = 0.1; // of a coverage

    public HtmlReport Create() => new(
        "Tomorrow's weather",
        $"{WeatherText.Heading(data.Name)}: {string.Join(", ", data.Targets.Select(WeatherText.Name))}, {Distance} ahead, by a GRU of {options.Hidden} units that reads {data.NetworkInputs.Length} inputs row by row.")
    {
        Cards = [.. data.Targets.Select(Card), TimeCard()],
        Sections =
        [
            new ReportSection("Errors", [.. Errors()]),
            new ReportSection("Forecasts", [.. data.Targets.Select(Forecasts)]),
            new ReportSection("Learning", LearningCurve(), GradientNorms()),
        ],
        Footer = string.Create(
            CultureInfo.InvariantCulture,
            $"fastrecurrent weather, seed {options.Seed}, windows of {data.Window} rows, batches of {options.Batch}, {options.Optimizer} at {options.LearningRate}, {KernelSets.Name(KernelSets.Default)} kernels. {string.Join(' ', data.Notes)}"),
    };

    private string Distance => WeatherText.Distance(data);

    private ReportCard Card(string target)
    {
        WeatherForecast baseline = forecasts.BestBaseline(target), now = forecasts.SameAsNow;
        string rest = baseline == now ? "" : $"; {baseline.Name}: {Error(baseline)}";
        return new ReportCard(
            $"{WeatherText.Name(target)}, mean error of the network", $"{Error(forecasts.Network)} {WeatherText.Unit(target)}".TrimEnd(), $"{now.Name}: {Error(now)}{rest}");

        string Error(WeatherForecast forecast) => Number(forecast.Error(ForecastMetric.Mae, target));
    }

    private ReportCard TimeCard()
    {
        TrainingHistory history = training.Trainer.History;
        return new ReportCard(
            "Training", Format.Time(history.Epochs.Sum(epoch => epoch.Time.TotalNanoseconds)),
            $"{training.Trainer.Iteration} steps of {options.Batch} windows; best epoch {(history.BestEpoch + 1)?.ToString(CultureInfo.InvariantCulture) ?? "none"} of {history.Epochs.Count}");
    }

    private IEnumerable<IReportPart> Errors()
    {
        foreach (string target in data.Targets)
        {
            yield return new ReportText($"{WeatherText.Standing(forecasts, target)}.");
        }

        yield return new ReportTable("Mean absolute error", ["forecaster", .. data.Targets.Select(WeatherText.Title)])
        {
            Note = $"{forecasts.Network.Test.Count} forecasts of the last rows, which nothing was fitted on, in the data's own units. The least error of each column is marked.",
            Rows = [.. forecasts.All.Select(Row)],
            BestOfColumns = [-1, .. data.Targets.Select(target => forecasts.All.IndexOf(forecasts.Best(target)))],
        };
        foreach (string target in data.Targets.Where(_ => data.Times is not null))
        {
            yield return WeatherErrorsByTime.Chart(data, forecasts, target);
        }

        ImmutableArray<string> Row(WeatherForecast forecast) => [forecast.Name, .. data.Targets.Select(target => Number(forecast.Error(ForecastMetric.Mae, target)))];
    }

    /// <summary>The end of the test rows and what is yet to come, with intervals.</summary>
    private LineChart Forecasts(string target)
    {
        int channels = data.Targets.Length, channel = data.Targets.IndexOf(target);
        float[] truth = Column(forecasts.Network.Test.Truth), forecast = [.. Column(forecasts.Network.Test.Forecast), .. Column(forecasts.Coming)];
        int shown = Math.Min(truth.Length, data.RowsPerDay > 1 ? HoursShown : DaysShown), cut = truth.Length - shown;
        double step = data.Times is null ? 1 : 1.0 / data.RowsPerDay, start = data.Place(data.Values.Length - shown);
        float[] line = forecast[cut..];
        float half = forecasts.Interval?.HalfWidths[channel] ?? float.NaN;
        string covered = forecasts.Interval is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" Intervals for {options.Coverage:0 %} of the truth, from the errors on the validation rows; "
                + $"{forecasts.Covered[channel]:0 %} of the test rows lie within{(forecasts.Covered[channel] < options.Coverage - Tolerance ? ", whose errors are larger" : "")}.");
        return new LineChart(WeatherText.Name(target))
        {
            YLabel = WeatherText.Unit(target),
            Note = $"Each forecast was made {Distance} before.{covered}",
            XKind = data.Times is null ? AxisKind.Linear : AxisKind.Time,
            Lines = [new ChartLine("Truth", truth.AsMemory(cut), start, step) { Colour = 6 }, new ChartLine("Forecast", line, start, step) { Colour = 1 }],
            Bands = forecasts.Interval is null
                ? []
                : [new ChartBand(string.Create(CultureInfo.InvariantCulture, $"{options.Coverage:0 %} interval"), line.Select(value => value - half).ToArray(), line.Select(value => value + half).ToArray(), start, step) { Colour = 1 }],
            Marks = [new ChartMark(data.Place(data.Values.Length - 1), "now")],
        };

        float[] Column(ReadOnlyMemory<float> table) => [.. Enumerable.Range(0, table.Length / channels).Select(i => table.Span[(i * channels) + channel])];
    }

    private LineChart LearningCurve()
    {
        IReadOnlyList<EpochRecord> epochs = training.Trainer.History.Epochs;
        return new LineChart("Loss")
        {
            Note = "Mean squared error of the scaled targets, behind the warm-up steps. The weights of the best validation are kept; the rate falls where it no longer gets better.",
            XLabel = "epoch",
            YLabel = "MSE",
            YKind = AxisKind.Log,
            Lines =
            [
                new ChartLine("Training", epochs.Select(epoch => (float)epoch.Loss).ToArray(), Start: 1),
                new ChartLine("Validation", epochs.Select(epoch => (float)(epoch.ValidationLoss ?? double.NaN)).ToArray(), Start: 1),
            ],
        };
    }

    private LineChart GradientNorms() => new("Gradient norm")
    {
        Note = $"The length of the gradient over the parameters of each layer, and over all of them, averaged over {Smoothing} steps.",
        XLabel = "training step",
        YLabel = "norm",
        YKind = AxisKind.Log,
        Lines =
        [
            new ChartLine("", training.Trainer.History.GradientNorms.Select(norm => (float)norm).ToArray(), Start: 1).Smoothed("all layers", Smoothing) with { Colour = 6, Dashed = true },
            .. training.Norms.Lines(Smoothing),
        ],
    };

    private static string Number(double value) => WeatherText.Error(value);
}
