namespace FastRecurrent.Cli.Commands;

/// <summary>How the program is started once more from the current folder, for commands that a reader may copy.</summary>
internal static class Invocation
{
    private const string Project = "src/FastRecurrent.Cli", Tool = "fastrecurrent";

    /// <summary>What a verb stands behind; ends without a space.</summary>
    public static string Program { get; } =
        Of(Environment.ProcessPath, AppContext.BaseDirectory, Environment.CurrentDirectory, Environment.GetEnvironmentVariable("PATH"));

    /// <summary>A whole command: the program, and the arguments as a shell takes them.</summary>
    public static string Command(params ReadOnlySpan<string> arguments)
    {
        string command = Program;
        foreach (string argument in arguments)
        {
            command += $" {OutputPath.Quoted(argument)}";
        }

        return command;
    }

    /// <summary>
    /// <c>dotnet run</c> in the repository's root where this is the program that it starts; else the tool's name where it is on the path, else
    /// the program with its whole path.
    /// </summary>
    /// <param name="process">The running program's file; null where it is not known.</param>
    /// <param name="program">The folder of this assembly.</param>
    /// <param name="folder">The current folder.</param>
    /// <param name="path">The folders that a shell looks for programs in.</param>
    internal static string Of(string? process, string program, string folder, string? path)
    {
        bool isHost = process is null || Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        string project = Path.Combine(folder, Project);
        bool isProject = File.Exists(Path.Combine(project, "FastRecurrent.Cli.csproj"));
        if (isProject && !isHost && process!.StartsWith(Path.Combine(project, "bin"), StringComparison.Ordinal))
        {
            return $"dotnet run -c Release --project {Project} --";
        }

        if (isHost)
        {
            string host = process is null || IsOnPath(process, path) ? "dotnet" : OutputPath.Quoted(process);
            return $"{host} {OutputPath.Quoted(Path.Combine(program, "FastRecurrent.Cli.dll"))}";
        }

        return Path.GetFileNameWithoutExtension(process) == Tool && IsOnPath(process!, path) ? Tool : OutputPath.Quoted(process!);
    }

    /// <summary>Whether a shell that is given the file's name alone starts this very file.</summary>
    private static bool IsOnPath(string process, string? path)
    {
        string? found = (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, Path.GetFileName(process)))
            .FirstOrDefault(File.Exists);
        return found is not null && (File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found) == process;
    }
}
