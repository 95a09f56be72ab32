using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Weather;

/// <summary>
/// How far ahead the network forecasts at every step: some distances, of which one is the job's own. The others show how the error grows
/// from the next row on.
/// </summary>
internal sealed class WeatherLeads
{
    /// <summary>Distances where nobody asks for another number: every hour of a day.</summary>
    public const int Most = 24;

    private const int DaysOfWeek = 7;
    private const string Prefix = "target ";

    private WeatherLeads(ImmutableArray<int> rows, int ahead) => (Rows, Own) = (rows, rows.IndexOf(ahead));

    /// <summary>L distances in rows, rising.</summary>
    public ImmutableArray<int> Rows { get; }

    /// <summary>Which of them the job is about.</summary>
    public int Own { get; }

    public int Count => Rows.Length;

    public int Farthest => Rows[^1];

    /// <summary>Evenly spaced distances up to that of the job; where rows are days, up to a week.</summary>
    /// <param name="ahead">The job's distance in rows.</param>
    /// <param name="rowsPerDay">Rows of a day.</param>
    /// <param name="wanted">How many; null for every row, <see cref="Most"/> at most, and 1 for the job's alone.</param>
    /// <exception cref="UsageException">There are not so many.</exception>
    public static WeatherLeads Of(int ahead, int rowsPerDay, int? wanted)
    {
        if (wanted == 1)
        {
            return new WeatherLeads([ahead], ahead);
        }

        int farthest = rowsPerDay == 1 ? Math.Max(ahead, DaysOfWeek) : ahead, count = wanted ?? Math.Min(Most, farthest);
        if (count > farthest)
        {
            throw new UsageException($"--leads: found '{count}', wanted 1 to {farthest}: the rows up to --ahead, or to a week of days.");
        }

        IEnumerable<int> even = Enumerable.Range(1, count).Select(i => (int)((((long)i * farthest) + count - 1) / count));
        return new WeatherLeads([.. even.Append(ahead).Distinct().Order()], ahead);
    }

    /// <summary>
    /// [rows, L C]: in row r what the network, at the step that lies <see cref="Farthest"/> rows before, has to give for the rows at each
    /// distance from that step: the target's value, or how it differs from the value at that step.
    /// </summary>
    public TimeSeries Outcomes(TimeSeries targets, WeatherOutput output)
    {
        int channels = targets.Channels;
        float[] values = targets.ToArray(), outcomes = new float[targets.Length * Count * channels];

        // Nothing forecasts the first rows; their place is only kept.
        for (int row = Farthest; row < targets.Length; row++)
        {
            int step = row - Farthest;
            for (int lead = 0; lead < Count; lead++)
            {
                for (int c = 0; c < channels; c++)
                {
                    float known = output == WeatherOutput.Change ? values[(step * channels) + c] : 0;
                    outcomes[(((row * Count) + lead) * channels) + c] = values[((step + Rows[lead]) * channels) + c] - known;
                }
            }
        }

        return new TimeSeries(outcomes, Names([.. targets.Names]).AsSpan());
    }

    /// <summary>The names of <see cref="Outcomes"/>'s channels.</summary>
    public ImmutableArray<string> Names(ImmutableArray<string> targets) =>
        [.. Rows.SelectMany(rows => targets.Select(target => $"{Prefix}{target}, {Format.Number(rows, "0")} ahead"))];
}
