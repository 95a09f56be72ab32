using CsvHelper;

namespace FastRecurrent.Cli.Data;

/// <summary>A CSV's column names and rows of fields, one after another.</summary>
internal sealed class CsvRows
{
    private const int MaxRecord = 1 << 20; // bytes; an open quote must not swallow a file

    private readonly string _name;
    private readonly CsvReader _reader;
    private readonly string? _note;
    private string[]? _next;

    private CsvRows(CsvReader reader, string name, bool? header, string? note)
    {
        (_reader, _name, _note) = (reader, name, note);
        Numbers = new CsvNumbers(reader.Separator);
        string[] first = Record() ?? throw Refusal(0, null, "the file is empty");
        if (reader.Separator == ',' && Array.Exists(first, CsvSyntax.HoldsSemicolon))
        {
            throw Refusal(1, null, "there are commas and semicolons between numbers; write the columns' names, with semicolons between, as the first row");
        }

        bool isHeader = header ?? Array.TrueForAll(first, field => !Numbers.IsNumber(field) && !CsvSyntax.LooksLikeTime(field));
        Names = isHeader ? first : [.. Enumerable.Range(1, first.Length).Select(k => $"column{k}")];
        for (int column = 0; column < Names.Length; column++)
        {
            Names[column] = Names[column].Length > 0 ? Names[column] : $"column{column + 1}";
            if (Names.AsSpan(0, column).Contains(Names[column]))
            {
                throw Refusal(1, Names[column], "two columns have this name; rename one");
            }
        }

        First = isHeader ? Record() ?? throw Refusal(1, null, "there is no row behind the column names") : first;
        _next = First;
    }

    /// <summary>The columns' names: those of the first row, or made up.</summary>
    public string[] Names { get; }

    /// <summary>The first row of values.</summary>
    public string[] First { get; }

    /// <summary>How its numbers are written.</summary>
    public CsvNumbers Numbers { get; }

    /// <summary>How its times are written.</summary>
    public CsvTimes Times { get; } = new();

    /// <summary>The line in the file of the row that <see cref="Next"/> gave, counted from 1.</summary>
    public int Line { get; private set; }

    /// <summary>Opens a file, whatever encoding its text is in, and does something with its rows.</summary>
    /// <exception cref="DataFormatException">The file is missing, or no CSV.</exception>
    public static T Open<T>(string path, DataOptions options, Func<CsvRows, T> read) => DataSource.Open(path, () =>
    {
        using FileStream file = File.OpenRead(path);
        using Stream text = Repeatable(file);
        return Read(text, path, options, TextEncoding.Of(text, path), read);
    });

    /// <summary>Does something with the rows of a stream of text.</summary>
    /// <exception cref="DataFormatException">The stream is no CSV.</exception>
    public static T Read<T>(Stream stream, string name, DataOptions options, TextEncoding encoding, Func<CsvRows, T> read)
    {
        using CsvReader reader = CsvReader.Create(stream, new CsvReaderOptions
        {
            HasHeader = false, // the first row is looked at here
            Separator = options.Delimiter,
            Encoding = encoding.Encoding,
            TrimWhitespace = true,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = MaxRecord,
        });
        try
        {
            return read(new CsvRows(reader, name, options.Header, encoding.Note));
        }
        catch (CsvFormatException error)
        {
            // "Malformed CSV in record 3 (line 3): a quoted field ...": where it is stands before already.
            string problem = error.Message.Split(": ", 2)[^1].TrimEnd('.');
            throw new DataFormatException(name, error.LineNumber, null, $"the row is malformed, {problem}; mend its quotes", error);
        }
    }

    /// <summary>The next row's fields, beginning with the first row; null at the end.</summary>
    public string[]? Next()
    {
        // The first row is read already, and the reader stands behind it.
        string[]? row = _next ?? Record();
        _next = null;
        Line = (int)_reader.LineNumber;
        return row;
    }

    /// <summary>What a person should know about how the file is written, as far as it was read.</summary>
    public IEnumerable<string> Findings()
    {
        if (_note is not null)
        {
            yield return _note;
        }

        if (Numbers.CommaRow > 0)
        {
            string point = Numbers.IsMixed ? $", and decimal points (in row {Numbers.PointRow}): write all numbers one way" : "";
            yield return $"The numbers have decimal commas (the first in row {Numbers.CommaRow}){point}.";
        }

        if (Times.HasOffsets)
        {
            yield return "The times have several offsets from UTC; all are taken at the first one's, so that no hour comes twice or is left out.";
        }
    }

    /// <summary>The number of the column with a name.</summary>
    /// <exception cref="DataFormatException">There is none.</exception>
    public int Column(string name)
    {
        int column = Array.IndexOf(Names, name);
        return column >= 0 ? column : throw Refusal(0, null, $"there is no column '{name}'; there are {string.Join(", ", Names)}");
    }

    /// <summary>The named column of times, or the first that holds one in the first row; -1 for none.</summary>
    public int TimeColumn(string? name) =>
        name is not null ? Column(name) : Array.FindIndex(First, CsvSyntax.LooksLikeTime);

    public DataFormatException Refusal(long row, string? column, string problem) => new(_name, row, column, problem);

    /// <summary>A pipe can be read once, and a table is looked through before it is read.</summary>
    private static Stream Repeatable(FileStream file)
    {
        if (file.CanSeek)
        {
            return file;
        }

        MemoryStream copy = new();
        file.CopyTo(copy);
        copy.Position = 0;
        return copy;
    }

    private string[]? Record() => _reader.Read() ? _reader.Current.ToArray() : null;
}
