using System.Globalization;

namespace FastRecurrent.Tests;

/// <summary>
/// Results as recorded on x64, one hash each (ExpectedBits.txt): what another architecture has to reproduce without the
/// native reference. A deliberate change of the arithmetic changes them: run the tests once with
/// FASTRECURRENT_RECORD_BITS=1 to write the file anew, and say in the commit why the bits moved.
/// </summary>
internal static class ExpectedBits
{
    private const string RecordVariable = "FASTRECURRENT_RECORD_BITS";
    private const int Seed = 20_260_101;

    private static readonly string TablePath = Path.Combine(Repository.Root, "tests", "FastRecurrent.Tests", "ExpectedBits.txt");

    /// <summary>A name, and how its result is computed.</summary>
    private static readonly Dictionary<string, Func<KernelSet, float[]>> Results = new(
        from cell in CellCatalogue.Names
        let c = SequenceCase.From(cell, Seed, maxTime: 4, maxBatch: 9, maxSize: 40)
        select KeyValuePair.Create<string, Func<KernelSet, float[]>>(cell, set => c.Run(set).All))
    {
        ["Dense 3"] = set => Head(new ModelBuilder(37).Dense(3, Activation.Tanh), set),
        ["Dense 41"] = set => Head(new ModelBuilder(37).Dense(41, Activation.Elu()), set),
        ["LayerNorm"] = set => Head(new ModelBuilder(37).LayerNorm(), set),
        ["BatchNorm"] = set => Head(new ModelBuilder(37).BatchNorm(), set),
        ["Softmax"] = set => Head(new ModelBuilder(37).Softmax(), set),
    };

    private static readonly Lazy<Dictionary<string, ulong>> Recorded = new(
        () => Environment.GetEnvironmentVariable(RecordVariable) == "1" ? Record() : Read());

    public static IReadOnlyList<string> Names { get; } = [.. Results.Keys];

    public static void Check(string name, KernelSet set)
    {
        Assert.True(Recorded.Value.TryGetValue(name, out ulong wanted), $"{TablePath} has no line for '{name}'; record it with {RecordVariable}=1.");
        ulong found = Bits.Hash(Results[name](set));
        Assert.True(
            wanted == found,
            $"{name} with {set} kernels has the bits {found:x16}; recorded were {wanted:x16}. If the arithmetic was changed on purpose, record them anew with {RecordVariable}=1.");
    }

    private static float[] Head(ModelBuilder builder, KernelSet set)
    {
        const int Rows = 7;
        ModelDefinition definition = builder.Build();
        RecurrentModel model = new(definition, Weights.Draw(definition, new Draw(Seed, stream: 2)), set);
        using SequenceRunner runner = model.CreateRunner(Rows, 1);
        float[] y = new float[Rows * definition.OutputSize];
        runner.Forward(new Draw(Seed, stream: 3).Floats(Rows * definition.InputSize, -2, 2), Rows, 1, y);
        return y;
    }

    private static Dictionary<string, ulong> Record()
    {
        Dictionary<string, ulong> hashes = Results.ToDictionary(result => result.Key, result => Bits.Hash(result.Value(KernelSet.Scalar)));
        File.WriteAllLines(TablePath, hashes.Select(hash => $"{hash.Value:x16} {hash.Key}"));
        return hashes;
    }

    private static Dictionary<string, ulong> Read() => File.ReadLines(TablePath).ToDictionary(
        line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..],
        line => ulong.Parse(line.AsSpan(0, line.IndexOf(' ', StringComparison.Ordinal)), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}
