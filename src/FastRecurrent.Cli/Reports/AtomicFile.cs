using System.Text;

namespace FastRecurrent.Cli.Reports;

/// <summary>Writes whole files or none: into a file beside, to the disk, then in place of the old one.</summary>
internal static class AtomicFile
{
    /// <exception cref="DataFormatException">The file cannot be written; nothing was changed.</exception>
    public static void WriteText(string path, string text)
    {
        string beside = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Remove(beside);
            throw new DataFormatException(path, 0, null, $"the file cannot be written ({error.Message.TrimEnd('.')}); nothing was changed", error);
        }
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to tell.
        }
    }
}
