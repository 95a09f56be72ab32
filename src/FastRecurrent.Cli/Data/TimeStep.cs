using System.Globalization;

namespace FastRecurrent.Cli.Data;

/// <summary>The distance of two rows in time: a time span, or whole months, which have no length of their own.</summary>
internal readonly record struct TimeStep
{
    // Below this share of one and the same distance, rows lie on no grid; that of TimeGrid.
    private const double LeastRegular = 0.9;

    private const int MonthsOfYear = 12;

    private TimeStep(TimeSpan span, int months) => (Span, Months) = (span, months);

    /// <summary>The distance; zero where it is in months.</summary>
    public TimeSpan Span { get; }

    /// <summary>The distance in months; 0 where it is a time span.</summary>
    public int Months { get; }

    /// <summary>Rows a day, where there are whole rows a day; else null.</summary>
    public int? RowsPerDay => Months == 0 && Span <= TimeSpan.FromDays(1) ? (int)Math.Round(TimeSpan.FromDays(1) / Span) : null;

    /// <summary>The step of rising times; null where they lie on no grid.</summary>
    public static TimeStep? Of(ReadOnlySpan<DateTime> times)
    {
        if (times.Length < 2)
        {
            return null;
        }

        Dictionary<TimeSpan, int> spans = [];
        Dictionary<int, int> months = [];
        for (int i = 1; i < times.Length; i++)
        {
            TimeSpan span = times[i] - times[i - 1];
            spans[span] = spans.GetValueOrDefault(span) + 1;
            int between = ((times[i].Year - times[i - 1].Year) * MonthsOfYear) + times[i].Month - times[i - 1].Month;
            bool isWhole = between > 0 && times[i].TimeOfDay == times[i - 1].TimeOfDay && (times[i].Day == times[i - 1].Day || (IsMonthEnd(times[i]) && IsMonthEnd(times[i - 1])));
            months[isWhole ? between : 0] = months.GetValueOrDefault(isWhole ? between : 0) + 1;
        }

        double least = LeastRegular * (times.Length - 1);
        (TimeSpan common, int count) = spans.MaxBy(pair => pair.Value);
        (int monthly, int monthCount) = months.MaxBy(pair => pair.Value);
        return count >= least && common > TimeSpan.Zero ? new TimeStep(common, 0)
            : monthCount >= least && monthly > 0 ? new TimeStep(TimeSpan.Zero, monthly)
            : null;
    }

    /// <summary>The step that <see cref="ToString"/> wrote; null for anything else.</summary>
    public static TimeStep? Parse(string text) =>
        text.EndsWith(" months", StringComparison.Ordinal) && int.TryParse(text.AsSpan(0, text.Length - 7), NumberStyles.None, CultureInfo.InvariantCulture, out int months) && months > 0
            ? new TimeStep(TimeSpan.Zero, months)
            : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan span) && span > TimeSpan.Zero ? new TimeStep(span, 0) : null;

    /// <summary>The time some steps behind another; the last day of a month stays the last day.</summary>
    public DateTime After(DateTime time, int steps)
    {
        if (Months == 0)
        {
            return time + (Span * steps);
        }

        DateTime moved = time.AddMonths(Months * steps);
        return IsMonthEnd(time) ? new DateTime(moved.Year, moved.Month, DateTime.DaysInMonth(moved.Year, moved.Month)) + time.TimeOfDay : moved;
    }

    /// <inheritdoc/>
    public override string ToString() => Months > 0 ? $"{Months} months" : Span.ToString("c", CultureInfo.InvariantCulture);

    private static bool IsMonthEnd(DateTime time) => time.Day == DateTime.DaysInMonth(time.Year, time.Month);
}
