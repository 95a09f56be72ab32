using System.CommandLine;

namespace FastRecurrent.Cli.Commands;

/// <summary>The options that the course's jobs and <c>train</c> share.</summary>
internal sealed class JobOptions
{
    /// <summary>Makes them.</summary>
    /// <param name="folder">The folder for the results where none is named.</param>
    /// <param name="quick">What a quick run does less.</param>
    /// <param name="threads">How many threads work where nobody says; null for one on each processor.</param>
    public JobOptions(string folder, string quick, int? threads = null)
    {
        Output = new("--out") { Description = "The folder for models and report", HelpName = "folder", DefaultValueFactory = _ => folder };
        Quick = new("--quick") { Description = $"A short run, to see that it works: {quick}" };
        Threads = NumberOptions.Whole(
            "--threads", "Threads that may work at once; the numbers do not depend on it", threads ?? Environment.ProcessorCount, max: Require.MaxThreads);
        Output.Validators.Add(result =>
        {
            if (result.GetValue(Output) is not { Length: > 0 })
            {
                result.AddError($"{Output.Name}: found '', wanted the name of a folder.");
            }
        });
    }

    public Option<string> Output { get; }

    public Option<bool> Quick { get; }

    public Option<int> Threads { get; }

    public Option<int> Seed { get; } = NumberOptions.Whole("--seed", "Decides first weights and the order of the samples", 1, min: 0);

    public Option<bool> Resume { get; } = new("--resume") { Description = "Go on from the checkpoint in the folder, bit for bit" };

    public Option<bool> Json { get; } = ModelArguments.Json();

    /// <summary>Adds the options to a verb.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[Resume, Output, Seed, Threads, Quick, Json])
        {
            command.Add(option);
        }
    }

    /// <summary>An option's value; in a quick run the quick one, unless the option was given.</summary>
    public int Value(ParseResult parsed, Option<int> option, int quick) =>
        parsed.GetValue(Quick) && !DataArguments.IsGiven(parsed, option) ? quick : parsed.GetValue(option);

    /// <summary>Epochs without a better validation that end the training; where 0 asks for none of it, as many as there are.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">--patience.</param>
    /// <param name="epochs">The epochs of the training.</param>
    /// <exception cref="UsageException">It is given, and the training is over before it could end it.</exception>
    public static int Patience(ParseResult parsed, Option<int> option, int epochs)
    {
        int patience = parsed.GetValue(option);
        if (DataArguments.IsGiven(parsed, option) && patience >= epochs)
        {
            throw new UsageException(
                $"{option.Name}: found '{patience}', wanted less than the {Format.Counted(epochs, "epoch")} of the training (--epochs), or 0 to train them all.");
        }

        return patience == 0 ? epochs : patience;
    }

    /// <summary>Refuses a quick run in which everything that it would shorten is given.</summary>
    /// <exception cref="UsageException">It is.</exception>
    public void RequireQuick(ParseResult parsed, params ReadOnlySpan<Option> shortened)
    {
        foreach (Option option in shortened)
        {
            if (!parsed.GetValue(Quick) || !DataArguments.IsGiven(parsed, option))
            {
                return;
            }
        }

        throw new UsageException(
            $"--quick has no effect beside {string.Join(" and ", shortened.ToArray().Select(option => option.Name))}, "
            + "which it would set; leave one of them out.");
    }

    /// <summary>Refuses options that say something only beside another one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="needed">The option that they belong to.</param>
    /// <param name="options">They.</param>
    /// <exception cref="UsageException">One is given without it.</exception>
    public static void RequireBeside(ParseResult parsed, Option needed, params ReadOnlySpan<Option> options)
    {
        if (!DataArguments.IsGiven(parsed, needed) && DataArguments.FirstGiven(parsed, options) is { } option)
        {
            throw new UsageException($"{option.Name} has an effect only beside {needed.Name}; give that too, or leave {option.Name} out.");
        }
    }
}
