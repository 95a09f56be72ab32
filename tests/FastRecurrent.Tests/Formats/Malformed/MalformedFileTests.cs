using FastRecurrent.Tests.Onnx;

namespace FastRecurrent.Tests.Formats.Malformed;

/// <summary>R14: files that must be refused, each with the sentence that its owner gets.</summary>
public class MalformedFileTests
{
    private const int Fewest = 80;

    private static readonly Dictionary<string, MalformedFile> Files =
        new[] { SafeTensorsCases.All, ModelFileCases.All, WeightCases.All, JsonCases.All, WavCases.All }.SelectMany(files => files).ToDictionary(file => file.Name);

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_malformed_file_is_refused_with_the_reason(string name)
    {
        MalformedFile file = Files[name];
        byte[] bytes = file.Bytes();
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => file.Read(bytes));
        Assert.StartsWith(Readers.FileName + ": ", error.Message, StringComparison.Ordinal);
        Assert.Equal(Readers.FileName, error.FileName);
        Assert.All(file.Words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.NotEmpty(file.Words);
    }

    [Fact]
    public void There_are_enough_of_them()
    {
        Assert.True(Files.Count >= Fewest, $"{Files.Count} without ONNX");
        int all = Files.Count + OnnxMalformedTests.Count + OnnxMalformedScanTests.Count;
        Assert.True(all >= 3 * Fewest, $"{all} with ONNX");
    }

    [Fact]
    public void The_limit_of_a_file_holds_before_anything_is_read()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("large", new byte[1000]);
        ModelFormatException error = Assert.Throws<ModelFormatException>(() => ModelFile.Load(path, new ImportLimits { FileBytes = 999 }));
        Assert.Contains("1000 bytes; the limit is 999", error.Message, StringComparison.Ordinal);
        Assert.Throws<ModelFormatException>(() => SafeTensors.Open(path, new ImportLimits { FileBytes = 999 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelFile.Load(path, new ImportLimits { Rank = 0 }));
    }
}
