using System.Text;
using FastRecurrent.Files;

namespace FastRecurrent.Cli.Reports;

/// <summary>Where results go, with one sentence for what the file system may say against it.</summary>
internal static class OutputFolder
{
    /// <summary>Makes the folder, before anything is computed that could not be kept.</summary>
    /// <exception cref="DataFormatException">There can be no such folder.</exception>
    public static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(
                folder, 0, null, $"the folder for the results cannot be made ({error.Message.TrimEnd('.')}); choose another one with --out", error);
        }
    }

    /// <summary>Runs something that writes a file whole or not at all.</summary>
    /// <exception cref="DataFormatException">The file cannot be written; the one before is still there.</exception>
    public static void Write(string path, Action<string> write)
    {
        try
        {
            write(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(
                path, 0, null, $"the file cannot be written ({error.Message.TrimEnd('.')}); what was there before is unchanged", error);
        }
    }

    /// <summary>Writes a text, in a folder that is made where it is missing.</summary>
    /// <exception cref="DataFormatException">The file cannot be written; the one before is still there.</exception>
    public static void WriteText(string path, string text) => Write(path, whole =>
    {
        if (Path.GetDirectoryName(Path.GetFullPath(whole)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        AtomicFile.Write(whole, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    });
}
