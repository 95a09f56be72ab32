using System.CommandLine;

namespace FastRecurrent.Cli.Commands;

/// <summary>The options that the course's jobs share.</summary>
internal sealed class JobOptions
{
    public JobOptions(string folder, string quick)
    {
        Output = new("--out") { Description = "The folder for models and report", HelpName = "folder", DefaultValueFactory = _ => folder };
        Quick = new("--quick") { Description = $"A short run, to see that it works: {quick}" };
    }

    public Option<string> Output { get; }

    public Option<bool> Quick { get; }

    public Option<int> Seed { get; } = NumberOptions.Whole("--seed", "Decides first weights and the order of the samples", 1, min: 0);

    public Option<int> Threads { get; } = NumberOptions.Whole(
        "--threads", "Threads that may work at once; the numbers do not depend on it", Environment.ProcessorCount, max: Require.MaxThreads);

    public Option<bool> Json { get; } = ModelArguments.Json();

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[Output, Seed, Threads, Quick, Json])
        {
            command.Add(option);
        }
    }

    /// <summary>An option's value; in a quick run the quick one, unless the option was given.</summary>
    public int Value(ParseResult parsed, Option<int> option, int quick) =>
        parsed.GetValue(Quick) && parsed.GetResult(option) is not { Implicit: false } ? quick : parsed.GetValue(option);
}
