using FastRecurrent.Files;

namespace FastRecurrent.Cli.Commands;

/// <summary>Where a verb writes: never over what it reads.</summary>
internal static class OutputPath
{
    // Beside letters and digits.
    private static readonly string Plain = OperatingSystem.IsWindows() ? @"_-./:=@%+,\" : "_-./:=@%+,";

    /// <summary>Refuses an output that is one of the inputs, by whatever path or link, or that is written beside one under its name.</summary>
    /// <exception cref="UsageException">It is.</exception>
    public static void RequireNew(string name, string output, params ReadOnlySpan<string> inputs)
    {
        foreach (string input in inputs)
        {
            if (IsSame(output, input) || IsSame(output + AtomicFile.TemporarySuffix, input))
            {
                throw new UsageException($"{name}: found '{output}', which is read as an input and would be lost; name another file.");
            }
        }
    }

    /// <summary>Refuses a folder for results whose files are the input, by whatever path or link.</summary>
    /// <param name="name">The option that names the folder.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="files">What is written.</param>
    /// <param name="input">What is read; null for built-in data.</param>
    /// <exception cref="UsageException">One is.</exception>
    public static void RequireApart(string name, string folder, ReadOnlySpan<string> files, string? input)
    {
        foreach (string file in input is null ? [] : files)
        {
            if (IsSame(file, input!) || IsSame(file + AtomicFile.TemporarySuffix, input!))
            {
                throw new UsageException(
                    $"{name}: found '{folder}', whose {Path.GetFileName(file)} is read as the input '{input}' and would be lost; name another folder.");
            }
        }
    }

    /// <summary>Refuses an output whose folder is not there, or that is a folder itself or a device, before any work is done for it.</summary>
    /// <exception cref="UsageException">It is.</exception>
    public static void RequireFolder(string name, string output)
    {
        if (Directory.Exists(output))
        {
            throw new UsageException($"{name}: found '{output}', which is a folder; wanted a file in it.");
        }

        if (AtomicFile.IsDevice(Whole(output)))
        {
            throw new UsageException($"{name}: found '{output}', which is a device; wanted a file.");
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(output));
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new UsageException($"{name}: found '{output}', but there is no folder {folder}; make it, or name another file.");
        }
    }

    /// <summary>A path as a shell takes it: in quotes where it holds a letter that a shell takes for something else.</summary>
    public static string Quoted(string path)
    {
        if (path.Length > 0 && path.All(letter => char.IsLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal)))
        {
            return path;
        }

        bool isWhole = OperatingSystem.IsWindows() || !path.AsSpan().ContainsAny("\"$`\\!"); // within double quotes
        return isWhole ? $"\"{path}\"" : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    private static bool IsSame(string left, string right) =>
        Whole(left).Equals(Whole(right), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    /// <summary>A path without links, in its folders too.</summary>
    private static string Whole(string path)
    {
        try
        {
            string full = Path.GetFullPath(path), root = Path.GetPathRoot(full)!, whole = root;
            foreach (string part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
            {
                whole = Path.Combine(whole, part);
                FileSystemInfo entry = Directory.Exists(whole) ? new DirectoryInfo(whole) : new FileInfo(whole);
                whole = entry.LinkTarget is null ? whole : entry.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
            }

            return whole;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Path.GetFullPath(path); // a link in a circle: reading it says so
        }
    }
}
