using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Lecture;

/// <summary>The lecture as a page.</summary>
internal static class LectureReport
{
    public static HtmlReport Of(LectureOutcome outcome) => new(
        "Forecasting a time series: the lecture",
        $"{outcome.Options.Series:#,0} series of two sine waves and noise. Every model of the lecture, trained here, "
        + "beside the errors that its book published.")
    {
        Cards = Cards(outcome),
        Sections =
        [
            new ReportSection("Results", Table(outcome, LectureTask.NextValue), Table(outcome, LectureTask.TenAhead)),
            new ReportSection("Learning", [.. LearningCurves(outcome)]),
            new ReportSection($"{outcome.Options.Horizon} values ahead", [ByStep(outcome), .. LectureForecastCharts.Of(outcome)]),
            new ReportSection("Gradients through time", [.. GradientCharts.Of(outcome)]),
        ],
        Footer = $"fastrecurrent lecture, seed {outcome.Options.Seed}, {Format.Counted(outcome.Options.Epochs, "epoch")}, batches of {outcome.Options.Batch}, "
            + $"{KernelSets.Name(KernelSets.Default)} kernels. "
            + "Published: A. Geron, Hands-On Machine Learning, 2nd edition, notebook 15.",
    };

    private static ImmutableArray<ReportCard> Cards(LectureOutcome outcome)
    {
        List<ReportCard> cards = [];
        foreach (LectureTask task in Enum.GetValues<LectureTask>())
        {
            if (outcome.Best(task) is { } best)
            {
                string published = outcome.Options.HasCourseData ? $"{best.Label}; best published {Error(LecturePublished.Best(task))}" : best.Label;
                string title = task == LectureTask.NextValue ? "Next value, best MSE" : $"{outcome.Options.Horizon} ahead, best MSE";
                cards.Add(new ReportCard(title, Error(best.ValidationMse), published));
            }
        }

        cards.Add(new ReportCard("Noise alone", Error(LecturePublished.NoiseFloor), "no forecast can do better"));
        int trained = outcome.Results.Count(result => result.Trained is not null);
        cards.Add(new ReportCard("Time", Wording.Seconds(outcome.Time), $"{Format.Counted(trained, "model")} trained, {outcome.Options.Threads} at a time"));
        return [.. cards];
    }

    private static ReportTable Table(LectureOutcome outcome, LectureTask task)
    {
        LectureResult[] results = [.. outcome.Of(task)];
        return new ReportTable(LectureTable.Title(task, outcome.Options), "model", "parameters", "validation MSE", "published", "ours", "test MSE", "training")
        {
            Note = !outcome.Options.HasCourseTraining
                ? $"Mean squared error. {LectureTable.OtherTraining(outcome.Options)}"
                : outcome.Options.HasCourseData
                ? "Mean squared error. Published on the same validation series; their networks began from other random weights, and seeds alone take a figure "
                    + $"up to {Wording.Share(LecturePublished.SeedSpread)} apart: within that, ours matches. Nothing was chosen by the test series."
                : "Mean squared error. No published figures: these are not the lecture's sizes.",
            Rows = [.. results.Select(result => LectureTable.Cells(result).ToImmutableArray())],
            Best = Array.IndexOf(results, outcome.Best(task)),
        };
    }

    private static IEnumerable<IReportPart> LearningCurves(LectureOutcome outcome)
    {
        LectureResult[] ahead = [.. outcome.Of(LectureTask.TenAhead).Where(result => result.Trained is not null)];
        (string Title, IEnumerable<LectureResult> Results)[] charts =
        [
            ("Next value", outcome.Of(LectureTask.NextValue)),
            ("Ahead, from the last step", ahead.Where(result => result.Trained!.Model.Form is LectureForm.Flat or LectureForm.LastStep)),
            ("Ahead, sequence to sequence", ahead.Where(result => result.Trained!.Model.Form is LectureForm.EveryStep)),
        ];
        return charts.Select(chart => Curves(chart.Title, chart.Results)).Where(chart => !chart.Lines.IsEmpty);
    }

    private static LineChart Curves(string title, IEnumerable<LectureResult> results) => new(title)
    {
        Note = "Validation error behind each epoch.",
        XLabel = "epoch",
        YLabel = "MSE",
        YKind = AxisKind.Log,
        Lines =
        [
            .. results.Where(result => result.Trained?.History.Epochs.Count > 0).Select(result => new ChartLine(
                result.Label, result.Trained!.History.Epochs.Select(epoch => (float)(epoch.ValidationLoss ?? double.NaN)).ToArray(), Start: 1)
            {
                Colour = ColourOf(result.Label),
                Dashed = !result.Trained.Model.IsOfLecture,
            }),
        ],
    };

    /// <summary>A colour of its own for each kind of network, the same in every chart.</summary>
    public static int ColourOf(string label) => label switch
    {
        "Linear" or "Dense" => 6,
        "SimpleRNN(1)" => 5,
        "Deep SimpleRNN" => 4,
        _ when label.StartsWith("LSTM", StringComparison.Ordinal) => 2,
        _ when label.StartsWith("GRU", StringComparison.Ordinal) => 3,
        _ => 1,
    };

    private static BarChart ByStep(LectureOutcome outcome)
    {
        LectureResult[] shown = [.. Shown(outcome)];
        return new BarChart("Error by steps ahead")
        {
            Note = "Validation series. A recursive forecast feeds on its own errors; a direct one does not.",
            XLabel = "steps ahead",
            YLabel = "MSE",
            Places = [.. Enumerable.Range(1, outcome.Options.Horizon).Select(step => Format.Number(step, "0"))],
            Series = [.. shown.Select(result => new BarSeries(result.Label, result.ByStep))],
        };
    }

    /// <summary>The best of each kind: least squares, recursive, direct, sequence to sequence.</summary>
    public static IEnumerable<LectureResult> Shown(LectureOutcome outcome)
    {
        LectureResult[] all = [.. outcome.Of(LectureTask.TenAhead)];
        LectureResult?[] best =
        [
            all.FirstOrDefault(result => result.Label == LectureBaselines.LeastSquares),
            all.Where(result => result.IsRecursive).MinBy(result => result.ValidationMse),
            all.Where(result => result.Trained?.Model.Form == LectureForm.LastStep).MinBy(result => result.ValidationMse),
            all.Where(result => result.Trained?.Model.Form == LectureForm.EveryStep).MinBy(result => result.ValidationMse),
        ];
        return best.Where(result => result is not null).Select(result => result!);
    }

    private static string Error(double mse) => Format.Number(mse, "0.00000");
}
