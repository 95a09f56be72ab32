namespace FastRecurrent.Cli.Commands;

/// <summary>Where a verb writes: never over what it reads.</summary>
internal static class OutputPath
{
    /// <summary>Refuses an output that is one of the inputs, by whatever path or link.</summary>
    /// <exception cref="UsageException">It is.</exception>
    public static void RequireNew(string name, string output, params ReadOnlySpan<string> inputs)
    {
        foreach (string input in inputs)
        {
            if (Whole(output).Equals(Whole(input), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase))
            {
                throw new UsageException($"{name}: found '{output}', which is read as an input and would be lost; name another file.");
            }
        }
    }

    /// <summary>Refuses an output whose folder is not there, before any work is done for it.</summary>
    /// <exception cref="UsageException">It is not.</exception>
    public static void RequireFolder(string name, string output)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(output));
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new UsageException($"{name}: found '{output}', but there is no folder {folder}; make it, or name another file.");
        }
    }

    /// <summary>A path as a shell takes it: in quotes where it holds a space.</summary>
    public static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;

    private static string Whole(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Path.GetFullPath(path); // a link in a circle: reading it says so
        }
    }
}
