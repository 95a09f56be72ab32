using System.Text.Json;
using FastRecurrent.Files;
using Spectre.Console;

namespace FastRecurrent.Cli.Commands;

/// <summary>A model file's metadata for people: a row a value, also of JSON within; what is long is shortened, and its length said.</summary>
internal static class MetadataView
{
    private const int MostLetters = 80, MostDepth = 8;

    /// <summary>The table; null where there are no metadata.</summary>
    public static Table? Of(IReadOnlyDictionary<string, string> metadata)
    {
        if (metadata.Count == 0)
        {
            return null;
        }

        Table table = new Table { Title = new TableTitle("Metadata (--json holds all of it)") }.AddColumns("name", "value");
        foreach ((string name, string value) in Rows(metadata))
        {
            table.AddRow(new Text(Printable.Of(name)), new Text(Printable.Of(value)));
        }

        return table;
    }

    /// <summary>Names, with those of JSON's members behind points, and values.</summary>
    public static IEnumerable<(string Name, string Value)> Rows(IReadOnlyDictionary<string, string> metadata) =>
        metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => OfText(entry.Key, entry.Value, MostDepth));

    private static IEnumerable<(string Name, string Value)> OfText(string name, string text, int depth)
    {
        if (depth == 0 || !text.StartsWith('{'))
        {
            return [(name, Short(text, Format.Counted(text.Length, "character")))];
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return [.. json.RootElement.EnumerateObject().SelectMany(member => OfJson($"{name}.{member.Name}", member.Value, depth - 1))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or JSON whose escapes are half of a letter.
            return OfText(name, text, depth: 0);
        }
    }

    private static IEnumerable<(string Name, string Value)> OfJson(string name, JsonElement value, int depth) => value.ValueKind switch
    {
        JsonValueKind.String => OfText(name, value.GetString()!, depth),
        JsonValueKind.Object => OfText(name, value.GetRawText(), depth),
        JsonValueKind.Array when value.GetArrayLength() == 0 => [(name, "none")],
        JsonValueKind.Array => [(name, Short(string.Join(", ", value.EnumerateArray()), Format.Counted(value.GetArrayLength(), "value")))],
        _ => [(name, value.ToString())],
    };

    private static string Short(string text, string length) => text.Length <= MostLetters ? text : $"{text[..MostLetters]}... ({length})";
}
