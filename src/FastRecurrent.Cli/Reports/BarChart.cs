using System.Collections.Immutable;
using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>Bars of one colour: a value for each place.</summary>
internal sealed record BarSeries(string Name, ImmutableArray<double> Values)
{
    /// <summary>Which of the page's colours, 1..6; 0 takes the next.</summary>
    public int Colour { get; init; }
}

/// <summary>Bars side by side at each place, from 0 up: errors by horizon, for the model and its baselines.</summary>
internal sealed record BarChart(string Title) : IReportPart
{
    private const double Share = 0.78; // of a place that its bars take
    private const double LabelWidth = 26;

    public string XLabel { get; init; } = "";

    public string YLabel { get; init; } = "";

    /// <summary>A sentence below the title.</summary>
    public string Note { get; init; } = "";

    /// <summary>The places' names.</summary>
    public ImmutableArray<string> Places { get; init; } = [];

    public ImmutableArray<BarSeries> Series { get; init; } = [];

    public void Write(StringBuilder html)
    {
        Figure.Begin(html, Title, Note, [.. Series.Select((series, i) => new LegendEntry(series.Name, ColourOf(i), "area"))]);
        double most = Series.SelectMany(series => series.Values).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        Axis y = Axis.Over(AxisKind.Linear, 0, most > 0 ? most * 1.05 : 1);
        foreach (ChartSize size in ChartSize.Both)
        {
            Draw(html, new ChartFrame(size, y));
        }

        Figure.End(html);
    }

    private int ColourOf(int series) => Series[series].Colour > 0 ? Series[series].Colour : series + 1;

    private void Draw(StringBuilder html, ChartFrame frame)
    {
        double place = frame.Width / Math.Max(1, Places.Length), width = place * Share / Math.Max(1, Series.Length);
        int every = (int)Math.Ceiling(Math.Max(LabelWidth, 8 * Places.Select(name => name.Length).DefaultIfEmpty(1).Max()) / place);
        IEnumerable<Tick> ticks = Places.Select((name, i) => new Tick((i + 0.5) * place, name)).Where((_, i) => i % every == 0);
        frame.Begin(html, Title, XLabel, YLabel, ticks, xGrid: false);
        for (int s = 0; s < Series.Length; s++)
        {
            html.Add($"<g class=\"bar c{ColourOf(s)}\">");
            for (int i = 0; i < Math.Min(Places.Length, Series[s].Values.Length); i++)
            {
                double value = Series[s].Values[i];
                if (!double.IsFinite(value) || value < 0)
                {
                    continue;
                }

                double x = (i * place) + (place * (1 - Share) / 2) + (s * width), top = frame.Y(value);
                html.Add($"<rect x=\"{Markup.At(x)}\" y=\"{Markup.At(top)}\" width=\"{Markup.At(Math.Max(0.5, width - 1))}\" height=\"{Markup.At(frame.Height - top)}\">");
                html.Add($"<title>{Markup.Text($"{Series[s].Name}, {Places[i]}: {Markup.Number(value)}")}</title></rect>");
            }

            html.Append("</g>");
        }

        ChartFrame.End(html);
    }
}
