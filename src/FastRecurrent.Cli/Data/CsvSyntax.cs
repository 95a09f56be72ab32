using System.Globalization;
using System.Text.RegularExpressions;

namespace FastRecurrent.Cli.Data;

/// <summary>What a field of a CSV is: a number, a time, nothing, or text.</summary>
internal static partial class CsvSyntax
{
    /// <summary>How a time is to be written.</summary>
    public const string TimeForm = "YYYY-MM-DD[ HH:MM[:SS]]";

    private const int MostShown = 40;

    // Whole numbers in these bounds can be years; others are counts.
    private const int FirstYear = 1000, LastYear = 2999;

    // What a column of years, or of days of eight digits, may be called; a column "day" of 1 to 31 is neither.
    private const string Years = "year";
    private static readonly string[] Days = ["date", "day"];
    private const double FirstDay = 1000_01_01, LastDay = 9999_12_31;

    private static readonly string[] MissingMarks = ["", "NA", "N/A", "NaN", "null", "None", "-", "?"];

    /// <summary>Whether a field is a number with a comma for its decimal point, as 1,5 is.</summary>
    public static bool HasDecimalComma(string field) =>
        field.Contains(',', StringComparison.Ordinal) && field.Count(letter => letter == ',') == 1 && IsNumber(field.Replace(',', '.'));

    /// <summary>Whether a field is two numbers with a semicolon between, as what stands between two decimal commas is.</summary>
    public static bool HoldsSemicolon(string field) => field.Split(';') is [{ } left, { } right] && IsNumber(left) && IsNumber(right);

    public static bool IsMissing(string field) => Array.Exists(MissingMarks, mark => mark.Equals(field, StringComparison.OrdinalIgnoreCase));

    public static bool TryNumber(string field, out double value) => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    public static bool IsNumber(string field) => TryNumber(field, out double _) && !IsMissing(field);

    /// <summary>A time in the forms of ISO 8601 or with the month by name, as its own clock showed it.</summary>
    public static bool TryTime(string field, out DateTime time) => TryTime(field, out time, out _, allowNumber: false);

    /// <summary>A time in the forms of ISO 8601 or with the month by name, as its own clock showed it, and that clock's offset from UTC.</summary>
    /// <param name="field">The text.</param>
    /// <param name="time">The time.</param>
    /// <param name="offset">The offset; null where there is none.</param>
    /// <param name="allowNumber">Whether a whole number is a year or, of eight digits, a day.</param>
    public static bool TryTime(string field, out DateTime time, out TimeSpan? offset, bool allowNumber)
    {
        offset = null;
        if (TryNumber(field, out double number))
        {
            if (allowNumber && CsvDates.TryDigits(field, out time))
            {
                return true;
            }

            bool isYear = allowNumber && number == Math.Floor(number) && number is >= FirstYear and <= LastYear;
            time = isYear ? new DateTime((int)number, 1, 1) : default;
            return isYear;
        }

        if (CsvDates.TryNamed(field, out time))
        {
            return true;
        }

        Match match = IsoTime().Match(field);
        bool isTime = DateTimeOffset.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset parsed)
            && match.Success;
        time = isTime ? parsed.DateTime : default;
        offset = isTime && match.Groups["offset"].Success ? parsed.Offset : null;
        return isTime;
    }

    /// <summary>What to say of a column of years or days in digits that was not named as the times; null where there is none.</summary>
    /// <param name="columnsOfNumbers">Their names, each with one of its values.</param>
    public static string? NumberHint(IEnumerable<(string Name, double Value)> columnsOfNumbers)
    {
        string? name = columnsOfNumbers.FirstOrDefault(MayBeTime).Name;
        return name is null ? null : $"'{name}' is read as numbers; where it is the rows' time, --time {name} says so.";

        static bool MayBeTime((string Name, double Value) column) =>
            Years.Equals(column.Name, StringComparison.OrdinalIgnoreCase)
            || (column.Value is >= FirstDay and <= LastDay && Days.Contains(column.Name, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Whether a field is a time, or was meant as one: in another form, of no day of the calendar, of a year beyond it.</summary>
    public static bool LooksLikeTime(string field) =>
        !IsNumber(field) && (IsoTime().IsMatch(field) || CsvDates.IsNamed(field) || OtherDate().IsMatch(field) || OtherYear().IsMatch(field));

    /// <summary>A field within a sentence: its beginning, on one line.</summary>
    public static string Shown(string field)
    {
        string line = field.ReplaceLineEndings(" ");
        return line.Length <= MostShown ? line : $"{line[..MostShown]}...";
    }

    /// <summary>Why a field is no time, and what is wanted.</summary>
    public static string TimeProblem(string field) =>
        OtherDate().IsMatch(field) ? $"the order of day and month in '{field}' is not certain; write it as {TimeForm}"
        : OtherYear().IsMatch(field) ? $"'{field}' lies outside the years 0001 to 9999, which are the ones that are read"
        : IsoTime().IsMatch(field) || CsvDates.IsNamed(field) ? $"'{field}' is no day of the calendar or no time of a day; mend it"
        : $"'{field}' is no time; write it as {TimeForm}";

    [GeneratedRegex(@"^\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(?<offset>Z|[+-]\d{2}(:?\d{2})?)?)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex IsoTime();

    [GeneratedRegex(
        @"^(\d{1,2}[./-]\d{1,2}[./-](\d{4}|\d{2})|\d{4}[./]\d{1,2}[./]\d{1,2}|\d{4}-(\d-\d{1,2}|\d{2}-\d))($|[T ])", RegexOptions.CultureInvariant)]
    private static partial Regex OtherDate();

    [GeneratedRegex(@"^(0000|[+-]\d{4,}|\d{5,})-\d{1,2}(-\d{1,2})?($|[T ])", RegexOptions.CultureInvariant)]
    private static partial Regex OtherYear();
}
