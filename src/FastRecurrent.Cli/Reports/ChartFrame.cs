using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>A chart's size: each chart is drawn for a wide and for a narrow screen, and the page's style shows one of them.</summary>
internal sealed record ChartSize(string Class, double Width, double Height)
{
    public static readonly ChartSize[] Both = [new("wide", 880, 310), new("narrow", 350, 270)];
}

/// <summary>Axes, grid and labels around a plot; what is plotted has coordinates from its upper left corner.</summary>
internal sealed class ChartFrame
{
    private const double Top = 26, Right = 14, Bottom = 40, CharacterWidth = 6.7;
    private const double TickDistance = 33; // between horizontal lines
    private const double LabelHeight = 16; // of the line below the ticks

    private readonly ChartSize _size;
    private readonly Axis _y;
    private readonly IReadOnlyList<Tick> _yTicks;
    private readonly double _left;

    public ChartFrame(ChartSize size, Axis y)
    {
        _size = size;
        _y = y;
        _yTicks = y.Ticks((int)((size.Height - Top - Bottom) / TickDistance));
        _left = 14 + (CharacterWidth * _yTicks.Select(tick => tick.Label.Length).DefaultIfEmpty(1).Max());
    }

    /// <summary>The plot's width.</summary>
    public double Width => _size.Width - _left - Right;

    /// <summary>The plot's height.</summary>
    public double Height => _size.Height - Top - Bottom;

    /// <summary>A value's distance from the plot's upper edge.</summary>
    public double Y(double value) => Height * (1 - _y.Place(value));

    /// <summary>Begins the chart: axes, grid, and the opened plot.</summary>
    /// <param name="html">Where it goes.</param>
    /// <param name="description">What a screen reader says.</param>
    /// <param name="xLabel">Below the horizontal axis.</param>
    /// <param name="yLabel">Above the vertical axis.</param>
    /// <param name="xTicks">Places from the left, with labels.</param>
    /// <param name="xGrid">Whether lines go up from the ticks.</param>
    public void Begin(StringBuilder html, string description, string xLabel, string yLabel, IEnumerable<Tick> xTicks, bool xGrid)
    {
        double height = _size.Height - (xLabel.Length > 0 ? 0 : LabelHeight);
        html.Add($"<svg class=\"chart {_size.Class}\" viewBox=\"0 0 {_size.Width} {height}\" role=\"img\" aria-label=\"{Markup.Text(description)}\">");
        foreach (Tick tick in _yTicks)
        {
            string y = Markup.At(Top + Y(tick.Value));
            html.Add($"<path class=\"grid\" d=\"M{Markup.At(_left)} {y}h{Markup.At(Width)}\"/>");
            html.Add($"<text class=\"tick\" x=\"{Markup.At(_left - 7)}\" y=\"{y}\" dy=\"4\" text-anchor=\"end\">{Markup.Text(tick.Label)}</text>");
        }

        double free = 0;
        foreach (Tick tick in xTicks)
        {
            double x = _left + tick.Value, half = CharacterWidth * tick.Label.Length / 2;
            html.Add($"<path class=\"{(xGrid ? "grid" : "axis")}\" d=\"M{Markup.At(x)} {Markup.At(Top + Height)}v{(xGrid ? Markup.At(-Height) : "4")}\"/>");
            // A label that would run into the one before it or out of the picture is left out.
            if (x - half > free && x + half < _size.Width)
            {
                html.Add($"<text class=\"tick\" x=\"{Markup.At(x)}\" y=\"{Markup.At(Top + Height + 16)}\" text-anchor=\"middle\">{Markup.Text(tick.Label)}</text>");
                free = x + half + CharacterWidth;
            }
        }

        html.Add($"<path class=\"axis\" d=\"M{Markup.At(_left)} {Markup.At(Top + Height)}h{Markup.At(Width)}\"/>");
        html.Add($"<text class=\"label\" x=\"2\" y=\"12\">{Markup.Text(yLabel)}</text>");
        html.Add($"<text class=\"label\" x=\"{Markup.At(_left + (Width / 2))}\" y=\"{Markup.At(_size.Height - 5)}\" text-anchor=\"middle\">{Markup.Text(xLabel)}</text>");
        html.Add($"<svg x=\"{Markup.At(_left)}\" y=\"{Markup.At(Top)}\" width=\"{Markup.At(Width)}\" height=\"{Markup.At(Height)}\" overflow=\"hidden\">");
    }

    /// <summary>Ends plot and chart.</summary>
    public static void End(StringBuilder html) => html.Append("</svg></svg>");
}
