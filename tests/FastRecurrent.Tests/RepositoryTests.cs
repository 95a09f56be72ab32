namespace FastRecurrent.Tests;

public class RepositoryTests
{
    private const int LongestFile = 400; // lines: one idea a file

    private static readonly string[] CodeFolders = ["src", "tests", "bench", "native-ref"];
    private static readonly string[] CodeExtensions = [".cs", ".c", ".cpp", ".h"];
    private static readonly string[] BuildFolders = ["bin", "obj", "build"];

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    [InlineData("native-ref")]
    [InlineData("docs")]
    [InlineData("README.md")]
    [InlineData("FastRecurrent.sln")]
    [InlineData("Directory.Build.props")]
    public void The_top_level_has(string entry)
    {
        Assert.True(Path.Exists(Path.Combine(Repository.Root, entry)), $"{entry} is missing from {Repository.Root}");
    }

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        string[] sources = [.. CodeFolders.SelectMany(SourceFiles)];
        Assert.NotEmpty(sources);
        Assert.Empty(sources
            .Select(file => (Name: Path.GetRelativePath(Repository.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LongestFile)
            .Select(file => $"{file.Name}: {file.Lines} lines, at most {LongestFile}; split it by idea"));
    }

    private static IEnumerable<string> SourceFiles(string folder)
    {
        string path = Path.Combine(Repository.Root, folder);
        return Directory.Exists(path)
            ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsSource)
            : [];
    }

    private static bool IsSource(string file) =>
        CodeExtensions.Contains(Path.GetExtension(file))
        && !Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar).Any(part => BuildFolders.Contains(part));
}
