using System.Collections.Immutable;
using System.Globalization;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;
using FastRecurrent.Cli.Reports;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Commands;

/// <summary>A table's inspection for people: what it holds, and what a training would need to be told about it.</summary>
internal static class TableView
{
    public static void Print(TableReport report)
    {
        Console.Out.WriteLine($"{report.File}: {report.Format}, {Format.Counted(report.Rows, "row")}, {Format.Counted(report.Columns.Count, "column")}");
        if (report is { TimeColumn: { } time, Start: not null })
        {
            string grid = report.StepInWords is { } step ? $"a row every {step}" : "on no even grid";
            Console.Out.WriteLine($"Time: '{Printable.Of(time)}', {report.Start} to {report.End}, {grid}");
        }

        foreach (string note in report.Notes.Concat(Findings(report)))
        {
            Console.Out.WriteLine($"  {Printable.Of(note)}");
        }

        ScoreText.Print(new ReportTable("Columns", "column", "kind", "missing", "least", "greatest", "mean", "deviation", "note")
        {
            Rows = [.. report.Columns.Select(Row)],
        });
    }

    private static IEnumerable<string> Findings(TableReport report)
    {
        if (report.Ragged > 0)
        {
            yield return $"{Format.Counted(report.Ragged, "row")} with another number of fields than there are columns, "
                + $"the first in row {report.FirstRaggedRow}; mend them.";
        }

        if (report.BadTimes > 0)
        {
            yield return $"'{report.TimeColumn}' holds {Format.Counted(report.BadTimes, "field")} that give no time, "
                + $"the first in row {report.FirstBadTimeRow}: {CsvSyntax.TimeProblem(CsvSyntax.Shown(report.FirstBadTime!))}.";
        }

        if (report.Unordered > 0)
        {
            yield return $"{Format.Counted(report.Unordered, "row")} not behind the row before, "
                + $"the first in row {report.FirstUnorderedRow}; sort the rows and keep one of each time.";
        }

        if (report.Gaps > 0)
        {
            yield return $"{Format.Counted(report.RowsLeftOut, "row")} left out in {Format.Counted(report.Gaps, "place")}, "
                + $"the first before row {report.FirstGapRow}; --missing interpolate or previous puts them in.";
        }

        if (report.Beside > 0)
        {
            yield return $"{Format.Counted(report.Beside, "row")} beside the grid of the others, the first in row {report.FirstBesideRow}; mend their times.";
        }

        IEnumerable<ColumnReport> numbers = report.Columns.Where(column => column.Kind == "number");
        if (report.TimeColumn is null && CsvSyntax.NumberHint(numbers.Select(column => (column.Name, column.Min ?? double.NaN))) is { } hint)
        {
            yield return hint;
        }

        foreach (ColumnReport column in report.Columns)
        {
            if (column is { Kind: "mixed" })
            {
                yield return $"'{column.Name}' holds numbers and text, the first text is '{CsvSyntax.Shown(column.FirstText!)}' in row {column.FirstTextRow}; "
                    + "mend it or leave the column out.";
            }
            else if (column is { Missing: > 0, Kind: "number" })
            {
                yield return $"'{column.Name}' has {Format.Counted(column.Missing, "missing value")}, the first in row {column.FirstMissingRow}; "
                    + "--missing interpolate or previous fills them.";
            }

            if (column.FirstBeyondFloatRow is { } beyond)
            {
                yield return $"'{column.Name}' holds {column.FirstBeyondFloat} in row {beyond}, which is beyond what a float holds; "
                    + "mend it, since train refuses it.";
            }

            if (column is { Constant: true, Kind: "number" })
            {
                yield return $"'{column.Name}' never changes; leave it out.";
            }
        }
    }

    private static ImmutableArray<string> Row(ColumnReport column) =>
    [
        column.Name, column.Kind, Whole(column.Missing), Number(column.Min), Number(column.Max), Number(column.Mean), Number(column.Deviation),
        column.Constant ? "constant" : column.Distinct is { } distinct ? $"{distinct} different" : "",
    ];

    private static string Whole(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static string Number(double? value) => value is { } number ? Reports.Markup.Number(number) : "";
}
