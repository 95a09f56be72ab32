using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Weather;

/// <summary>The job as a page: what is forecast, how good that is, how it was learned.</summary>
internal sealed class WeatherReport(WeatherData data, WeatherOptions options, WeatherTraining training, WeatherForecasts forecasts)
{
    private const int Smoothing = 20; // training steps

    private readonly WeatherForecastFigures _figures = new(data, options, forecasts);

    public HtmlReport Create() => new(
        "Tomorrow's weather",
        $"{WeatherText.Heading(data.Name)}: {string.Join(", ", data.Targets.Select(WeatherText.Name))}, {WeatherText.Distance(data)} ahead, "
        + $"by a GRU of {Format.Counted(options.Hidden, "unit")} that reads {Format.Counted(data.NetworkInputs.Length, "input")} row by row.")
    {
        Cards = [.. data.Targets.Select(Card), TimeCard()],
        Sections =
        [
            new ReportSection("Forecasts", [.. data.Targets.Select(_figures.Chart)]),
            new ReportSection("Errors", [.. Errors()]),
            new ReportSection("Learning", LearningCurve(), LearningFigures.GradientNorms(training.Trainer, training.Norms, Smoothing, "training step")),
        ],
        Footer = string.Create(
            CultureInfo.InvariantCulture,
            $"fastrecurrent weather, seed {options.Seed}, windows of {Format.Counted(data.Window, "row")}, batches of {options.Batch}, "
            + $"{options.Optimizer} at {options.LearningRate}, {KernelSets.Name(KernelSets.Default)} kernels. {string.Join(' ', data.Notes)}"),
    };

    private ReportCard Card(string target)
    {
        WeatherForecast baseline = forecasts.BestBaseline(target), now = forecasts.SameAsNow;
        string rest = baseline == now ? "" : $"; {baseline.Name}: {Error(baseline)}";
        return new ReportCard(
            $"{WeatherText.Name(target)}, mean error", $"{Error(forecasts.Network)} {WeatherText.Unit(target)}".TrimEnd(), $"{now.Name}: {Error(now)}{rest}");

        string Error(WeatherForecast forecast) => Wording.Error(forecast.Error(ForecastMetric.Mae, target));
    }

    private ReportCard TimeCard()
    {
        TrainingHistory history = training.Trainer.History;
        string best = (history.BestEpoch + 1)?.ToString(CultureInfo.InvariantCulture) ?? "none";
        return new ReportCard(
            "Training", Wording.Seconds(training.Time),
            $"{Format.Counted(training.Trainer.Iteration, "step")} of {Format.Counted(options.Batch, "window")}; best epoch {best} of {history.Epochs.Count}");
    }

    private IEnumerable<IReportPart> Errors()
    {
        foreach (string target in data.Targets)
        {
            yield return new ReportText($"{WeatherText.Standing(forecasts, target)}.");
        }

        yield return new ReportTable("Mean absolute error", ["forecaster", .. data.Targets.Select(WeatherText.Title)])
        {
            Note = $"{Format.Counted(forecasts.Network.Test.Count, "forecast")}, {WeatherText.Distance(data)} ahead, of the last rows, "
                + "which nothing was fitted on, in the data's own units. The least error of each column is marked.",
            Rows = [.. forecasts.All.Select(Row)],
            BestOfColumns = [-1, .. data.Targets.Select(target => forecasts.All.IndexOf(forecasts.Best(target)))],
        };
        if (data.Leads.Count == 1)
        {
            yield return new ReportText(
                $"The network forecasts {WeatherText.Distance(data)} ahead and from no other distance, so there is no error by distance to show.");
        }

        foreach (string target in data.Targets.Where(_ => data.Leads.Count > 1))
        {
            yield return WeatherErrorsByLead.Chart(data, forecasts, target);
        }

        foreach (string target in data.Targets.Where(_ => data.Times is not null))
        {
            yield return WeatherErrorsByTime.Chart(data, forecasts, target);
        }

        ImmutableArray<string> Row(WeatherForecast forecast) =>
            [forecast.Name, .. data.Targets.Select(target => Wording.Error(forecast.Error(ForecastMetric.Mae, target)))];
    }

    private LineChart LearningCurve()
    {
        IReadOnlyList<EpochRecord> epochs = training.Trainer.History.Epochs;
        return new LineChart("Loss")
        {
            Note = "Mean squared error of the scaled targets, behind the warm-up steps. The weights of the best validation are kept; "
                + "the rate falls where it no longer gets better.",
            XLabel = "epoch",
            YLabel = "MSE",
            YKind = AxisKind.Log,
            Lines =
            [
                new ChartLine("training", epochs.Select(epoch => (float)epoch.Loss).ToArray(), Start: 1),
                new ChartLine("validation", epochs.Select(epoch => (float)(epoch.ValidationLoss ?? double.NaN)).ToArray(), Start: 1),
            ],
        };
    }
}
