using System.Diagnostics;

namespace FastRecurrent.Tests;

/// <summary>The command line as a user runs it: a process of its own.</summary>
internal sealed record CliProcess(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly string? Published = Environment.GetEnvironmentVariable("FASTRECURRENT_PUBLISHED");

    private static string Assembly { get; } = Find();

    /// <summary>Whether the processes are a published program and not the built one.</summary>
    public static bool IsPublished => Published is not null;

    public static CliProcess Run(params string[] arguments) => RunIn(null, arguments);

    /// <summary>The same in a folder of its own.</summary>
    public static CliProcess RunIn(string? folder, params string[] arguments)
    {
        using Process process = Start(arguments, folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        WaitForEnd(process);
        return new CliProcess(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>
    /// A process that Ctrl-C reaches, with both streams redirected. A shell's background job ignores Ctrl-C and hands that on to its
    /// children; <c>env</c> takes it back.
    /// </summary>
    public static Process StartInterruptible(string[] arguments) => Start(arguments, folder: null, "env", "--default-signal=INT");

    /// <summary>Waits for the end; a process that does not end is killed.</summary>
    public static void WaitForEnd(Process process)
    {
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException($"fastrecurrent did not end within {Patience}.");
        }
    }

    /// <summary>The process with both streams redirected, for who talks to it while it runs.</summary>
    public static Process Start(string[] arguments, string? folder = null, params string[] behind)
    {
        string[] command = [.. behind, .. Command(arguments)];
        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment.Remove(KernelSets.Variable);
        return Process.Start(start)!;
    }

    /// <summary>The program with its arguments, to start it in a way of one's own.</summary>
    public static string[] Command(params string[] arguments)
    {
        // The test host may itself run under a dotnet that is not the PATH's (an emulated one).
        string runtime = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        return Published is { } program ? [program, .. arguments] : [runtime, Assembly, .. arguments];
    }

    private static string Find()
    {
        // bin/CONFIGURATION/FRAMEWORK, the same as the tests' own.
        string[] own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        string path = Path.Combine(Repository.Root, "src", "FastRecurrent.Cli", "bin", own[^2], own[^1], "FastRecurrent.Cli.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing; build the solution first.");
    }
}
