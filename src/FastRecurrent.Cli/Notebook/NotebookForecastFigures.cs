using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The forecasts from the starting point, against what came.</summary>
internal static class NotebookForecastFigures
{
    private const int TruthColour = 6, ModelColour = 1, SeasonalColour = 3, LinearColour = 4; // as in the charts of errors

    public static ReportSection Section(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        string known = NotebookText.FirstWindow(options, data);
        return new ReportSection(
            $"The first forecast: {known} are known", OneShot(options, data, scores), Closer(options, data, scores), Generated(options, data, scores));
    }

    /// <summary>The window and the one frame behind it.</summary>
    private static LineChart OneShot(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        ReadOnlyMemory<float> forecast = scores.Model.OneShot.Forecast[..options.Frame];
        int first = data.Start + options.Window;
        return new LineChart("One shot")
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"The network sees {options.Window:#,0} values and gives the next {options.Frame:#,0} at once."),
            XLabel = "row",
            YLabel = data.Series.Names[0],
            Lines =
            [
                new ChartLine("what came", data.Series.Slice(data.Start..(first + options.Frame)).ToArray(), data.Start) { Colour = TruthColour },
                new ChartLine("forecast", forecast, first) { Colour = ModelColour },
            ],
            Bands = Band(scores.Interval, scores.Model.OneShot, first),
            Marks = [new ChartMark(first, "forecast")],
        };
    }

    /// <summary>The frame alone, beside what the baselines say.</summary>
    private static LineChart Closer(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        int first = data.Start + options.Window;
        return new LineChart("The same, closer")
        {
            Note = scores.Interval is { } interval
                ? $"The band is to hold {Wording.Share(interval.Interval.Coverage)} of what comes (split conformal, calibrated on the later half "
                    + $"of the test rows); over the earlier half it held {Found(interval)}."
                : "",
            XLabel = "row",
            YLabel = data.Series.Names[0],
            Lines =
            [
                new ChartLine("what came", scores.Model.OneShot.Truth[..options.Frame], first) { Colour = TruthColour },
                new ChartLine("forecast", scores.Model.OneShot.Forecast[..options.Frame], first) { Colour = ModelColour },
                new ChartLine("seasonal naive", scores.Seasonal.OneShot.Forecast[..options.Frame], first) { Colour = SeasonalColour, Dashed = true },
                new ChartLine("linear autoregression", scores.Linear.OneShot.Forecast[..options.Frame], first) { Colour = LinearColour, Dashed = true },
            ],
            Bands = Band(scores.Interval, scores.Model.OneShot, first),
        };
    }

    /// <summary>Frame behind frame, each from the ones before, with no look at what came.</summary>
    private static LineChart Generated(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        int first = data.Start + options.Window;
        string band = scores.GeneratedInterval is { } interval
            ? $" The band is calibrated in the same way, one width for each frame; over the earlier half it held {Found(interval)}."
            : "";
        return new LineChart("Generated")
        {
            Note = $"{Format.Counted(options.Generate, "frame")} of {Format.Counted(options.Frame, "value")}; "
                + $"each is forecast from the ones before it and joins them.{band}",
            XLabel = "row",
            YLabel = data.Series.Names[0],
            Lines =
            [
                new ChartLine("what came", data.Series.Slice(data.Start..(first + options.Generated)).ToArray(), data.Start) { Colour = TruthColour },
                new ChartLine("generated", scores.Model.Generated.Forecast[..options.Generated], first) { Colour = ModelColour },
            ],
            Bands = Band(scores.GeneratedInterval, scores.Model.Generated, first),
            Marks = [new ChartMark(first, "generated")],
        };
    }

    /// <summary>The interval around the first of the forecasts.</summary>
    private static ImmutableArray<ChartBand> Band(NotebookInterval? found, ForecastTable table, int first)
    {
        if (found is not { Interval: { } interval })
        {
            return [];
        }

        float[] lower = new float[table.Horizon], upper = new float[table.Horizon];
        found.Around(table.Forecast.Span[..table.Horizon], lower, upper);
        return [new ChartBand($"{Wording.Share(interval.Coverage)} interval", lower, upper, first) { Colour = ModelColour }];
    }

    private static string Found(NotebookInterval interval) => interval.Found.ToString("0 %", CultureInfo.InvariantCulture);
}
