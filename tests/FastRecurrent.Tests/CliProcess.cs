using System.Diagnostics;

namespace FastRecurrent.Tests;

/// <summary>The command line as a user runs it: a process of its own.</summary>
internal sealed record CliProcess(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static string Assembly { get; } = Find();

    public static CliProcess Run(params string[] arguments) => RunIn(null, arguments);

    /// <summary>The same in a folder of its own.</summary>
    public static CliProcess RunIn(string? folder, params string[] arguments)
    {
        using Process process = Start(arguments, folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException($"fastrecurrent {string.Join(' ', arguments)} did not end within {Patience}.");
        }

        return new CliProcess(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>The process with both streams redirected, for who talks to it while it runs.</summary>
    public static Process Start(string[] arguments, string? folder = null)
    {
        // The test host may itself run under a dotnet that is not the PATH's (an emulated one).
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.ArgumentList.Add(Assembly);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Remove(KernelSets.Variable);
        return Process.Start(start)!;
    }

    private static string Find()
    {
        // bin/CONFIGURATION/FRAMEWORK, the same as the tests' own.
        string[] own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        string path = Path.Combine(Repository.Root, "src", "FastRecurrent.Cli", "bin", own[^2], own[^1], "FastRecurrent.Cli.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; build the solution first.");
    }
}
