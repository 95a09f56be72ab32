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
    /// <exception cref="IOException">The path is a folder or a device, its folder is missing, the disk is full, or another process is writing the same file.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireFile(path);

        // Renaming over a symbolic link would replace the link and leave the file behind it as it was.
        path = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        RequireFile(path);
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

    // Renaming onto /dev/null would take the device away from the whole machine.
    private static void RequireFile(string path)
    {
        string whole = Path.GetFullPath(path);
        string? kind = Directory.Exists(whole) ? "a folder" : IsDevice(whole) ? "a device" : null;
        if (kind is not null)
        {
            throw new IOException($"{path} is {kind}, which a file cannot replace; name a file.");
        }
    }

    /// <summary>Whether a whole path stands for a device, as far as its folder tells.</summary>
    public static bool IsDevice(string whole) => !OperatingSystem.IsWindows()
        && whole.StartsWith("/dev/", StringComparison.Ordinal) && !whole.StartsWith("/dev/shm/", StringComparison.Ordinal);
}
