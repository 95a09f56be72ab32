using System.Text.RegularExpressions;

namespace FastRecurrent.Tests;

/// <summary>The C# of a document, and the regions of a test that hold the same code, so that what readers copy is code that runs.</summary>
internal static partial class DocumentExamples
{
    /// <summary>Fails unless the document's C# blocks are the test's regions of this name, word for word and in order.</summary>
    public static void AreRegions(string document, string test, string region)
    {
        string[] blocks = [.. Block().Matches(Text(document)).Select(match => match.Groups[1].Value)];
        string[] regions =
        [
            .. Region().Matches(Text(Path.Combine("tests", "FastRecurrent.Tests", test)))
                .Where(match => match.Groups[1].Value == region)
                .Select(match => Unindented(match.Groups[2].Value)),
        ];
        Assert.NotEmpty(blocks);
        Assert.Equal(regions, blocks);
    }

    /// <summary>The commands of a document's plain blocks, without what starts the program.</summary>
    public static string[] Commands(string document)
    {
        const string Start = "dotnet run -c Release --project src/FastRecurrent.Cli";
        return
        [
            .. Text(document).Split('\n')
                .Where(line => line.StartsWith(Start, StringComparison.Ordinal))
                .Select(line => line[Start.Length..].Split('#')[0].Trim()),
        ];
    }

    private static string Text(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    private static string Unindented(string code)
    {
        string[] lines = code.Split('\n');
        int indent = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indent..] : line));
    }

    [GeneratedRegex(@"^```csharp\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^ *#region ([^\n]+)\n(.*?)^ *#endregion$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();
}
