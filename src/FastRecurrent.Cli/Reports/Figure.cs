using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>A line of a legend.</summary>
/// <param name="Name">The name.</param>
/// <param name="Colour">Which of the page's colours.</param>
/// <param name="Kind">line, dash or area.</param>
internal readonly record struct LegendEntry(string Name, int Colour, string Kind);

/// <summary>Title, note and legend around a chart.</summary>
internal static class Figure
{
    public static void Begin(StringBuilder html, string title, string note, IReadOnlyList<LegendEntry> legend)
    {
        html.Add($"<figure><figcaption><h3>{Markup.Text(title)}</h3>");
        if (note.Length > 0)
        {
            html.Add($"<p>{Markup.Text(note)}</p>");
        }

        html.Append("</figcaption>");
        if (legend.Count > 1)
        {
            html.Append("<ul class=\"legend\">");
            foreach (LegendEntry entry in legend.Where(entry => entry.Name.Length > 0))
            {
                html.Add($"<li><i class=\"{entry.Kind} c{entry.Colour}\"></i>{Markup.Text(entry.Name)}</li>");
            }

            html.Append("</ul>");
        }
    }

    public static void End(StringBuilder html) => html.Append("</figure>");
}
