using System.Globalization;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Data;

/// <summary>The distance of two rows in time: a time span, or whole months, which have no length of their own.</summary>
internal readonly record struct TimeStep
{
    private const int MonthsOfYear = 12;
    private const string MonthsWord = " months";

    private TimeStep(TimeSpan span, int months) => (Span, Months) = (span, months);

    /// <summary>The distance; zero where it is in months.</summary>
    public TimeSpan Span { get; }

    /// <summary>The distance in months; 0 where it is a time span.</summary>
    public int Months { get; }

    /// <summary>The step of rising times; null where they lie on no grid.</summary>
    public static TimeStep? Of(ReadOnlySpan<DateTime> times)
    {
        if (times.Length < 2)
        {
            return null;
        }

        TimeDistances distances = new(times);
        if (distances.IsGrid)
        {
            return new TimeStep(distances.Usual, 0);
        }

        Dictionary<int, int> months = [];
        for (int i = 1; i < times.Length; i++)
        {
            int between = WholeMonths(times[i - 1], times[i]);
            months[between] = months.GetValueOrDefault(between) + 1;
        }

        (int monthly, int count) = months.MaxBy(pair => pair.Value);
        return monthly > 0 && TimeDistances.IsMost(count, times.Length - 1) ? new TimeStep(TimeSpan.Zero, monthly) : null;
    }

    /// <summary>The step that <see cref="ToString"/> wrote; null for anything else.</summary>
    public static TimeStep? Parse(string text)
    {
        if (text.EndsWith(MonthsWord, StringComparison.Ordinal))
        {
            bool isCount = int.TryParse(text.AsSpan(0, text.Length - MonthsWord.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int months);
            return isCount && months > 0 ? new TimeStep(TimeSpan.Zero, months) : null;
        }

        return TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan span) && span > TimeSpan.Zero ? new TimeStep(span, 0) : null;
    }

    /// <summary>The time some steps behind another; the last day of a month stays the last day.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lies behind the year 9999.</exception>
    public DateTime After(DateTime time, int steps)
    {
        if (Months == 0)
        {
            return time + (Span * steps);
        }

        DateTime moved = time.AddMonths(Months * steps);
        return IsMonthEnd(time) ? new DateTime(moved.Year, moved.Month, DateTime.DaysInMonth(moved.Year, moved.Month)) + time.TimeOfDay : moved;
    }

    /// <summary>How many steps a time lies behind another; null where that is no whole number, 1 or more.</summary>
    public long? Between(DateTime from, DateTime to)
    {
        (long distance, long step) = Months == 0 ? ((to - from).Ticks, Span.Ticks) : (WholeMonths(from, to), Months);
        return distance > 0 && distance % step == 0 ? distance / step : null;
    }

    /// <summary>As model files hold it.</summary>
    public override string ToString() => Months > 0 ? $"{Months}{MonthsWord}" : Span.ToString("c", CultureInfo.InvariantCulture);

    /// <summary>In words, behind "every" or "a row every": "hour", "7 days", "month", "3 months", "year"; parts of a second as a time span.</summary>
    public string InWords() => Months switch
    {
        0 => SpanInWords(),
        1 => "month",
        MonthsOfYear => "year",
        _ => ToString(),
    };

    /// <summary>A count of the longest unit that divides the span.</summary>
    private string SpanInWords()
    {
        foreach ((long ticks, string unit) in (ReadOnlySpan<(long, string)>)
            [(TimeSpan.TicksPerDay, "day"), (TimeSpan.TicksPerHour, "hour"), (TimeSpan.TicksPerMinute, "minute"), (TimeSpan.TicksPerSecond, "second")])
        {
            if (Span.Ticks % ticks == 0)
            {
                return Span.Ticks == ticks ? unit : Format.Counted(Span.Ticks / ticks, unit);
            }
        }

        return ToString();
    }

    /// <summary>How many whole months lie between two times; 0 where that is no whole number.</summary>
    private static int WholeMonths(DateTime from, DateTime to)
    {
        int between = ((to.Year - from.Year) * MonthsOfYear) + to.Month - from.Month;
        bool isSameDay = to.Day == from.Day || (IsMonthEnd(to) && IsMonthEnd(from));
        return between > 0 && to.TimeOfDay == from.TimeOfDay && isSameDay ? between : 0;
    }

    private static bool IsMonthEnd(DateTime time) => time.Day == DateTime.DaysInMonth(time.Year, time.Month);
}
