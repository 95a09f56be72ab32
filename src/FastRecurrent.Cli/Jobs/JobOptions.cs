using System.CommandLine;
using FastRecurrent.Cli.Commands;

namespace FastRecurrent.Cli.Jobs;

/// <summary>The options that every job has.</summary>
internal sealed class JobOptions
{
    private readonly string _folder;

    public JobOptions(string folder)
    {
        _folder = folder;
        Output = new("--output") { Description = $"The folder for report and models (default {folder})", DefaultValueFactory = _ => folder };
    }

    public Option<string> Output { get; }

    public Option<int> Seed { get; } = NumberOptions.Whole("--seed", "Decides first weights and the order of the samples", 1, min: 0);

    public Option<int> Threads { get; } = NumberOptions.Whole(
        "--threads", "Threads that may work at once; no result depends on it (default: the processors)", Environment.ProcessorCount, max: Require.MaxThreads);

    public Option<bool> Quick { get; } = new("--quick") { Description = "A short run, to see that it works" };

    public Option<bool> Json { get; } = ModelArguments.Json();

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[Output, Seed, Threads, Quick, Json])
        {
            command.Add(option);
        }
    }

    /// <summary>The folder, made and writable.</summary>
    public RunFolder Folder(ParseResult parsed) => new(parsed.GetValue(Output) is { Length: > 0 } path ? path : _folder);
}
