using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Machine;
using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Bench.Import;

/// <summary>
/// <c>--import</c>: what loading a large model costs beside reading its file. Files of the asked size are made in a temporary folder; then
/// plain reads and loads take turns, first each in a process of its own, then repeated in one process. All files are in the page cache.
/// </summary>
internal static class ImportCommand
{
    /// <summary>The first argument of a process that does one thing once and prints its milliseconds.</summary>
    public const string OnceName = "--import-once";

    public static int Run(string[] arguments)
    {
        Option<int> megabytes = NumberOptions.Whole("--megabytes", "The size of the files", 200);
        Option<int> rounds = NumberOptions.Whole("--rounds", "How many times everything is measured", 9);
        RootCommand command = new("Measures the time of loading large models beside that of reading their files, and prints it as a table.") { megabytes, rounds };
        command.SetAction(parsed => Print(parsed.GetValue(megabytes), parsed.GetValue(rounds)));
        return command.Parse(arguments).Invoke();
    }

    public static int Once(string name, string path)
    {
        Console.WriteLine(Milliseconds(name, path).ToString("R", CultureInfo.InvariantCulture));
        return ExitCode.Success;
    }

    private static int Print(int megabytes, int rounds)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fastrecurrent-import");
        try
        {
            ImportFiles files = ImportFiles.Write(folder.FullName, megabytes);
            Console.WriteLine($"{Processor.Name}, {KernelSets.Name(KernelSets.Default)}, {Environment.ProcessorCount} threads. {files.Title}. "
                + "Milliseconds, median of all rounds, and their ratio to the read (median and spread of the rounds).");
            foreach ((string title, Func<string, string, double> measure) in new (string, Func<string, string, double>)[]
            {
                ("a new process each", InNewProcess),
                ("repeated in one process", Milliseconds),
            })
            {
                Console.WriteLine($"\n| {title} | MB | read | load | ratio |\n|---|---:|---:|---:|---:|");
                foreach ((string format, string path) in files.Formats)
                {
                    Console.WriteLine(Line(format, path, rounds, measure));
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return ExitCode.Success;
    }

    private static string Line(string format, string path, int rounds, Func<string, string, double> measure)
    {
        // Not counted: it brings the file into the page cache and, in this process, compiles the methods.
        for (int i = 0; i < 2; i++)
        {
            measure(ImportWork.Read, path);
            measure(format, path);
        }

        List<double> reads = [], loads = [];
        for (int round = 0; round < rounds; round++)
        {
            reads.Add(measure(ImportWork.Read, path));
            loads.Add(measure(format, path));
        }

        Samples read = new(reads), load = new(loads), ratio = load.Over(read);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {format} | {new FileInfo(path).Length / 1e6:0} | {read.Median:0.0} | {load.Median:0.0} | {ratio.Median:0.00} ± {ratio.Spread:0.00} |");
    }

    private static double Milliseconds(string name, string path)
    {
        // What the last one left behind is neither this one's cost nor its gain: its memory goes back to the system, so that reads and loads
        // both begin with memory that nobody has touched.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long start = Stopwatch.GetTimestamp();
        object result = ImportWork.Run(name, path);
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        GC.KeepAlive(result);
        return time;
    }

    private static double InNewProcess(string name, string path)
    {
        string host = Environment.ProcessPath ?? throw new InvalidOperationException("This process does not know its own path.");
        string[] itself = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(ImportCommand).Assembly.Location] : [];
        using Process process = Process.Start(new ProcessStartInfo(host, [.. itself, OnceName, name, path]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException("The process was not started.");
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? double.Parse(text, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"The process that measures ended with {process.ExitCode}.");
    }
}
