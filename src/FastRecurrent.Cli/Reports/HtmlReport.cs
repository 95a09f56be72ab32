using System.Collections.Immutable;
using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>One figure that is said first.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">The figure.</param>
/// <param name="Note">What it is measured against.</param>
internal sealed record ReportCard(string Label, string Value, string Note = "");

/// <summary>A headed part of a report.</summary>
internal sealed record ReportSection(string Heading, params ImmutableArray<IReportPart> Parts);

/// <summary>A report as one HTML file that needs nothing else: no script, no font, no picture from elsewhere.</summary>
internal sealed record HtmlReport(string Title, string Subtitle)
{
    public ImmutableArray<ReportCard> Cards { get; init; } = [];

    public ImmutableArray<ReportSection> Sections { get; init; } = [];

    /// <summary>The last line: what made the report, from what.</summary>
    public string Footer { get; init; } = "";

    /// <summary>Writes the file; a reader finds the old file or the new one, never a part.</summary>
    /// <exception cref="DataFormatException">The file cannot be written.</exception>
    public void Write(string path) => OutputFolder.WriteText(path, ToHtml());

    public string ToHtml()
    {
        StringBuilder html = new(1 << 16);
        html.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        html.Add($"<title>{Markup.Text(Title)}</title><style>{ReportStyle.Css}</style></head><body><main>");
        html.Add($"<header><h1>{Markup.Text(Title)}</h1><p>{Markup.Text(Subtitle)}</p></header>");
        if (!Cards.IsEmpty)
        {
            html.Append("<div class=\"cards\">");
            foreach (ReportCard card in Cards)
            {
                html.Add($"<div class=\"card\"><span>{Markup.Text(card.Label)}</span><b>{Markup.Text(card.Value)}</b><small>{Markup.Text(card.Note)}</small></div>");
            }

            html.Append("</div>");
        }

        foreach (ReportSection section in Sections)
        {
            html.Add($"\n<section><h2>{Markup.Text(section.Heading)}</h2>");
            foreach (IReportPart part in section.Parts)
            {
                part.Write(html);
            }

            html.Append("</section>");
        }

        html.Add($"\n<footer>{Markup.Text(Footer)}</footer></main></body></html>\n");
        return html.ToString();
    }
}
