using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using FastRecurrent.Tests.Codegen;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>The test assembly as a program that writes one checkpoint after the other until it is killed.</summary>
internal static class CheckpointProcess
{
    public const string Verb = "write-checkpoints";

    private const int Values = 50_000;

    /// <summary>Writes checkpoints number n, n + 1, ... to one path, n being the next after the one that is there, and says each one that is written.</summary>
    [DoesNotReturn]
    public static void Run(string path)
    {
        float[] values = new float[Values];
        for (long n = File.Exists(path) ? Number(path) + 1 : 1; ; n++)
        {
            Array.Fill(values, n);
            CheckpointFile file = new();
            file.Add("number", n);
            file.Add("values", values);
            file.Save(path);
            Console.WriteLine(n);
        }
    }

    /// <summary>The number of a checkpoint of this program, which must be whole.</summary>
    public static long Number(string path)
    {
        var file = CheckpointFile.Load(path);
        long number = file.Integers("number", 1)[0];
        Assert.Equal(Values, file.Floats("values").Length);
        Assert.DoesNotContain(file.Floats("values"), value => value != number);
        return number;
    }

    /// <summary>Starts the program, kills it so long after its first checkpoint, and returns the last number that it said.</summary>
    public static long RunAndKill(string path, TimeSpan after)
    {
        ProcessStartInfo start = KernelProcess.StartInfo(Verb, path);
        start.RedirectStandardOutput = true;
        using Process process = Process.Start(start)!;
        string? line = process.StandardOutput.ReadLine();
        Task<string> rest = process.StandardOutput.ReadToEndAsync();
        Thread.Sleep(after);
        process.Kill(); // SIGKILL: nothing in the process hears of it
        process.WaitForExit();
        string last = rest.GetAwaiter().GetResult();
        string[] lines = last[..(last.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(lines.Length > 0 ? lines[^1] : line!, CultureInfo.InvariantCulture);
    }
}
