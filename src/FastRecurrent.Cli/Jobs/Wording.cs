using System.Globalization;

namespace FastRecurrent.Cli.Jobs;

/// <summary>Numbers in the sentences of the jobs, the same in every culture.</summary>
internal static class Wording
{
    private const int Digits = 3;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>An error with the three digits that mean something: 0.00720, 2.03, 31.5.</summary>
    public static string Error(double value)
    {
        if (!double.IsFinite(value) || Math.Abs(value) is not (0 or (>= 1e-6 and < 1e9)))
        {
            return Reports.Markup.Number(value);
        }

        int decimals = value == 0 ? 0 : Digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return value.ToString($"#,0.{new string('0', Math.Clamp(decimals, 0, 9))}", Culture);
    }

    /// <summary>A value with the digits that its error leaves it: two of the error's own count.</summary>
    public static string Beside(double value, double error)
    {
        int decimals = error > 0 && double.IsFinite(error) ? Math.Clamp(1 - (int)Math.Floor(Math.Log10(error)), 0, 6) : 1;
        double rounded = Math.Round(value, decimals) + 0.0; // -0 becomes 0
        return rounded.ToString($"#,0.{new string('0', decimals)}", Culture);
    }

    /// <summary>A time in seconds, to a hundredth: two trainings can be compared at a glance.</summary>
    public static string Seconds(TimeSpan time) => string.Create(Culture, $"{time.TotalSeconds:#,0.00} s");

    /// <summary>A share without digits that say nothing: "90 %".</summary>
    public static string Share(double share) => string.Create(Culture, $"{share:0.#%}").Replace("%", " %", StringComparison.Ordinal);
}
