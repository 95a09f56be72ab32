using System.Globalization;
using System.Text.RegularExpressions;

namespace FastRecurrent.Cli.Data;

/// <summary>Days that are not written as ISO 8601 has them and are certain all the same: the month by its English name, or eight digits.</summary>
internal static partial class CsvDates
{
    private const string Month =
        "(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sep(tember)?|oct(ober)?|nov(ember)?|dec(ember)?)";

    private static readonly string[] Days = ["MMM d yyyy", "MMMM d yyyy", "d MMM yyyy", "d MMMM yyyy", "yyyy MMM d", "yyyy MMMM d", "MMM yyyy", "MMMM yyyy"];
    private static readonly string[] Clocks = ["", " H:mm", " H:mm:ss"];
    private static readonly string[] Forms = [.. Days.SelectMany(_ => Clocks, (day, clock) => day + clock)];

    /// <summary>Whether a field is written as a day, month by name: Jan-1-1995, 1 January 1995, Jan 1995; no clock or one of 24 hours.</summary>
    public static bool IsNamed(string field) => NamedMonth().IsMatch(field);

    /// <summary>Reads such a day, if the calendar has it.</summary>
    public static bool TryNamed(string field, out DateTime time)
    {
        time = default;
        return IsNamed(field)
            && DateTime.TryParseExact(Separators().Replace(field, " "), Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }

    /// <summary>Reads YYYYMMDD.</summary>
    public static bool TryDigits(string field, out DateTime time) =>
        DateTime.TryParseExact(field, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    [GeneratedRegex(
        $@"^({Month}[-/. ]\d{{1,2}}(, ?|[-/. ])\d{{4}}|(\d{{1,2}}[-/. ])?{Month}(, ?|[-/. ])\d{{4}}|\d{{4}}[-/. ]{Month}[-/. ]\d{{1,2}})([T ]\d{{1,2}}:\d{{2}}(:\d{{2}})?)?$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex NamedMonth();

    [GeneratedRegex(@"[-/., ]+|(?<=\d)T(?=\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Separators();
}
