using System.CommandLine;
using System.CommandLine.Parsing;

namespace FastRecurrent.Cli.Commands;

/// <summary>One sentence for what was typed and cannot be understood, with the verb or option that was probably meant.</summary>
internal static class TypedErrors
{
    // One slip in three letters is a slip; more is another word.
    private const int LettersPerSlip = 3;

    /// <summary>The sentence; null where everything was understood.</summary>
    public static string? Sentence(ParseResult parsed)
    {
        CommandResult verb = parsed.CommandResult;
        string? unknown = Unknown(verb) ?? (parsed.UnmatchedTokens is [{ } unmatched, ..] ? unmatched : null);
        return unknown is null ? (parsed.Errors is [{ } error, ..] ? error.Message : null)
            : unknown.StartsWith('-') ? $"{Name(verb)} has no option '{unknown}'{Meant(unknown, Options(verb))} {Help(verb)} lists its options."
            : verb.Command is RootCommand root
                ? $"There is no verb '{unknown}'{Meant(unknown, root.Subcommands.Select(command => command.Name))} --help lists all verbs."
            : $"{verb.Command.Name} has no use for '{unknown}'; a path with spaces goes in quotes, names in a list have commas between, "
                + $"and {Help(verb)} shows the rest.";
    }

    /// <summary>The name that is closest to what was typed: one that goes on as it begins, or is some slips away; null where none is.</summary>
    public static string? Nearest(string typed, IEnumerable<string> names)
    {
        int most = Math.Max(1, typed.TrimStart('-').Length / LettersPerSlip);
        return names
            .Select(name => (Name: name, Slips: name.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? 0 : Slips(typed, name)))
            .Where(pair => pair.Slips <= most)
            .OrderBy(pair => pair.Slips)
            .Select(pair => pair.Name)
            .FirstOrDefault();
    }

    /// <summary>An option that is none, and was therefore taken for a file.</summary>
    private static string? Unknown(CommandResult verb) => verb.Children.OfType<ArgumentResult>()
        .SelectMany(argument => argument.Tokens)
        .Select(token => token.Value)
        .FirstOrDefault(text => text.StartsWith('-') && text.Length > 1 && !File.Exists(text));

    private static IEnumerable<string> Options(CommandResult verb)
    {
        for (SymbolResult? level = verb; level is not null; level = level.Parent)
        {
            foreach (Option option in (level as CommandResult)?.Command.Options ?? [])
            {
                if (!option.Hidden && (level == verb || option.Recursive))
                {
                    yield return option.Name;
                }
            }
        }
    }

    private static string Meant(string typed, IEnumerable<string> names) => Nearest(typed, names) is { } name ? $"; did you mean '{name}'?" : ";";

    private static string Name(CommandResult verb) => verb.Command is RootCommand ? "The command without a verb" : verb.Command.Name;

    private static string Help(CommandResult verb) => verb.Command is RootCommand ? "--help" : $"{verb.Command.Name} --help";

    /// <summary>Letters to leave out, put in, change, or swap with their neighbours (optimal string alignment), upper and lower case the same.</summary>
    private static int Slips(string typed, string name)
    {
        (string a, string b) = (typed.ToUpperInvariant(), name.ToUpperInvariant());
        int[,] slips = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    slips[i, j] = i + j;
                    continue;
                }

                int change = slips[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                slips[i, j] = Math.Min(change, 1 + Math.Min(slips[i - 1, j], slips[i, j - 1]));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    slips[i, j] = Math.Min(slips[i, j], 1 + slips[i - 2, j - 2]);
                }
            }
        }

        return slips[a.Length, b.Length];
    }
}
