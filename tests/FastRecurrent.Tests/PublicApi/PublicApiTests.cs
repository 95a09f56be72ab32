namespace FastRecurrent.Tests.PublicApi;

/// <summary>The public API changes only on purpose: its text is part of the repository, and a change shows in review.</summary>
public class PublicApiTests
{
    /// <summary>Set to 1, it makes the test write the present API as the approved one.</summary>
    private const string Accept = "FASTRECURRENT_ACCEPT_API";

    [Theory]
    [InlineData(typeof(RecurrentModel), "PublicApi.approved.txt")]
    [InlineData(typeof(OnnxModel), "PublicApi.Onnx.approved.txt")]
    public void The_public_API_is_the_approved_one(Type member, string file)
    {
        string path = Path.Combine(Repository.Root, "tests", "FastRecurrent.Tests", file);
        string found = ApiText.Of(member.Assembly);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(path, found);
        }

        string approved = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        string[] changes = [.. Changes(approved, found)];
        Assert.True(
            approved == found,
            $"""
            The public API is not the one in tests/FastRecurrent.Tests/{file} ('-' was, '+' is):
            {string.Join('\n', changes.Length > 0 ? changes : ["only the order or the blank lines differ"])}
            If that is meant, accept it and commit the file:
            {Accept}=1 dotnet test tests/FastRecurrent.Tests --filter {nameof(The_public_API_is_the_approved_one)}
            """);
    }

    [Fact]
    public void The_text_of_the_API_tells_every_kind_of_change()
    {
        string text = ApiText.Of(typeof(RecurrentModel).Assembly);
        string[] expected =
        [
            "sealed class FastRecurrent.SequenceRunner : IDisposable\n",
            "sealed record FastRecurrent.LstmCell : RecurrentCell\n",
            "abstract record FastRecurrent.RecurrentCell\n",
            "readonly ref struct FastRecurrent.SequenceOptions\n",
            "readonly record struct FastRecurrent.Activation\n",
            "static class FastRecurrent.KernelSets\n",
            "enum FastRecurrent.Merge\n    Concat = 0\n    Sum = 1\n",
            "    SequenceRunner CreateRunner(int maxTime, int maxBatch, int threads = 1)\n",
            "    SessionPool CreateSessionPool(int? maxRetained = default)\n",
            "    void Forward(ReadOnlySpan<float> x, int time, int batch, Span<float> y, SequenceOptions options = default)\n",
            "    RecurrentState? InitialState { get; init; }\n",
            "    Span<float> this[string name] { get; }\n",
            "    const string Variable = \"FASTRECURRENT_KERNELS\"\n",
            "    static Activation HardSigmoid(float alpha = 0.2f, float beta = 0.5f)\n",
            "    override int GateCount { get; }\n",
            "readonly struct FastRecurrent.SessionPool.Lease : IDisposable, IEquatable<SessionPool.Lease>\n",
        ];
        Assert.All(expected, part => Assert.Contains(part, text, StringComparison.Ordinal));
        Assert.DoesNotContain("<Clone>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PrintMembers", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_is_shown_below_the_type_that_it_is_in()
    {
        const string Was = "class A\n    int X { get; }\n    int Y { get; }\n\nclass B\n    int X { get; }\n";
        const string Is = "class A\n    int X { get; }\n    long Y { get; }\n\nclass B\n    int X { get; }\n\nclass C\n";
        Assert.Equal(["-     int Y { get; }   (class A)", "+     long Y { get; }   (class A)", "+ class C"], Changes(Was, Is));
        Assert.Empty(Changes(Was, Was));
    }

    /// <summary>The lines that only one of them has, each with its type.</summary>
    private static IEnumerable<string> Changes(string was, string found)
    {
        List<(string Line, string Type)> before = [.. Lines(was)], after = [.. Lines(found)];
        return before.Except(after).Select(line => (Sign: '-', line))
            .Concat(after.Except(before).Select(line => (Sign: '+', line)))
            .Select(change => $"{change.Sign} {change.line.Line}" + (change.line.Line == change.line.Type ? "" : $"   ({change.line.Type})"));
    }

    private static IEnumerable<(string Line, string Type)> Lines(string text)
    {
        string type = "";
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            type = line[0] == ' ' ? type : line;
            yield return (line, type);
        }
    }
}
