using System.CommandLine;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Machine;

namespace FastRecurrent.Bench.Results;

/// <summary><c>--results</c>: measures the tables of speeds to reach and writes each to <c>bench/results/CPU/TABLE.md</c> and <c>.json</c>.</summary>
internal static class ResultsCommand
{
    public static int Run(string[] arguments)
    {
        Option<double> seconds = NumberOptions.Seconds("--seconds", "How long to measure each contestant of a row", 2);
        Option<SpeedTable?> table = NumberOptions.Choice(
            "--table", "Only this table (default all)", [.. SpeedTable.All.Select(table => (table.Name, (SpeedTable?)table))]);
        Option<string> rows = new("--rows") { Description = "Only rows whose name contains this text; the table is then printed and not written" };
        Option<string> folder = new("--out") { Description = "The folder that holds a folder per CPU (default bench/results of the repository)" };
        RootCommand command = new("Measures the tables of speeds to reach.") { seconds, table, rows, folder };
        command.SetAction(parsed =>
        {
            foreach (SpeedTable wanted in parsed.GetValue(table) is { } only ? [only] : SpeedTable.All)
            {
                Measure(wanted, TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rows), parsed.GetValue(folder));
            }

            return ExitCode.Success;
        });
        ParseResult parsed = command.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            Console.Error.WriteLine(string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message)));
            return ExitCode.Usage;
        }

        return parsed.Invoke();
    }

    private static void Measure(SpeedTable table, TimeSpan perContestant, string? only, string? folder)
    {
        SpeedRow[] rows = [.. table.Rows.Where(row => KernelSets.IsNative(row.Work.Kernels)
            && row.Work.Threads <= Environment.ProcessorCount
            && (only is null || row.Work.ToString()!.Contains(only, StringComparison.Ordinal)))];
        List<SpeedResult> results = [];
        foreach (SpeedRow row in rows)
        {
            SpeedResult result = SpeedResult.Measure(row, perContestant, CancellationToken.None);
            string ratio = result.Ratio is { } value ? $", {Format.Ratio(value)} of {result.Opponent}" : string.Empty;
            Console.Error.WriteLine($"{results.Count + 1}/{rows.Length} {result.Work} ({result.Kernels}): {Format.Time(result.MedianNs)}{ratio}");
            results.Add(result);
        }

        if (results.Count == 0)
        {
            return;
        }

        ResultsReport report = new(table, results, perContestant.TotalSeconds);
        if (only is not null)
        {
            Console.Out.Write(report.ToMarkdown());
            return;
        }

        string target = Path.Combine(folder ?? DefaultFolder(), Processor.Slug);
        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, $"{table.Name}.md"), report.ToMarkdown());
        File.WriteAllText(Path.Combine(target, $"{table.Name}.json"), report.ToJson());
        Console.Out.WriteLine($"written to {Path.Combine(target, table.Name)}.md and .json");
    }

    private static string DefaultFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FastRecurrent.sln")))
            {
                return Path.Combine(folder.FullName, "bench", "results");
            }
        }

        throw new DirectoryNotFoundException("No FastRecurrent.sln above the assembly; name the folder with --out.");
    }
}
