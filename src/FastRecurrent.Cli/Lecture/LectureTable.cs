using FastRecurrent.Cli.Commands;
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

    /// <summary>Name, parameters, validation error, published, test error, time.</summary>
    public static string[] Cells(LectureResult result) =>
    [
        result.Trained is { History.End: TrainingEnd.Cancelled } cut ? $"{result.Name} (ended in epoch {cut.History.Epochs.Count + 1})" : result.Name,
        result.Parameters > 0 ? Format.Number(result.Parameters, "#,0") : "",
        Error(result.ValidationMse),
        result.Published is { } published ? Error(published) : "",
        Error(result.TestMse),
        result.Trained is { } trained ? Format.Time(trained.Time.TotalNanoseconds) : "",
    ];

    private static string Error(double mse) => Format.Number(mse, "0.00000");
}
