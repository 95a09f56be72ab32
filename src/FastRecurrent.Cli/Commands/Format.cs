using System.Globalization;

namespace FastRecurrent.Cli.Commands;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Format
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Three significant digits or more: 52.3 ns, 4.12 us, 60.1 ms.</summary>
    public static string Time(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => string.Create(Culture, $"{nanoseconds:0.0} ns"),
        < 1e6 => string.Create(Culture, $"{nanoseconds / 1e3:0.00} us"),
        < 1e9 => string.Create(Culture, $"{nanoseconds / 1e6:0.00} ms"),
        _ => string.Create(Culture, $"{nanoseconds / 1e9:0.00} s"),
    };

    public static string Bytes(double bytes) => bytes switch
    {
        < 10_000 => string.Create(Culture, $"{bytes:0.###} bytes"),
        < 1 << 20 => string.Create(Culture, $"{bytes / 1024:0.0} KiB"),
        _ => string.Create(Culture, $"{bytes / (1 << 20):0.0} MiB"),
    };

    public static string Number(double value, string format = "0.0") => value.ToString(format, Culture);

    public static string Percent(double fraction) => string.Create(Culture, $"{100 * fraction:0.0} %");

    /// <summary>A count with its word: "1 row", "2,000 rows".</summary>
    public static string Counted(long count, string word) => $"{count.ToString("#,0", Culture)} {Plural(count, word)}";

    /// <summary>The same behind "there": "is 1 row", "are 2,000 rows".</summary>
    public static string Are(long count, string word) => $"{(count == 1 ? "is" : "are")} {Counted(count, word)}";

    /// <summary>The word for a count that stands before it in other words: "row", "rows".</summary>
    public static string Plural(long count, string word) => count == 1 ? word : $"{word}s";

    public static string Ratio(double ratio) => string.Create(Culture, $"{ratio:0.000} x");
}
