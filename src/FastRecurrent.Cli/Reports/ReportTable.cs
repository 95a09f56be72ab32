using System.Collections.Immutable;
using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>A table: the first column names, the others right-aligned.</summary>
internal sealed record ReportTable(string Title, params ImmutableArray<string> Columns) : IReportPart
{
    /// <summary>A sentence below the title.</summary>
    public string Note { get; init; } = "";

    public ImmutableArray<ImmutableArray<string>> Rows { get; init; } = [];

    /// <summary>The row to show as the best, or -1.</summary>
    public int Best { get; init; } = -1;

    /// <summary>For each column the row to show as the best, or -1; empty for none.</summary>
    public ImmutableArray<int> BestOfColumns { get; init; } = [];

    public void Write(StringBuilder html)
    {
        Figure.Begin(html, Title, Note, []);
        html.Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (string column in Columns)
        {
            html.Add($"<th>{Markup.Text(column)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        for (int row = 0; row < Rows.Length; row++)
        {
            html.Append(row == Best ? "<tr class=\"best\">" : "<tr>");
            for (int column = 0; column < Rows[row].Length; column++)
            {
                bool isBest = column < BestOfColumns.Length && BestOfColumns[column] == row;
                html.Add($"<td{(isBest ? " class=\"best\"" : "")}>{Markup.Text(Rows[row][column])}</td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table></div>");
        Figure.End(html);
    }
}

/// <summary>A paragraph of text.</summary>
internal sealed record ReportText(string Text) : IReportPart
{
    public void Write(StringBuilder html) => html.Add($"<p>{Markup.Text(Text)}</p>");
}
