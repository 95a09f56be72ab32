using System.Text.RegularExpressions;

namespace FastRecurrent.Tests.Rooms;

/// <summary>A source file of the library: its room (folder), and its code without comments and strings.</summary>
internal sealed partial record SourceFile(string Path, string Room, string Code)
{
    public static string Library { get; } = System.IO.Path.Combine(Repository.Root, "src", "FastRecurrent");

    public static SourceFile[] All { get; } =
    [
        .. Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Full: file, Path: System.IO.Path.GetRelativePath(Library, file).Replace('\\', '/')))
            .Where(file => !file.Path.StartsWith("bin/", StringComparison.Ordinal) && !file.Path.StartsWith("obj/", StringComparison.Ordinal))
            .Select(file => Parse(file.Path, File.ReadAllText(file.Full)))
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    /// <summary>The names that the code uses.</summary>
    public HashSet<string> Names => [.. Name().Matches(Code).Select(match => match.Value)];

    /// <summary>The names of the types that the file declares for others: private ones are its own.</summary>
    public IEnumerable<string> Declares => Declaration().Matches(Code).Select(match => match.Groups[1].Value);

    /// <param name="path">From the library's folder, with '/'.</param>
    /// <param name="text">The file.</param>
    public static SourceFile Parse(string path, string text) =>
        new(path, path.Contains('/', StringComparison.Ordinal) ? path[..path.IndexOf('/', StringComparison.Ordinal)] : string.Empty, NotCode().Replace(text, match => match.Value[0] == '$' ? match.Value : " "));

    // Comments, strings and characters. Interpolated strings are matched to be kept: their holes are code.
    [GeneratedRegex("""//[^\n]*|/\*[\s\S]*?\*/|\$?"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)'""")]
    private static partial Regex NotCode();

    [GeneratedRegex(@"[A-Za-z_]\w*")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<!\bprivate\s[\w\s]{0,40})\b(?:class|struct|interface|enum|record|delegate\s+\S+)\s+([A-Z]\w*)")]
    private static partial Regex Declaration();
}
