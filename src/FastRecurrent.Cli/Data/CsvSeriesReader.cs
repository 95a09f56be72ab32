using CsvHelper;

namespace FastRecurrent.Cli.Data;

/// <summary>
/// Reads columns of numbers, and of times, out of a CSV. Whatever does not fit is one sentence with file, row and column; what was
/// left out or filled is said in the notes.
/// </summary>
internal sealed class CsvSeriesReader
{
    private const int MaxRecord = 1 << 20; // bytes; an open quote must not swallow a file

    private readonly string _name;
    private readonly DataOptions _options;
    private readonly CsvReader _reader;
    private string[] _names = [];

    private CsvSeriesReader(CsvReader reader, string name, DataOptions options) => (_reader, _name, _options) = (reader, name, options);

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">The file is missing or does not hold what was asked for.</exception>
    public static LoadedSeries Read(string path, DataOptions options) => DataSource.Open(path, () =>
    {
        using FileStream file = File.OpenRead(path);
        return Read(file, path, options);
    });

    /// <summary>Reads a stream.</summary>
    /// <exception cref="DataFormatException">The stream does not hold what was asked for.</exception>
    public static LoadedSeries Read(Stream stream, string name, DataOptions options)
    {
        using CsvReader reader = CsvReader.Create(stream, new CsvReaderOptions
        {
            HasHeader = false, // the first row is looked at here
            Separator = options.Delimiter,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = MaxRecord,
        });
        try
        {
            return new CsvSeriesReader(reader, name, options).Read();
        }
        catch (CsvFormatException error)
        {
            throw new DataFormatException(name, error.LineNumber, null, $"the row is malformed ({error.Message.TrimEnd('.')})", error);
        }
    }

    private LoadedSeries Read()
    {
        string[] first = ReadNames();
        int time = TimeColumn(first);
        int[] columns = NumberColumns(first, time);
        List<string> notes = [];
        string[] ignored = [.. Enumerable.Range(0, _names.Length).Except([.. columns, time]).Select(c => _names[c])];
        if (ignored.Length > 0)
        {
            notes.Add($"Not used: {string.Join(", ", ignored)}.");
        }

        List<float> values = [];
        List<DateTime> times = [];
        List<int> rows = [];
        string[]? record = first;
        for (; record is not null; record = NextRecord())
        {
            int row = (int)_reader.LineNumber;
            if (record.Length != _names.Length)
            {
                throw Refusal(row, null, $"there are {record.Length} fields, but {_names.Length} columns; mend the row");
            }

            foreach (int column in columns)
            {
                values.Add(Number(record[column], row, column));
            }

            if (time >= 0)
            {
                times.Add(CsvSyntax.TryTime(record[time], out DateTime at, allowYear: true)
                    ? at
                    : throw Refusal(row, _names[time], $"'{Shown(record[time])}' is no time; write it as 2026-01-31 or 2026-01-31T12:00:00"));
            }

            rows.Add(row);
        }

        return Finish(columns, values, time >= 0 ? times : null, rows, notes);
    }

    private LoadedSeries Finish(int[] columns, List<float> values, List<DateTime>? times, List<int> rows, List<string> notes)
    {
        if (_options.Columns.IsDefaultOrEmpty)
        {
            columns = WithoutEmpty(columns, ref values, notes);
        }

        string[] names = [.. columns.Select(column => _names[column])];
        if (times is not null)
        {
            TimeGrid.Regularize(times, values, names.Length, rows, _options.Missing, _name, notes);
        }

        float[] table = [.. values];
        int gap = Array.FindIndex(table, float.IsNaN);
        if (gap >= 0 && _options.Missing == MissingValues.Refuse)
        {
            throw Refusal(rows[gap / names.Length], names[gap % names.Length],
                "there is no value; fill the gaps (interpolate or previous), or leave the column out");
        }

        try
        {
            int[] filled = GapFilling.Fill(table, names, _options.Missing);
            notes.AddRange(filled.Zip(names).Where(pair => pair.First > 0)
                .Select(pair => $"{pair.Second}: {pair.First} of {rows.Count} values were missing and filled ({_options.Missing.ToString().ToLowerInvariant()})."));
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException($"{_name}: {error.Message.Split(" (Parameter")[0]}", error);
        }

        return new LoadedSeries(_name, new TimeSeries(table, names), times is null ? null : [.. times], [.. notes]);
    }

    /// <summary>Leaves out columns that hold no value in any row, such as the one behind a delimiter at the end of every line.</summary>
    private int[] WithoutEmpty(int[] columns, ref List<float> values, List<string> notes)
    {
        bool[] holds = new bool[columns.Length];
        for (int i = 0; i < values.Count; i++)
        {
            holds[i % columns.Length] |= !float.IsNaN(values[i]);
        }

        int[] empty = [.. columns.Where((_, c) => !holds[c])];
        if (empty.Length == 0 || empty.Length == columns.Length)
        {
            return columns;
        }

        notes.Add($"Not used, since they hold no value: {string.Join(", ", empty.Select(column => _names[column]))}.");
        values = [.. values.Where((_, i) => holds[i % holds.Length])];
        return [.. columns.Where((_, c) => holds[c])];
    }

    private string[] ReadNames()
    {
        string[] first = NextRecord() ?? throw Refusal(0, null, "the file is empty");
        bool isHeader = _options.Header ?? Array.TrueForAll(first, field => !CsvSyntax.IsNumber(field) && !CsvSyntax.TryTime(field, out _));
        _names = isHeader ? first : [.. Enumerable.Range(1, first.Length).Select(k => $"column{k}")];
        for (int column = 0; column < _names.Length; column++)
        {
            _names[column] = _names[column].Length > 0 ? _names[column] : $"column{column + 1}";
            if (_names.AsSpan(0, column).Contains(_names[column]))
            {
                throw Refusal(1, _names[column], "two columns have this name; rename one");
            }
        }

        return isHeader ? NextRecord() ?? throw Refusal(1, null, "there is no row behind the column names") : first;
    }

    private string[]? NextRecord() => _reader.Read() ? _reader.Current.ToArray() : null;

    private int TimeColumn(string[] first)
    {
        if (_options.TimeColumn is { } name)
        {
            return Column(name);
        }

        return Array.FindIndex(first, field => !CsvSyntax.IsNumber(field) && CsvSyntax.TryTime(field, out _));
    }

    private int[] NumberColumns(string[] first, int time)
    {
        int[] columns = _options.Columns.IsDefaultOrEmpty
            ? [.. Enumerable.Range(0, Math.Min(first.Length, _names.Length)).Where(c => c != time && (CsvSyntax.IsNumber(first[c]) || CsvSyntax.IsMissing(first[c])))]
            : [.. _options.Columns.Select(Column)];
        return columns.Length > 0 ? columns : throw Refusal(0, null, $"no column holds numbers; there are {string.Join(", ", _names)}");
    }

    private int Column(string name)
    {
        int column = Array.IndexOf(_names, name);
        return column >= 0 ? column : throw Refusal(0, null, $"there is no column '{name}'; there are {string.Join(", ", _names)}");
    }

    private float Number(string field, int row, int column)
    {
        if (CsvSyntax.IsMissing(field))
        {
            return float.NaN;
        }

        if (!CsvSyntax.TryNumber(field, out double value))
        {
            string hint = field.Contains(',', StringComparison.Ordinal) ? "write a point before the decimals" : "mend it or leave the column out";
            throw Refusal(row, _names[column], $"'{Shown(field)}' is no number; {hint}");
        }

        return float.IsFinite((float)value) ? (float)value : throw Refusal(row, _names[column], $"{Shown(field)} is beyond what a float holds");
    }

    private static string Shown(string field) => field.Length <= 40 ? field : $"{field[..40]}...";

    private DataFormatException Refusal(long row, string? column, string problem) => new(_name, row, column, problem);
}
