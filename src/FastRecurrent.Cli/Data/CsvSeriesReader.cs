using System.Collections.Immutable;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Data;

/// <summary>
/// Reads columns of numbers, and of times, out of a CSV. Whatever does not fit is one sentence with file, row and column; what was
/// left out or filled is said in the notes.
/// </summary>
internal sealed class CsvSeriesReader
{
    private readonly string _name;
    private readonly DataOptions _options;
    private readonly CsvRows _rows;

    private CsvSeriesReader(CsvRows rows, string name, DataOptions options) => (_rows, _name, _options) = (rows, name, options);

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">The file is missing or does not hold what was asked for.</exception>
    public static LoadedSeries Read(string path, DataOptions options) =>
        CsvRows.Open(path, options, rows => new CsvSeriesReader(rows, path, options).Read());

    /// <summary>Reads a stream of UTF-8.</summary>
    /// <exception cref="DataFormatException">The stream does not hold what was asked for.</exception>
    public static LoadedSeries Read(Stream stream, string name, DataOptions options) =>
        CsvRows.Read(stream, name, options, new TextEncoding(null, null), rows => new CsvSeriesReader(rows, name, options).Read());

    private LoadedSeries Read()
    {
        string[] names = _rows.Names;
        int time = _rows.TimeColumn(_options.TimeColumn), label = _options.LabelColumn is { } labels ? _rows.Column(labels) : -1;
        int[] columns = NumberColumns(_rows.First, time, label);
        List<string> notes = [];
        string[] ignored = [.. Enumerable.Range(0, names.Length).Except([.. columns, time, label]).Select(c => names[c])];
        if (ignored.Length > 0)
        {
            notes.Add($"Not used: {string.Join(", ", ignored)}.");
        }

        List<float> values = [];
        List<DateTime> times = [];
        List<int> rows = [];
        ImmutableArray<string>.Builder classes = ImmutableArray.CreateBuilder<string>();
        while (_rows.Next() is { } record)
        {
            int row = _rows.Line;
            if (record.Length != names.Length)
            {
                throw _rows.Refusal(
                    row, null, $"there {Format.Are(record.Length, "field")}, but {Format.Counted(names.Length, "column")}; mend the row");
            }

            foreach (int column in columns)
            {
                values.Add(Number(record[column], row, column));
            }

            if (time >= 0)
            {
                times.Add(_rows.Times.TryRead(record[time], out DateTime at)
                    ? at
                    : throw _rows.Refusal(row, names[time], CsvSyntax.TimeProblem(CsvSyntax.Shown(record[time]))));
            }

            if (label >= 0)
            {
                classes.Add(!CsvSyntax.IsMissing(record[label])
                    ? record[label]
                    : throw _rows.Refusal(row, names[label], "there is no class; write one or leave the row out"));
            }

            rows.Add(row);
        }

        notes.AddRange(_rows.Findings());
        if (time < 0 && CsvSyntax.NumberHint(columns.Select((column, place) => (names[column], FirstValue(values, place, columns.Length)))) is { } hint)
        {
            notes.Add(hint);
        }

        return Finish(columns, values, time >= 0 ? times : null, rows, notes) with
        {
            Labels = classes.ToImmutable(),
            TimeColumn = time >= 0 ? names[time] : null,
        };
    }

    /// <summary>A column's first value that is there; NaN where there is none.</summary>
    private static double FirstValue(List<float> values, int column, int columns)
    {
        int at = column;
        while (at < values.Count && float.IsNaN(values[at]))
        {
            at += columns;
        }

        return at < values.Count ? values[at] : double.NaN;
    }

    private LoadedSeries Finish(int[] columns, List<float> values, List<DateTime>? times, List<int> rows, List<string> notes)
    {
        if (_options.Columns.IsDefaultOrEmpty)
        {
            columns = WithoutEmpty(columns, ref values, notes);
        }

        string[] names = [.. columns.Select(column => _rows.Names[column])];
        if (times is not null && _options.LabelColumn is null)
        {
            TimeGrid.Regularize(times, values, names.Length, rows, _options.Missing, _name, notes);
        }

        float[] table = [.. values];
        int future = FutureRows(table, names), known = table.Length - (future * names.Length);
        int gap = Array.FindIndex(table, 0, known, float.IsNaN);
        if (gap >= 0 && _options.Missing == MissingValues.Refuse)
        {
            throw _rows.Refusal(rows[gap / names.Length], names[gap % names.Length],
                "there is no value; fill the gaps (--missing interpolate or --missing previous), or leave the column out");
        }

        try
        {
            int[] filled = GapFilling.Fill(table.AsSpan(0, known), names, _options.Missing);
            notes.AddRange(filled.Zip(names).Where(pair => pair.First > 0)
                .Select(pair => $"{pair.Second}: {pair.First} of {Format.Counted(rows.Count, "value")} {(pair.First == 1 ? "was" : "were")} missing and filled "
                    + $"({_options.Missing.ToString().ToLowerInvariant()})."));
        }
        catch (ArgumentException error)
        {
            throw new DataFormatException($"{_name}: {error.Message.Split(" (Parameter")[0]}", error);
        }

        return new LoadedSeries(_name, new TimeSeries(table, names), times is null ? null : [.. times], [.. notes])
        {
            FutureRows = future,
            Lines = [.. rows],
        };
    }

    /// <summary>Rows at the end without any value in the columns that the future leaves empty.</summary>
    private int FutureRows(float[] table, string[] names)
    {
        int[] empty = [.. _options.EmptyInFuture.Select(name => Array.IndexOf(names, name)).Where(column => column >= 0)];
        int rows = table.Length / names.Length, count = 0;
        while (empty.Length > 0 && count < rows && Array.TrueForAll(empty, column => float.IsNaN(table[((rows - 1 - count) * names.Length) + column])))
        {
            count++;
        }

        return count;
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

        notes.Add($"Not used, since they hold no value: {string.Join(", ", empty.Select(column => _rows.Names[column]))}.");
        values = [.. values.Where((_, i) => holds[i % holds.Length])];
        return [.. columns.Where((_, c) => holds[c])];
    }

    private int[] NumberColumns(string[] first, int time, int label)
    {
        int[] columns = _options.Columns.IsDefaultOrEmpty
            ? [.. Enumerable.Range(0, Math.Min(first.Length, _rows.Names.Length))
                .Where(c => c != time && c != label && (_rows.Numbers.IsNumber(first[c]) || CsvSyntax.IsMissing(first[c])))]
            : [.. _options.Columns.Select(_rows.Column)];
        if (label >= 0 && columns.Contains(label))
        {
            throw _rows.Refusal(0, _rows.Names[label], "the column of classes is also among the inputs; name it once");
        }

        string beside = label >= 0 ? $" beside the classes in '{_rows.Names[label]}'" : "";
        return columns.Length > 0
            ? columns
            : throw _rows.Refusal(0, null, $"no column{beside} holds numbers; there are {string.Join(", ", _rows.Names)}");
    }

    private float Number(string field, int row, int column)
    {
        if (CsvSyntax.IsMissing(field))
        {
            return float.NaN;
        }

        if (!_rows.Numbers.TryRead(field, row, out double value))
        {
            string problem = CsvSyntax.HasDecimalComma(field)
                ? "has a decimal comma, which is read where fields are separated by semicolons or tabs; wanted a decimal point"
                : "is no number; mend it or leave the column out";
            throw _rows.Refusal(row, _rows.Names[column], $"'{CsvSyntax.Shown(field)}' {problem}");
        }

        if (_rows.Numbers.IsMixed)
        {
            (string found, string other, int at) = field.Contains('.', StringComparison.Ordinal)
                ? ("point", "comma", _rows.Numbers.CommaRow)
                : ("comma", "point", _rows.Numbers.PointRow);
            throw _rows.Refusal(
                row, _rows.Names[column], $"'{CsvSyntax.Shown(field)}' has a decimal {found}, and row {at} a decimal {other}; write all numbers one way");
        }

        return float.IsFinite((float)value)
            ? (float)value
            : throw _rows.Refusal(row, _rows.Names[column], $"{CsvSyntax.Shown(field)} is beyond what a float holds; mend it or leave the column out");
    }
}
