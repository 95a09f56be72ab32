using System.Collections.Immutable;
using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>A confusion matrix: rows are the truth, columns the prediction; the colour is the share of the row.</summary>
internal sealed record HeatMap(string Title, ImmutableArray<string> Classes, Func<int, int, long> Count) : IReportPart
{
    private const double DarkCell = 0.55; // from this share on, the text is the light one

    /// <summary>A sentence below the title.</summary>
    public string Note { get; init; } = "";

    public static HeatMap Of(string title, ConfusionMatrix matrix) => new(title, matrix.Classes, (truth, predicted) => matrix[truth, predicted]);

    public void Write(StringBuilder html)
    {
        Figure.Begin(html, Title, Note, []);
        html.Append("<div class=\"scroll\"><table class=\"heat\"><thead><tr><th>truth \\ prediction</th>");
        foreach (string name in Classes)
        {
            html.Add($"<th>{Markup.Text(name)}</th>");
        }

        html.Append("</tr></thead><tbody>");
        for (int truth = 0; truth < Classes.Length; truth++)
        {
            long total = Enumerable.Range(0, Classes.Length).Sum(predicted => Count(truth, predicted));
            html.Add($"<tr><th>{Markup.Text(Classes[truth])}</th>");
            for (int predicted = 0; predicted < Classes.Length; predicted++)
            {
                double share = total == 0 ? 0 : (double)Count(truth, predicted) / total;
                html.Add($"<td class=\"{(share > DarkCell ? "dark" : "")}\" style=\"--share:{Math.Round(share * 100, 1)}%\">{Count(truth, predicted)}<small>{Math.Round(share * 100, 1)} %</small></td>");
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table></div>");
        Figure.End(html);
    }
}
