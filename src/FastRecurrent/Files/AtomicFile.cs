namespace FastRecurrent.Files;

/// <summary>
/// Writes a file as a whole or not at all: to a temporary file beside it, flushed to the disk, then renamed. Whoever opens the
/// path finds the old content or the new one, after a crash too. What a killed process leaves is one temporary file, which the next
/// write of the same path replaces.
/// </summary>
internal static class AtomicFile
{
    /// <summary>What is appended to the path while the file is being written.</summary>
    public const string TemporarySuffix = ".tmp";

    private const int BufferBytes = 1 << 16;

    // A second writer of the same path is refused.
    private const FileShare Unshared = 0;

    /// <summary>Writes a file; what <paramref name="write"/> throws leaves the old content in place.</summary>
    /// <exception cref="IOException">The folder is missing, the disk is full, or another process is writing the same file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);

        // Renaming over a symbolic link would replace the link and leave the file behind it as it was.
        path = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        string temporary = path + TemporarySuffix;
        FileStream stream = new(temporary, FileMode.Create, FileAccess.ReadWrite, Unshared, BufferBytes);
        try
        {
            using (stream)
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
