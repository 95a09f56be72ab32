using System.Globalization;
using System.Text;
using FastRecurrent.Files;

namespace FastRecurrent;

/// <summary>
/// A data file that cannot be read as what it should be. The message is one sentence that names the file, the place in it,
/// what was found and how to mend it; letters of the file that print nothing or steer a terminal are escaped in it.
/// </summary>
public sealed class DataFormatException : Exception
{
    /// <summary>A data error without details.</summary>
    public DataFormatException()
    {
    }

    /// <summary>A data error in one sentence.</summary>
    public DataFormatException(string message)
        : base(Printable.Of(message))
    {
    }

    /// <summary>A data error in one sentence, with what caused it.</summary>
    public DataFormatException(string message, Exception? innerException)
        : base(Printable.Of(message), innerException)
    {
    }

    /// <summary>A data error at a place in a file.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="row">The line in the file, counted from 1; 0 where there is none.</param>
    /// <param name="column">The column's name or number; null where there is none.</param>
    /// <param name="problem">What is wrong and how to mend it, without a full stop.</param>
    /// <param name="innerException">What caused it, or null.</param>
    public DataFormatException(string file, long row, string? column, string problem, Exception? innerException = null)
        : base(Printable.Of(Sentence(file, row, column, problem)), innerException)
    {
        File = file;
        Row = row;
        Column = column;
    }

    /// <summary>The file's name; null where it is not known.</summary>
    public string? File { get; }

    /// <summary>The line in the file, counted from 1; 0 where there is none.</summary>
    public long Row { get; }

    /// <summary>The column's name or number; null where there is none.</summary>
    public string? Column { get; }

    private static string Sentence(string file, long row, string? column, string problem)
    {
        StringBuilder text = new(file);
        if (row > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", row {row}");
        }

        if (column is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $", column '{column}'");
        }

        return text.Append(": ").Append(problem).Append('.').ToString();
    }
}
