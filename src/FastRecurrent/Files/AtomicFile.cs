namespace FastRecurrent.Files;

/// <summary>
/// Writes files that are there as a whole or not at all: into a temporary file in the same folder, flushed to the disk, then
/// renamed over the old one. A crash at any moment leaves the old file or the new one, and at worst a temporary file beside it.
/// </summary>
internal static class AtomicFile
{
    private const int BufferBytes = 1 << 16;

    /// <summary>Writes a file; an exception of <paramref name="write"/> leaves what was there before.</summary>
    public static void Write(string path, Action<FileStream> write)
    {
        // Renaming over a symbolic link would replace the link and leave the file behind it as it was.
        FileInfo file = new(path);
        string target = file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        string temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, BufferBytes))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
