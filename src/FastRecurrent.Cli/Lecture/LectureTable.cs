using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Jobs;
using Spectre.Console;

namespace FastRecurrent.Cli.Lecture;

/// <summary>The results as tables on stdout: ours beside the published ones.</summary>
internal static class LectureTable
{
    public static void Print(LectureOutcome outcome)
    {
        foreach (LectureTask task in Enum.GetValues<LectureTask>())
        {
            Table table = new Table { Title = new TableTitle(Markup.Escape(Title(task, outcome.Options))), Border = TableBorder.Rounded }
                .AddColumn("model")
                .AddColumn(new TableColumn("parameters").RightAligned())
                .AddColumn(new TableColumn("validation MSE").RightAligned())
                .AddColumn(new TableColumn("published").RightAligned())
                .AddColumn("ours")
                .AddColumn(new TableColumn("test MSE").RightAligned())
                .AddColumn(new TableColumn("training").RightAligned());
            LectureResult? best = outcome.Best(task);
            foreach (LectureResult result in outcome.Of(task))
            {
                string mark = result == best ? "[bold green]" : "[default]";
                table.AddRow([.. Cells(result).Select(cell => $"{mark}{Markup.Escape(cell)}[/]")]);
            }

            Screen.Output.Write(table);
        }
    }

    public static string Title(LectureTask task, LectureOptions options) => task == LectureTask.NextValue
        ? $"The next value, from {options.Steps}"
        : $"{options.Horizon} values ahead, from {options.Steps}";

    /// <summary>Why no figure is held against the published ones.</summary>
    public static string OtherTraining(LectureOptions options) =>
        $"Trained for {Format.Counted(options.Epochs, "epoch")} in batches of {options.Batch}, {Format.Counted(options.Units, "unit")}; "
        + $"the lecture's are {LectureOptions.CourseEpochs}, {LectureOptions.CourseBatch} and {LectureOptions.CourseUnits}, so no figure is held "
            + "against the published ones.";

    /// <summary>How many of the published figures are met.</summary>
    public static string Standing(LectureOutcome outcome)
    {
        string[] verdicts = [.. outcome.Results.Select(result => result.Verdict.Split(' ')[0]).Where(word => word.Length > 0)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Of {verdicts.Length} published figures ours beats {Count("beats")}, equals {Count("equals")}, "
            + $"matches {Count("matches")} (above by no more than seeds alone are, {LecturePublished.SeedSpread:0 %}), misses {Count("misses")}.");

        int Count(string word) => verdicts.Count(verdict => verdict == word);
    }

    /// <summary>Name, parameters, validation error, published, how ours stands to that, test error, time.</summary>
    public static string[] Cells(LectureResult result) =>
    [
        result.Trained is { History.End: TrainingEnd.Cancelled } cut ? $"{result.Name} (ended in epoch {cut.History.Epochs.Count + 1})" : result.Name,
        result.Parameters > 0 ? Format.Number(result.Parameters, "#,0") : "",
        Error(result.ValidationMse),
        result.Published is { } published ? Error(published) : "",
        result.Verdict,
        Error(result.TestMse),
        result.Trained is { } trained ? Wording.Seconds(trained.Time) : "",
    ];

    private static string Error(double mse) => Format.Number(mse, "0.00000");
}
