using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Cli.Jobs.Lecture;

/// <summary>The lecture as a page.</summary>
internal static class LectureReport
{
    public static HtmlReport Of(LectureOutcome outcome) => new("lecture", "");
}
