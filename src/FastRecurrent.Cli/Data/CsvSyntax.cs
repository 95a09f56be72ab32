using System.Globalization;

namespace FastRecurrent.Cli.Data;

/// <summary>What a field of a CSV is: a number, a time, nothing, or text.</summary>
internal static class CsvSyntax
{
    private static readonly string[] MissingMarks = ["", "NA", "N/A", "NaN", "null", "None", "-", "?"];

    public static bool IsMissing(string field) => Array.Exists(MissingMarks, mark => mark.Equals(field, StringComparison.OrdinalIgnoreCase));

    public static bool TryNumber(string field, out double value) => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    public static bool IsNumber(string field) => TryNumber(field, out double _) && !IsMissing(field);

    /// <summary>
    /// A time, as its own clock showed it: an offset from UTC is left out, since hours of the day are what forecasts depend on.
    /// </summary>
    /// <param name="field">The text.</param>
    /// <param name="time">The time.</param>
    /// <param name="allowYear">Whether a whole number is a year.</param>
    public static bool TryTime(string field, out DateTime time, bool allowYear = false)
    {
        if (TryNumber(field, out double number))
        {
            bool isYear = allowYear && number == Math.Floor(number) && number is >= 1 and <= 9999;
            time = isYear ? new DateTime((int)number, 1, 1) : default;
            return isYear;
        }

        bool isTime = DateTimeOffset.TryParse(field, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset parsed);
        time = parsed.DateTime;
        return isTime;
    }
}
