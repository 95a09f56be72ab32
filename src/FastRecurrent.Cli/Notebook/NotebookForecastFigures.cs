using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The forecasts from the starting point, against what came.</summary>
internal static class NotebookForecastFigures
{
    private const int TruthColour = 1, ModelColour = 2, SeasonalColour = 4, LinearColour = 5;

    public static ReportSection Section(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        string known = NotebookText.FirstWindow(options, data);
        return new ReportSection($"The first forecast: {known} are known", OneShot(options, data, scores), Closer(options, data, scores), Generated(options, data, scores));
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
            Bands = Band(options, scores, first),
            Marks = [new ChartMark(first, "forecast")],
        };
    }

    /// <summary>The frame alone, beside what the baselines say.</summary>
    private static LineChart Closer(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        int first = data.Start + options.Window;
        return new LineChart("The same, closer")
        {
            Note = scores.CoverageFound is { } found
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"The band is to hold {scores.Interval!.Coverage:0 %} of what comes (split conformal, calibrated on the later half of the test rows); over the earlier half it held {found:0 %}.")
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
            Bands = Band(options, scores, first),
        };
    }

    /// <summary>Frame behind frame, each from the ones before, with no look at what came.</summary>
    private static LineChart Generated(NotebookOptions options, NotebookData data, NotebookScores scores)
    {
        int first = data.Start + options.Window;
        return new LineChart("Generated")
        {
            Note = $"{options.Generate} frames of {options.Frame} values; each is forecast from the ones before it and joins them.",
            XLabel = "row",
            YLabel = data.Series.Names[0],
            Lines =
            [
                new ChartLine("what came", data.Series.Slice(data.Start..(first + options.Generated)).ToArray(), data.Start) { Colour = TruthColour },
                new ChartLine("generated", scores.Model.Generated.Forecast[..options.Generated], first) { Colour = ModelColour },
            ],
            Marks = [new ChartMark(first, "from here on generated")],
        };
    }

    private static ImmutableArray<ChartBand> Band(NotebookOptions options, NotebookScores scores, int first)
    {
        if (scores.Interval is not { } interval)
        {
            return [];
        }

        float[] lower = new float[options.Frame], upper = new float[options.Frame];
        interval.Around(scores.Model.OneShot.Forecast.Span[..options.Frame], lower, upper);
        return [new ChartBand(string.Create(CultureInfo.InvariantCulture, $"{interval.Coverage:0 %} interval"), lower, upper, first) { Colour = ModelColour }];
    }
}
