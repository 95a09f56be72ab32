using FastRecurrent.Tests.Formats;

namespace FastRecurrent.Tests.Goldens;

/// <summary>
/// R19: the command line as it is published gives the recorded numbers. FASTRECURRENT_PUBLISHED names the published program, trimmed and
/// compiled ahead of time; without it the built one runs, on some of the cases.
/// </summary>
[Trait("Category", "published")]
public class PublishedGoldenTests
{
    private const int EveryFewCases = 16;

    public static TheoryData<string> Some => [.. All().Keys.Where((_, index) => CliProcess.IsPublished || index % EveryFewCases == 0)];

    [Theory]
    [MemberData(nameof(Some))]
    public void The_published_program_gives_the_recorded_outputs(string name)
    {
        GoldenCase golden = All()[name];
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["model.safetensors"], golden.CreateModel(KernelSets.Default));
        SafeTensors.Write(folder["x.safetensors"], [KeyValuePair.Create("x", new Tensor([golden.Time, golden.Batch, golden.Definition.InputSize], golden.X))]);
        CliProcess run = CliProcess.Run("infer", folder["model.safetensors"], "--input", folder["x.safetensors"], "--output", folder["y.safetensors"]);
        Assert.True(run.ExitCode == 0, run.Error);
        using SafeTensors file = SafeTensors.Open(folder["y.safetensors"]);
        GoldenRun here = golden.Run(KernelSets.Default);
        Bits.Equal(here.Y, file.Read("y").Values, name);
        Assert.Null(Golden.Violation(golden, here with { Y = file.Read("y").Values.ToArray() }));
    }

    /// <summary>The cases of whole sequences from a zero state, which is what <c>infer</c> runs.</summary>
    private static Dictionary<string, GoldenCase> All() => new[]
    {
        TorchGoldens.Layers.Values.Select(TorchGoldens.Translate),
        KerasGoldens.Keras2.Values.Select(KerasGoldens.Translate),
        KerasGoldens.Keras3.Values.Select(KerasGoldens.Translate),
        OnnxGoldens.Lstm.Values.Select(OnnxGoldens.Translate),
        OnnxGoldens.Gru.Values.Select(OnnxGoldens.Translate),
        OnnxGoldens.Rnn.Values.Select(OnnxGoldens.Translate),
    }.SelectMany((cases, family) => cases.Select(golden => (Name: $"{family} {golden.Name}", Case: golden)))
        .Where(one => one.Case is { Layout: SequenceLayout.TimeMajor, Lengths: null, InitialHidden: null, InitialCell: null, Runs: 1 })
        .ToDictionary(one => one.Name, one => one.Case);
}
