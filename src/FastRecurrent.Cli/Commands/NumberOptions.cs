using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FastRecurrent.Cli.Commands;

/// <summary>Options whose errors name the option, what was found and what was wanted.</summary>
internal static class NumberOptions
{
    /// <summary>A whole number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<int> Whole(string name, string description, int defaultValue, int min = 1, int max = int.MaxValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => Parse(
            result,
            $"a whole number from {min} to {max}",
            (string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max),
    };

    /// <summary>A whole number of 0 or more, or nothing.</summary>
    public static Option<int?> WholeOrNothing(string name, string description, int max = int.MaxValue) => new(name)
    {
        Description = description,
        CustomParser = result => Parse(
            result,
            $"a whole number from 0 to {max}",
            (string text, out int? value) =>
            {
                bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= max;
                value = isNumber ? number : null;
                return isNumber;
            }),
    };

    /// <summary>A number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public static Option<double> Number(string name, string description, double defaultValue, double min, double max) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => Parse(
            result,
            string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}"),
            (string text, out double value) =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value >= min && value <= max),
    };

    /// <summary>A time in seconds, above 0.</summary>
    public static Option<double> Seconds(string name, string description, double defaultValue) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result => Parse(
            result,
            "a number of seconds above 0, at most 3600",
            (string text, out double value) =>
                double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && value is > 0 and <= 3600),
    };

    /// <summary>One of some names, each standing for a value; not given, it is <c>default(T)</c>, which the description has to name.</summary>
    public static Option<T?> Choice<T>(string name, string description, params (string Name, T? Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices.Select(choice => choice.Name)),
        CustomParser = result => Parse(
            result,
            $"one of {string.Join(", ", choices.Select(choice => choice.Name))}",
            (string text, out T? value) =>
            {
                int index = Array.FindIndex(choices, choice => choice.Name == text);
                value = index >= 0 ? choices[index].Value : default;
                return index >= 0;
            }),
    };

    private delegate bool TryParse<T>(string text, out T value);

    private static T Parse<T>(ArgumentResult result, string wanted, TryParse<T> tryParse)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
        if (!tryParse(text, out T value))
        {
            result.AddError($"{result.Argument.Name}: found '{text}', wanted {wanted}.");
        }

        return value;
    }
}
