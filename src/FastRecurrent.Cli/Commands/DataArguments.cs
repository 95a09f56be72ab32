using System.Collections.Immutable;
using System.CommandLine;
using FastRecurrent.Cli.Forecasts;

namespace FastRecurrent.Cli.Commands;

/// <summary>Arguments and options that the verbs on tables share.</summary>
internal static class DataArguments
{
    public static Argument<string> Data() => new("data") { Description = "A table: .csv, .tsv, .txt (or .npy, .wav, .f32), a row for each step of time" };

    public static Argument<string> Model() => new("model") { Description = "A model file that train wrote" };

    public static Option<string?> Names(string name, string description) => new(name) { Description = description, HelpName = "names" };

    public static Option<string?> Time() => new("--time") { Description = "The column of times (default: the first that holds times)", HelpName = "name" };

    public static Option<MissingValues?> Missing(string standard) => NumberOptions.Choice<MissingValues?>(
        "--missing", $"What happens to missing values and rows (default {standard})", [.. ForecastNames.Missing.Select(pair => (pair.Name, (MissingValues?)pair.Value))]);

    public static Option<int> Threads() => NumberOptions.Whole(
        "--threads", "Threads that may work at once; the numbers do not depend on it", Environment.ProcessorCount, max: Require.MaxThreads);

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
