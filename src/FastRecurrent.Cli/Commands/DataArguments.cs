using System.Collections.Immutable;
using System.CommandLine;
using FastRecurrent.Cli.Data;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Commands;

/// <summary>Arguments and options that the verbs on tables share.</summary>
internal static class DataArguments
{
    public static Argument<string> Data() => new("data") { Description = "A table: .csv, .tsv, .txt (or .npy, .wav, .f32), a row for each step of time" };

    public static Argument<string> Model() => new("model") { Description = "A model file that train wrote" };

    public static Option<string?> Names(string name, string description) => new(name) { Description = description, HelpName = "names" };

    public static Option<string?> Time() => new("--time")
    {
        Description = "The column of times; whole years count where it is named (default: the first that holds times)",
        HelpName = "name",
    };

    public static Option<MissingValues?> Missing(string standard) => NumberOptions.Choice<MissingValues?>(
        "--missing",
        $"What happens to missing values and rows (default {standard})",
        [.. ForecastNames.Missing.Select(pair => (pair.Name, (MissingValues?)pair.Value))]);

    public static Option<int> Threads() => NumberOptions.Whole(
        "--threads", "Threads that may work at once; the numbers do not depend on it", Environment.ProcessorCount, max: Require.MaxThreads);

    /// <summary>Where the rows of interest begin: a row or a time.</summary>
    public static Option<string?> From(string description) => new("--from")
    {
        Description = $"{description}; a row's number (from 1, the column names not among them) or its time",
        HelpName = "row|time",
    };

    /// <summary>Whether an option was typed.</summary>
    public static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>The first of some options that was typed; null for none.</summary>
    public static Option? FirstGiven(ParseResult parsed, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (IsGiven(parsed, option))
            {
                return option;
            }
        }

        return null;
    }

    /// <summary>Refuses a column of times for a file that has no columns with names.</summary>
    /// <exception cref="UsageException">It has none.</exception>
    public static void RequireColumns(ParseResult parsed, Option<string?> time, string data)
    {
        if (IsGiven(parsed, time) && !DataSource.IsCsv(data))
        {
            throw new UsageException($"{time.Name} names a column of a CSV (.csv, .tsv, .txt), and {data} is none; leave it out.");
        }
    }

    /// <summary>The names in a list with commas between.</summary>
    public static ImmutableArray<string> List(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } list)
        {
            return [];
        }

        ImmutableArray<string> names = [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        return names.IsEmpty || names.Distinct().Count() < names.Length
            ? throw new UsageException($"{option.Name}: found '{list}', wanted names of columns, each once, with commas between.")
            : names;
    }

    /// <summary>A whole number of 1 or more, or nothing.</summary>
    public static int? AtLeastOne(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) is 0
        ? throw new UsageException($"{option.Name}: found '0', wanted a whole number of 1 or more.")
        : parsed.GetValue(option);
}
