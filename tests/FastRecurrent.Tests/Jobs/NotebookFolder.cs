using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Jobs;

/// <summary>A folder of its own for the results and data of one test, removed at its end; and the verb run in it at a small size.</summary>
internal sealed class NotebookFolder : IDisposable
{
    /// <summary>Small enough for a test, large enough that everything of the course is there.</summary>
    public static readonly string[] Small =
        ["--iterations", "60", "--steps", "4", "--frame", "25", "--hidden", "12", "--dense", "10", "--every", "20", "--generate", "3"];

    public string Root { get; } = Directory.CreateTempSubdirectory("notebook").FullName;

    public string Out => Path.Combine(Root, "results");

    public string File(string name) => Path.Combine(Root, name);

    /// <summary>A CSV of some rows: a header, then i and sin(i / 7) for each row.</summary>
    public string Csv(int rows = 600, Func<int, string>? line = null)
    {
        line ??= i => string.Create(CultureInfo.InvariantCulture, $"{i},{Math.Sin(i / 7.0):0.000000}");
        System.IO.File.WriteAllLines(File("data.csv"), ["index,value", .. Enumerable.Range(0, rows).Select(line)]);
        return File("data.csv");
    }

    public CliProcess Run(params string[] arguments) => CliProcess.Run(Arguments(arguments));

    /// <summary>Runs with --json and gives the object.</summary>
    public JsonElement Json(params string[] arguments)
    {
        CliProcess run = Run(["--json", .. arguments]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>Starts a long training, interrupts it as Ctrl-C does once the first cost is printed, and waits for its end.</summary>
    public CliProcess RunAndInterrupt(params string[] arguments)
    {
        using Process process = CliProcess.StartInterruptible(Arguments(arguments));
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = "";
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output += line + "\n";
            if (line.TrimStart().StartsWith("0 ", StringComparison.Ordinal))
            {
                break;
            }
        }

        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            kill.WaitForExit();
        }

        Task<string> rest = process.StandardOutput.ReadToEndAsync();
        CliProcess.WaitForEnd(process);
        return new CliProcess(process.ExitCode, output + rest.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>The verb at its small size, as far as the arguments do not say otherwise.</summary>
    private string[] Arguments(string[] arguments) =>
        ["notebook", .. ((string[])[.. Small, "--out", Out]).Chunk(2).Where(option => !arguments.Contains(option[0])).SelectMany(option => option), .. arguments];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
