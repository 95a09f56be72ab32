using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Verbs;

/// <summary>A folder with tables, and the verbs run in it as a user runs them; removed at the end.</summary>
internal sealed class VerbFolder : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("verbs-");

    public string Root => _root.FullName;

    public string this[string file] => Path.Combine(Root, file);

    /// <summary>Hours with a daily cycle whose size swings, a second channel, and noise: time, load, temp.</summary>
    public string Hours(int rows = 600, Func<int, string>? line = null, string name = "hours.csv")
    {
        File.WriteAllLines(this[name], ["time,load,temp", .. Enumerable.Range(0, rows).Select(line ?? Hour)]);
        return this[name];
    }

    public static string Hour(int i)
    {
        CounterRandom random = new(7, (ulong)i);
        double day = Math.Sin(2 * Math.PI * i / 24), noise = random.Uniform(0, -1, 1), other = random.Uniform(1, -1, 1);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Time(i)},{100 + (20 * day * (1 + (0.3 * Math.Sin(i / 100.0)))) + noise:0.000},{15 + (8 * Math.Sin(2 * Math.PI * (i - 3) / 24)) + other:0.000}");
    }

    public static string Time(int i) => new DateTime(2025, 1, 1).AddHours(i).ToString("s", CultureInfo.InvariantCulture);

    /// <summary>A line with one field changed.</summary>
    public static string With(string line, int field, string text)
    {
        string[] fields = line.Split(',');
        fields[field] = text;
        return string.Join(',', fields);
    }

    /// <summary>Machines in three states, each for 100 rows in turn: how fast the first channel swings tells which.</summary>
    public string States(int runs = 9, string name = "states.csv", Func<int, string, string>? edit = null)
    {
        string[] names = ["fault", "idle", "run"];
        double[] speeds = [0.9, 0.1, 0.4];
        File.WriteAllLines(this[name], ["x,y,state", .. Enumerable.Range(0, runs * 100).Select(i =>
        {
            int state = i / 100 % 3;
            CounterRandom random = new(3, (ulong)i);
            double x = Math.Sin(speeds[state] * i) + (0.1 * random.Uniform(0, -1, 1)), y = random.Uniform(1, -1, 1);
            string text = string.Create(CultureInfo.InvariantCulture, $"{x:0.0000},{y:0.0000},{names[state]}");
            return edit is null ? text : edit(i, text);
        })]);
        return this[name];
    }

    public CliProcess Run(params string[] arguments) => CliProcess.RunIn(Root, arguments);

    public string Succeeds(params string[] arguments)
    {
        CliProcess run = Run(arguments);
        Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}: {run.Error}");
        Assert.Empty(run.Error);
        return run.Output;
    }

    public JsonElement Json(params string[] arguments)
    {
        string output = Succeeds([.. arguments, "--json"]);
        Assert.Single(output.TrimEnd().Split('\n'));
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>One sentence on stderr, nothing on stdout, and no new file or folder.</summary>
    public void Refuses(int exitCode, string[] arguments, params string[] wanted)
    {
        string[] before = Entries();
        CliProcess run = Run(arguments);
        string text = run.Error.TrimEnd();
        Assert.True(run.ExitCode == exitCode, $"exit code {run.ExitCode}: {text}");
        Assert.Empty(run.Output);
        Assert.Single(text.Split('\n'));
        Assert.All(wanted, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.Equal(before, Entries());
    }

    public void Dispose() => _root.Delete(recursive: true);

    public string[] Files() => [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Files and folders.</summary>
    public string[] Entries() => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
