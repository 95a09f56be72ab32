using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FastRecurrent.Cli.Reports;

namespace FastRecurrent.Tests.Reports;

public partial class ReportTests
{
    private const string Hostile = "<script>alert(1)</script> & \"a\" 'b'";

    /// <summary>Every kind of part, with hostile names everywhere.</summary>
    private static HtmlReport Everything(string name)
    {
        float[] wave = [.. Enumerable.Range(0, 500).Select(i => MathF.Sin(i / 20f) + 1.5f)];
        ConfusionMatrix matrix = new(name, "b");
        matrix.Add(0, 0);
        return new HtmlReport(name, name)
        {
            Cards = [new ReportCard(name, name, name)],
            Footer = name,
            Sections =
            [
                new ReportSection(
                    name,
                    new LineChart(name)
                    {
                        XLabel = name, YLabel = name, Note = name, YKind = AxisKind.Log,
                        Lines = [new ChartLine(name, wave), new ChartLine("b", wave) { Dashed = true }.Smoothed("c", 10)],
                        Bands = [new ChartBand(name, wave, wave)],
                        Marks = [new ChartMark(250, name)],
                    },
                    new LineChart("time") { XKind = AxisKind.Time, Lines = [new ChartLine("a", wave, new DateTime(2026, 1, 1).ToOADate())] },
                    new BarChart(name) { XLabel = name, YLabel = name, Note = name, Places = [name, "2"], Series = [new BarSeries(name, [1, double.NaN]), new BarSeries("b", [2, 3])] },
                    HeatMap.Of(name, matrix) with { Note = name },
                    new ReportTable(name, name, "b") { Note = name, Rows = [[name, "1"]], Best = 0 },
                    new ReportText(name)),
            ],
        };
    }

    [Fact]
    public void Names_never_become_markup()
    {
        string html = Everything(Hostile).ToHtml();
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        XElement[] elements = [.. Body(html).DescendantsAndSelf()];
        Assert.DoesNotContain(elements, element => element.Name.LocalName is "script" or "a" or "iframe" or "img" or "link");
        Assert.True(elements.Count(element => element.Value.Contains(Hostile, StringComparison.Ordinal)) > 10);
    }

    [Fact]
    public void A_report_needs_nothing_from_elsewhere()
    {
        string html = Everything("a").ToHtml();
        Assert.DoesNotContain("http", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A colour that one of the two schemes forgot would show as black on black.</summary>
    [Fact]
    public void Both_schemes_define_every_colour_that_is_used()
    {
        string[] schemes = [.. Scheme().Matches(ReportStyle.Css).Select(match => match.Value)];
        Assert.Equal(2, schemes.Length);
        string[] used = [.. Used().Matches(ReportStyle.Css).Select(match => match.Groups[1].Value).Distinct().Where(name => name is not "--c" and not "--share")];
        Assert.Contains("--page", used);
        Assert.All(schemes, scheme => Assert.All(used, name => Assert.Contains($"{name}:", scheme, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(-0.83, 0.91, 4, "-0.5 0.0 0.5")]
    [InlineData(15_000, 17_000, 8, "15,000 15,500 16,000 16,500 17,000")]
    [InlineData(0.0012, 0.0013, 5, "0.00120 0.00122 0.00124 0.00126 0.00128 0.00130")]
    [InlineData(0, 3e9, 3, "0e0 1e9 2e9 3e9")]
    public void Ticks_are_round_numbers(double low, double high, int about, string labels)
    {
        Assert.Equal(labels, string.Join(' ', Axis.Over(AxisKind.Linear, low, high).Ticks(about).Select(tick => tick.Label)));
    }

    [Fact]
    public void Ticks_of_logarithms_and_of_time()
    {
        Assert.Equal("0.01 0.02 0.05 0.1", Labels(AxisKind.Log, 0.01, 0.15, 6));
        Assert.Equal("0.0001 0.001 0.01 0.1 1", Labels(AxisKind.Log, 1e-4, 2, 6));
        Assert.Equal("2012 2013 2014 2015", Labels(AxisKind.Time, Day(2011, 12, 1), Day(2015, 12, 31), 5));
        Assert.Equal("Mar 2026 Apr 2026 May 2026", Labels(AxisKind.Time, Day(2026, 2, 10), Day(2026, 5, 20), 4));
        Assert.Equal("4 Jul 00:00 4 Jul 12:00 5 Jul 00:00", Labels(AxisKind.Time, Day(2026, 7, 3) + 0.6, Day(2026, 7, 5) + 0.1, 3));

        static string Labels(AxisKind kind, double low, double high, int about) =>
            string.Join(' ', Axis.Over(kind, low, high).Ticks(about).Select(tick => tick.Label));

        static double Day(int year, int month, int day) => new DateTime(year, month, day).ToOADate();
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.020211367, "0.020211")]
    [InlineData(12345.678, "12,346")]
    [InlineData(1.5, "1.5")]
    [InlineData(-273.15, "-273.15")]
    [InlineData(1e-7, "1e-7")]
    [InlineData(double.NaN, "n/a")]
    public void Numbers_for_people(double value, string text)
    {
        Assert.Equal(text, Markup.Number(value));
    }

    /// <summary>A spike of one point in 41,000 must show, and the path must not be larger than the screen.</summary>
    [Fact]
    public void Long_lines_keep_every_peak_and_fit_the_screen()
    {
        const int Count = 41_000, Width = 900;
        float[] values = new Draw(1).Floats(Count, -1, 1);
        values[12_345] = 7;
        values[23_456] = -7;
        StringBuilder path = new();
        LinePath.Append(path, Count, i => (double)i * Width / (Count - 1), i => values[i]);
        (double X, double Y)[] points = [.. Point().Matches(path.ToString()).Select(match => (Parsed(match.Groups[1]), Parsed(match.Groups[2])))];
        Assert.InRange(points.Length, Width, 4 * (Width + 1));
        Assert.Contains(points, point => point.Y == 7 && Math.Abs(point.X - (12_345.0 * Width / (Count - 1))) < 1);
        Assert.Contains(points, point => point.Y == -7);
        Assert.True(points.Zip(points.Skip(1)).All(pair => pair.First.X <= pair.Second.X));
        Assert.Equal(1, path.ToString().Count(c => c == 'M'));

        static double Parsed(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Lines_break_where_there_is_no_value()
    {
        StringBuilder path = new();
        LinePath.Append(path, 5, i => 10 * i, i => i == 2 ? double.NaN : i);
        Assert.Equal("M0 0L10 1M30 3L40 4", path.ToString());
    }

    [Fact]
    public void Charts_stand_no_values_constant_values_and_no_finite_ones()
    {
        foreach (float[] values in (float[][])[[], [3], [3, 3, 3], [float.NaN, float.PositiveInfinity], [0, -1]])
        {
            foreach (AxisKind kind in new[] { AxisKind.Linear, AxisKind.Log })
            {
                string html = new HtmlReport("a", "b") { Sections = [new ReportSection("c", new LineChart("d") { YKind = kind, Lines = [new ChartLine("e", values)] }, new BarChart("f"))] }.ToHtml();
                Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
                Assert.DoesNotContain("∞", html, StringComparison.Ordinal);
                Body(html);
            }
        }
    }

    [Theory]
    [InlineData("1 2 3", 0)]
    [InlineData("NaN 2 NaN", 1)]
    [InlineData("2", 1)]
    [InlineData("NaN", 0)]
    public void One_point_is_drawn_as_a_dot(string values, int dots)
    {
        float[] line = [.. values.Split(' ').Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        string html = new HtmlReport("a", "b") { Sections = [new ReportSection("c", new LineChart("d") { Lines = [new ChartLine("e", line)] })] }.ToHtml();
        Assert.Equal(dots * ChartSize.Both.Length, html.Split("<circle").Length - 1);
    }

    [Fact]
    public void A_file_is_replaced_whole_or_left_as_it_was()
    {
        string folder = Directory.CreateTempSubdirectory("fastrecurrent").FullName;
        try
        {
            string path = Path.Combine(folder, "new", "report.html");
            Everything("first").Write(path);
            Everything("second").Write(path);
            Assert.Contains("second", File.ReadAllText(path), StringComparison.Ordinal);
            Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));

            // A folder in the file's place: the writing fails at the end.
            string taken = Path.Combine(folder, "taken");
            Directory.CreateDirectory(Path.Combine(taken, "child"));
            DataFormatException error = Assert.Throws<DataFormatException>(() => OutputFolder.WriteText(taken, "x"));
            Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
            Assert.Equal([taken], Directory.GetFileSystemEntries(folder, "taken*"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The page's body is well-formed: it reads as XML.</summary>
    private static XElement Body(string html) =>
        XElement.Parse(html[html.IndexOf("<main>", StringComparison.Ordinal)..(html.IndexOf("</main>", StringComparison.Ordinal) + 7)]);

    [GeneratedRegex(@":root \{[^}]*\}")]
    private static partial Regex Scheme();

    [GeneratedRegex(@"var\((--[a-z0-9]+)\)")]
    private static partial Regex Used();

    [GeneratedRegex(@"[ML](-?[0-9.]+) (-?[0-9.]+)")]
    private static partial Regex Point();
}
