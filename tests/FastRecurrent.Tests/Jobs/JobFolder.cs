using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Jobs;

/// <summary>A job run as a user runs it, at a small size, in a folder of its own that is removed at the end.</summary>
internal sealed class JobFolder(string verb, params string[] small) : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory(verb).FullName;

    public string Out => Path.Combine(Root, "results");

    public string File(string name) => Path.Combine(Root, name);

    /// <summary>Hours of two cities: a daily cycle and a slow drift.</summary>
    public string Hours(int rows = 600, Func<int, string>? line = null)
    {
        line ??= Hour;
        System.IO.File.WriteAllLines(File("data.csv"), ["time,here,pressure,there", .. Enumerable.Range(0, rows).Select(line)]);
        return File("data.csv");
    }

    public static string Hour(int i)
    {
        double day = Math.Sin(2 * Math.PI * i / 24), drift = Math.Sin(i / 90.0);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{new DateTime(2025, 1, 1).AddHours(i):s},{10 + (5 * day) + (3 * drift):0.000},{1010 + (8 * Math.Cos(i / 60.0)):0.000},{12 + (4 * day) + (3 * Math.Sin((i + 20) / 90.0)):0.000}");
    }

    public CliProcess Run(params string[] arguments) => CliProcess.Run(Arguments(arguments));

    public JsonElement Json(params string[] arguments)
    {
        CliProcess run = Run(["--json", .. arguments]);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Empty(run.Error);
        Assert.Single(run.Output.TrimEnd().Split('\n'));
        return JsonDocument.Parse(run.Output).RootElement;
    }

    /// <summary>Starts it, interrupts it as Ctrl-C does once a sign of the training is there, and waits for its end.</summary>
    public CliProcess RunAndInterrupt(Func<bool> hasBegun, params string[] arguments)
    {
        using Process process = CliProcess.StartInterruptible(Arguments(arguments));
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        for (int i = 0; i < 600 && !hasBegun() && !process.HasExited; i++)
            Thread.Sleep(50);
        Thread.Sleep(1500);
        using (Process kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
            kill.WaitForExit();
        CliProcess.WaitForEnd(process);
        return new CliProcess(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>All files of the results with what is in them.</summary>
    public Dictionary<string, byte[]> Contents() =>
        Directory.EnumerateFiles(Out, "*", SearchOption.AllDirectories).ToDictionary(file => file, System.IO.File.ReadAllBytes);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string[] Arguments(string[] arguments) =>
        [verb, .. ((string[])[.. small, "--out", Out]).Chunk(2).Where(option => !arguments.Contains(option[0])).SelectMany(option => option), .. arguments];
}
