using System.Globalization;

namespace FastRecurrent.Cli.Data;

/// <summary>Looks at a whole table and refuses nothing that can be told about: what a training would stumble over, all at once.</summary>
internal static class TableInspection
{
    private static readonly string[] OtherEndings = [".npy", ".wav", ".f32"];

    /// <summary>Whether a file is a table, by its name.</summary>
    public static bool IsTable(string path) => DataSource.IsCsv(path) || IsOther(path);

    /// <exception cref="DataFormatException">The file is missing, or no table.</exception>
    public static TableReport Of(string path, string? timeColumn)
    {
        if (IsOther(path))
        {
            return OfSeries(path, DataSource.Read(path, new DataOptions { Missing = MissingValues.Interpolate }));
        }

        return CsvRows.Open(path, new DataOptions(), rows => OfRows(path, rows, timeColumn));
    }

    private static bool IsOther(string path) => OtherEndings.Contains(Path.GetExtension(path).ToLowerInvariant());

    private static TableReport OfSeries(string path, LoadedSeries loaded) => new()
    {
        File = path,
        Format = Path.GetExtension(path)[1..].ToUpperInvariant(),
        Rows = loaded.Series.Length,
        Columns = [.. loaded.Series.Names.Select((name, channel) =>
        {
            ColumnTally tally = new(name);
            foreach (float value in loaded.Series.Column(channel))
            {
                tally.AddNumber(value);
            }

            return tally.Report(isTime: false);
        })],
        Notes = loaded.Notes,
    };

    private static TableReport OfRows(string path, CsvRows rows, string? timeColumn)
    {
        int time = rows.TimeColumn(timeColumn), count = 0, ragged = 0, badTimes = 0;
        int? firstRagged = null, firstBadTime = null;
        string? badTime = null;
        ColumnTally[] columns = [.. rows.Names.Select(name => new ColumnTally(name, rows.Numbers))];
        List<DateTime> times = [];
        List<int> lines = [];
        while (rows.Next() is { } record)
        {
            count++;
            if (record.Length != columns.Length)
            {
                firstRagged ??= rows.Line;
                ragged++;
            }

            for (int c = 0; c < Math.Min(record.Length, columns.Length); c++)
            {
                columns[c].Add(record[c], rows.Line);
            }

            if (time < 0 || time >= record.Length)
            {
                continue;
            }

            if (rows.Times.TryRead(record[time], out DateTime at))
            {
                times.Add(at);
                lines.Add(rows.Line);
            }
            else if (badTimes++ == 0)
            {
                (firstBadTime, badTime) = (rows.Line, record[time]);
            }
        }

        TableReport report = new()
        {
            File = path,
            Rows = count,
            Ragged = ragged,
            FirstRaggedRow = firstRagged,
            Columns = [.. columns.Select((column, c) => column.Report(c == time && times.Count > 0))],
            TimeColumn = time >= 0 ? rows.Names[time] : null,
            BadTimes = badTimes,
            FirstBadTimeRow = firstBadTime,
            FirstBadTime = badTime,
            Notes = [.. rows.Findings()],
        };
        return time < 0 || times.Count == 0 ? report : WithTimes(report, times, lines);
    }

    private static TableReport WithTimes(TableReport report, List<DateTime> times, List<int> lines)
    {
        int unordered = 0, gaps = 0, beside = 0;
        long leftOut = 0;
        int? firstUnordered = null, firstGap = null, firstBeside = null;
        TimeStep? step = TimeStep.Of(times.ToArray());
        for (int i = 1; i < times.Count; i++)
        {
            if (times[i] <= times[i - 1])
            {
                firstUnordered ??= lines[i];
                unordered++;
            }
            else if (step?.Between(times[i - 1], times[i]) is > 1 and { } steps)
            {
                firstGap ??= lines[i];
                gaps++;
                leftOut += steps - 1;
            }
            else if (step is { } grid && grid.Between(times[i - 1], times[i]) is null)
            {
                firstBeside ??= lines[i];
                beside++;
            }
        }

        return report with
        {
            Start = times[0].ToString("s", CultureInfo.InvariantCulture),
            End = times[^1].ToString("s", CultureInfo.InvariantCulture),
            Step = step?.ToString(),
            StepInWords = step?.InWords(),
            Gaps = gaps,
            RowsLeftOut = leftOut,
            FirstGapRow = firstGap,
            Beside = beside,
            FirstBesideRow = firstBeside,
            Unordered = unordered,
            FirstUnorderedRow = firstUnordered,
        };
    }
}
