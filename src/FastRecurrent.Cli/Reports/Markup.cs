using System.Globalization;
using System.Net;
using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>Pieces of HTML and SVG. Every text goes through <see cref="Text"/>, so that no name out of a file can become markup.</summary>
internal static class Markup
{
    /// <summary>Escapes a text, for an element or an attribute in double quotes.</summary>
    public static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A coordinate, to a tenth of a unit.</summary>
    public static string At(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>A number for people: 5 digits, thousands apart, powers of ten where it is very large or small.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        double.NaN => "n/a",
        double.PositiveInfinity => value > 0 ? "infinite" : "-infinite",
        0 => "0",
        < 1e-4 or >= 1e9 => value.ToString("0.####e0", CultureInfo.InvariantCulture),
        >= 1e4 => value.ToString("#,0", CultureInfo.InvariantCulture),
        _ => Rounded(value).ToString("#,0.########", CultureInfo.InvariantCulture),
    };

    /// <summary>Appends formatted markup, with numbers in the invariant culture.</summary>
    public static StringBuilder Add(this StringBuilder html, FormattableString markup) => html.Append(FormattableString.Invariant(markup));

    private static double Rounded(double value)
    {
        int digits = 4 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return Math.Round(value, Math.Clamp(digits, 0, 15));
    }
}

/// <summary>Something that stands in a report.</summary>
internal interface IReportPart
{
    /// <summary>Appends the part's HTML.</summary>
    void Write(StringBuilder html);
}
