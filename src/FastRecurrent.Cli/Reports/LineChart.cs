using System.Collections.Immutable;
using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>A line of a chart: points at even distances, or at places of their own.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Values">The points' heights; one that is not a number breaks the line.</param>
/// <param name="Start">Where the first point lies along the horizontal axis.</param>
/// <param name="Step">How far the points are apart.</param>
internal sealed record ChartLine(string Name, ReadOnlyMemory<float> Values, double Start = 0, double Step = 1)
{
    /// <summary>Which of the page's colours, 1..6; 0 takes the next.</summary>
    public int Colour { get; init; }

    /// <summary>Drawn with gaps, for what is not a measurement.</summary>
    public bool Dashed { get; init; }

    /// <summary>Drawn thin and pale, for what lies behind a smoothed line.</summary>
    public bool Faint { get; init; }

    /// <summary>The points' places where they are not at even distances; rising.</summary>
    public ReadOnlyMemory<double> Places { get; init; }

    public double Place(int i) => Places.IsEmpty ? Start + (i * Step) : Places.Span[i];

    /// <summary>The line's moving average over the last <paramref name="window"/> points, of those that are finite.</summary>
    public ChartLine Smoothed(string name, int window)
    {
        float[] smooth = new float[Values.Length];
        double sum = 0;
        int count = 0;
        for (int i = 0; i < smooth.Length; i++)
        {
            Take(i, 1);
            Take(i - window, -1);
            smooth[i] = count > 0 ? (float)(sum / count) : float.NaN;
        }

        return this with { Name = name, Values = smooth, Faint = false };

        void Take(int i, int sign)
        {
            if (i >= 0 && float.IsFinite(Values.Span[i]))
            {
                sum += sign * (double)Values.Span[i];
                count += sign;
            }
        }
    }
}

/// <summary>An area between two lines, for intervals.</summary>
internal sealed record ChartBand(string Name, ReadOnlyMemory<float> Lower, ReadOnlyMemory<float> Upper, double Start = 0, double Step = 1)
{
    /// <summary>Which of the page's colours, 1..6.</summary>
    public int Colour { get; init; } = 2;
}

/// <summary>A vertical line with a word, such as where the forecast begins.</summary>
internal sealed record ChartMark(double Place, string Name);

/// <summary>Lines over one horizontal axis, with bands below and marks across them.</summary>
internal sealed record LineChart(string Title) : IReportPart
{
    private const int Colours = 6;
    private const double HeadRoom = 1.05; // above the highest value
    private const double TickWidth = 72; // between labels of the horizontal axis

    public string XLabel { get; init; } = "";

    public string YLabel { get; init; } = "";

    /// <summary>A sentence below the title.</summary>
    public string Note { get; init; } = "";

    public AxisKind XKind { get; init; }

    public AxisKind YKind { get; init; }

    /// <summary>Whether the vertical axis begins at 0, so that heights can be compared; for <see cref="AxisKind.Linear"/>.</summary>
    public bool YFromZero { get; init; }

    public ImmutableArray<ChartLine> Lines { get; init; } = [];

    public ImmutableArray<ChartBand> Bands { get; init; } = [];

    public ImmutableArray<ChartMark> Marks { get; init; } = [];

    public void Write(StringBuilder html)
    {
        Figure.Begin(html, Title, Note, [
            .. Lines.Select((line, i) => new LegendEntry(line.Name, ColourOf(i), line.Dashed ? "dash" : "line")),
            .. Bands.Select(band => new LegendEntry(band.Name, band.Colour, "area"))]);
        Axis x = XAxis(), y = YAxis();
        foreach (ChartSize size in ChartSize.Both)
        {
            Draw(html, new ChartFrame(size, y), x, y);
        }

        Figure.End(html);
    }

    private void Draw(StringBuilder html, ChartFrame frame, Axis x, Axis y)
    {
        IEnumerable<Tick> ticks = x.Ticks((int)(frame.Width / TickWidth)).Select(tick => tick with { Value = X(tick.Value) });
        frame.Begin(html, Title, XLabel, YLabel, ticks, xGrid: true);
        foreach (ChartBand band in Bands)
        {
            html.Add($"<path class=\"band c{band.Colour}\" d=\"");
            for (int i = 0; i < band.Upper.Length; i++)
            {
                html.Add($"{(i == 0 ? 'M' : 'L')}{Markup.At(X(band.Start + (i * band.Step)))} {Markup.At(Clamped(band.Upper.Span[i]))}");
            }

            for (int i = band.Lower.Length - 1; i >= 0; i--)
            {
                html.Add($"L{Markup.At(X(band.Start + (i * band.Step)))} {Markup.At(Clamped(band.Lower.Span[i]))}");
            }

            html.Append("Z\"/>");
        }

        for (int i = 0; i < Lines.Length; i++)
        {
            ChartLine line = Lines[i];
            html.Add($"<path class=\"line c{ColourOf(i)}{(line.Dashed ? " dashed" : line.Faint ? " faint" : "")}\" d=\"");
            LinePath.Append(html, line.Values.Length, k => X(line.Place(k)), Y);
            html.Append("\"/>");

            // A line of one point, such as the loss of one epoch, would not be seen.
            int[] held = [.. Enumerable.Range(0, line.Values.Length).Where(k => double.IsFinite(Y(k))).Take(2)];
            if (held.Length == 1)
            {
                html.Add($"<circle class=\"bar c{ColourOf(i)}\" cx=\"{Markup.At(X(line.Place(held[0])))}\" cy=\"{Markup.At(Y(held[0]))}\" r=\"4\"/>");
            }

            double Y(int k) => y.Holds(line.Values.Span[k]) ? frame.Y(line.Values.Span[k]) : double.NaN;
        }

        foreach (ChartMark mark in Marks)
        {
            double at = X(mark.Place);
            bool isRight = at > frame.Width * 0.8;
            html.Add($"<path class=\"mark\" d=\"M{Markup.At(at)} 0v{Markup.At(frame.Height)}\"/>");
            html.Add($"<text class=\"label\" x=\"{Markup.At(at + (isRight ? -6 : 6))}\" y=\"13\" text-anchor=\"{(isRight ? "end" : "start")}\">{Markup.Text(mark.Name)}</text>");
        }

        ChartFrame.End(html);

        double X(double value) => frame.Width * x.Place(value);

        double Clamped(float value) => Math.Clamp(y.Holds(value) ? frame.Y(value) : frame.Height, 0, frame.Height);
    }

    private int ColourOf(int line) => Lines[line].Colour > 0 ? Lines[line].Colour : (line % Colours) + 1;

    private Axis XAxis()
    {
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (ChartLine line in Lines.Where(line => line.Values.Length > 0))
        {
            (low, high) = (Math.Min(low, line.Place(0)), Math.Max(high, line.Place(line.Values.Length - 1)));
        }

        return Axis.Over(XKind, low, high);
    }

    private Axis YAxis()
    {
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        IEnumerable<ReadOnlyMemory<float>> all =
            [.. Lines.Select(line => line.Values), .. Bands.Select(band => band.Lower), .. Bands.Select(band => band.Upper)];
        foreach (ReadOnlyMemory<float> values in all)
        {
            foreach (float value in values.Span)
            {
                if (float.IsFinite(value) && (YKind != AxisKind.Log || value > 0))
                {
                    (low, high) = (Math.Min(low, value), Math.Max(high, value));
                }
            }
        }

        return YFromZero ? Axis.Over(YKind, 0, high > 0 ? high * HeadRoom : 1) : Axis.Over(YKind, low, high, padding: 0.05);
    }
}
