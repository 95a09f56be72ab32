using System.Globalization;

namespace FastRecurrent.Cli.Reports;

/// <summary>Ticks of a time axis: full hours, midnights, firsts of months and years.</summary>
internal static class TimeTicks
{
    private static readonly double[] DaySteps = [1 / 24.0, 2 / 24.0, 3 / 24.0, 6 / 24.0, 12 / 24.0, 1, 2, 7, 14];
    private static readonly int[] MonthSteps = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600];
    private const double MonthDays = 30.44;

    /// <summary>About this many ticks between two days since 1899-12-30.</summary>
    public static List<Tick> Between(double low, double high, int about)
    {
        double raw = (high - low) / Math.Max(1, about);
        double step = DaySteps.FirstOrDefault(days => days >= raw);
        return step > 0 ? ByDays(low, high, step) : ByMonths(low, high, MonthSteps.FirstOrDefault(months => months * MonthDays >= raw, MonthSteps[^1]));
    }

    private static List<Tick> ByDays(double low, double high, double step)
    {
        string format = step < 0.99 ? "d MMM HH:mm" : "d MMM yyyy";
        List<Tick> ticks = [];
        for (double k = Math.Ceiling(low / step); k * step <= high; k++)
        {
            // Half a second, so that a full hour is not written as the minute before.
            ticks.Add(new Tick(k * step, DateTime.FromOADate((k * step) + (0.5 / 86400)).ToString(format, CultureInfo.InvariantCulture)));
        }

        return ticks;
    }

    private static List<Tick> ByMonths(double low, double high, int step)
    {
        DateTime start = DateTime.FromOADate(low);
        int first = (start.Year * 12) + start.Month - 1;
        List<Tick> ticks = [];
        for (int month = (first + step - 1) / step * step; month / 12 <= 9999; month += step)
        {
            DateTime date = new(month / 12, (month % 12) + 1, 1);
            double value = date.ToOADate();
            if (value > high)
            {
                break;
            }

            if (value >= low)
            {
                ticks.Add(new Tick(value, date.ToString(step % 12 == 0 ? "yyyy" : "MMM yyyy", CultureInfo.InvariantCulture)));
            }
        }

        return ticks;
    }
}
