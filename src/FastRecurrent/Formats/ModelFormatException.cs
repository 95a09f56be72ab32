using FastRecurrent.Files;

namespace FastRecurrent;

/// <summary>
/// A file that cannot be used: damaged, hostile, or with something in it that this engine does not compute. The message names the
/// file, the tensor, node or place in it, what was found and what was wanted; letters of the file that print nothing or steer a terminal are
/// escaped in it. Nothing was loaded.
/// </summary>
public sealed class ModelFormatException : Exception
{
    /// <summary>Makes the message from the file, the place in it and the problem.</summary>
    /// <param name="file">The file's name or path.</param>
    /// <param name="item">The tensor, node or place in the file; empty for the file as a whole.</param>
    /// <param name="problem">What was found and what was wanted.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    public ModelFormatException(string file, string item, string problem, Exception? innerException = null)
        : base(Printable.Of(string.IsNullOrEmpty(item) ? $"{file}: {problem}" : $"{file}: {item}: {problem}"), innerException)
    {
        FileName = file;
        Item = item;
    }

    /// <summary>For a file read from a stream, or where the message names the place itself.</summary>
    /// <param name="message">What was found and what was wanted, and where.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    public ModelFormatException(string message, Exception? innerException = null)
        : base(Printable.Of(message), innerException)
    {
        FileName = string.Empty;
        Item = string.Empty;
    }

    /// <summary>The file's name or path; empty where there is none.</summary>
    public string FileName { get; }

    /// <summary>The tensor, node or place in the file; empty for the file as a whole.</summary>
    public string Item { get; }
}
