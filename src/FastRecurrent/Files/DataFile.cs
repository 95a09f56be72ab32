namespace FastRecurrent.Files;

/// <summary>Opens data files, with one clear sentence for what the file system may answer.</summary>
internal static class DataFile
{
    /// <summary>The whole file; data files beyond <see cref="MaxBytes"/> are refused before memory is taken.</summary>
    public static byte[] ReadAllBytes(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(path, () =>
        {
            long length = new FileInfo(path).Length;
            return length <= MaxBytes
                ? File.ReadAllBytes(path)
                : throw new DataFormatException(path, 0, null, $"the file has {length} bytes, more than the {MaxBytes} that are read; cut it into parts");
        });
    }

    public const long MaxBytes = 2_000_000_000;

    /// <summary>Runs a read and turns what the file system says into a <see cref="DataFormatException"/>.</summary>
    public static T Read<T>(string path, Func<T> read)
    {
        if (Directory.Exists(path))
        {
            throw new DataFormatException(path, 0, null, "this is a folder; name a file in it");
        }

        try
        {
            return read();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataFormatException(path, 0, null, "there is no such file", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new DataFormatException(path, 0, null, "the file may not be read; check its permissions", error);
        }
        catch (IOException error)
        {
            throw new DataFormatException(path, 0, null, $"the file cannot be read ({error.Message.TrimEnd('.')})", error);
        }
    }
}
