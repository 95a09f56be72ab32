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
