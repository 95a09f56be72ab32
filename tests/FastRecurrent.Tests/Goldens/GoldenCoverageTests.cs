namespace FastRecurrent.Tests.Goldens;

/// <summary>That no recorded case is left out, and that the recorded values would notice the mistakes that importers make.</summary>
public class GoldenCoverageTests
{
    /// <summary>
    /// How many cases each file holds. Every one of them runs: nothing that the files record is beyond the engine, so there
    /// is no list of exceptions.
    /// </summary>
    private static readonly Dictionary<string, (int Cases, GoldenCase[] Goldens)> Files = new()
    {
        ["onnx_node"] = (18, [.. OnnxGoldens.Nodes.Values.Select(OnnxGoldens.Translate)]),
        ["onnx_lstm_cases"] = (8, [.. OnnxGoldens.Lstm.Values.Select(OnnxGoldens.Translate)]),
        ["onnx_gru_cases"] = (12, [.. OnnxGoldens.Gru.Values.Select(OnnxGoldens.Translate)]),
        ["onnx_rnn_cases"] = (4, [.. OnnxGoldens.Rnn.Values.Select(OnnxGoldens.Translate)]),
        ["tflite_cases"] = (2, [.. OnnxGoldens.Tflite.Values.Select(OnnxGoldens.Translate)]),
        ["keras2_layer_cases"] = (14, [.. KerasGoldens.Keras2.Values.Select(KerasGoldens.Translate)]),
        ["keras3_layer_cases"] = (50, [.. KerasGoldens.Keras3.Values.Select(KerasGoldens.Translate)]),
        ["torch_layer_cases"] = (10, [.. TorchGoldens.Layers.Values.Select(TorchGoldens.Translate)]),
        ["torch_gradients"] = (3, [.. TorchGoldens.Stacks.Values.Select(TorchGoldens.Translate)]),
    };

    public static TheoryData<string> Names => [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_case_of_a_file_is_there(string file) => Assert.Equal(Files[file].Cases, Files[file].Goldens.Length);

    [Fact]
    public void Every_file_of_the_data_folder_is_read() => Assert.Equal(
        Files.Keys.Order(), Directory.EnumerateFileSystemEntries(GoldenData.PathOf()).Select(Path.GetFileNameWithoutExtension).Order());

    [Theory]
    [InlineData("onnx", typeof(LstmCell))]
    [InlineData("onnx", typeof(GruCell))]
    [InlineData("keras2", typeof(LstmCell))]
    [InlineData("keras2", typeof(GruCell))]
    [InlineData("torch", typeof(LstmCell))]
    [InlineData("torch", typeof(GruCell))]
    public void Exchanging_any_two_gates_is_noticed(string format, Type cell)
    {
        GoldenCase[] goldens = Of(format, cell);
        int gates = Cell(goldens[0]).GateCount;
        for (int a = 0; a < gates; a++)
        {
            for (int b = a + 1; b < gates; b++)
                AssertNoticed(goldens, (name, values) => IsPeephole(name) ? values : Swap(values, gates, a, b), $"gates {a} and {b}");
        }
    }

    [Fact]
    public void Exchanging_any_two_peepholes_is_noticed()
    {
        foreach ((int a, int b) in new[] { (0, 1), (0, 2), (1, 2) })
            AssertNoticed(Of("onnx", typeof(LstmCell)), (name, values) => IsPeephole(name) ? Swap(values, 3, a, b) : values, $"peepholes {a} and {b}");
    }

    [Theory]
    [InlineData("onnx")]
    [InlineData("torch")]
    public void Exchanging_the_two_biases_of_a_gru_is_noticed(string format) => AssertNoticed(
        Of(format, typeof(GruCell)),
        golden => Renamed(golden, name => Exchange(name, "bias_ih", "bias_hh")),
        "the biases");

    [Theory]
    [InlineData("onnx")]
    [InlineData("torch")]
    public void Exchanging_the_two_directions_is_noticed(string format) => AssertNoticed(
        [.. Of(format, typeof(RecurrentCell)).Where(golden => Layer(golden).Direction == Direction.Bidirectional)],
        golden => Renamed(golden, OtherDirection),
        "the directions");

    [Theory]
    [InlineData("onnx")]
    [InlineData("keras2")]
    [InlineData("keras3")]
    public void The_other_form_of_the_gru_is_noticed(string format) => AssertNoticed(Of(format, typeof(GruCell)), OtherReset, "reset before and after");

    [Fact]
    public void A_value_that_is_no_number_is_never_within_the_tolerance()
    {
        Assert.Null(Tolerance.Golden.Violation([1], [1 + 1e-5f]));
        Assert.NotNull(Tolerance.Golden.Violation([1], [1 + 2e-5f]));
        Assert.NotNull(Tolerance.Golden.Violation([float.NaN], [1]));
        Assert.NotNull(Tolerance.Golden.Violation([1], [1, 2]));
    }

    private static GoldenCase[] Of(string format, Type cell) =>
        [.. from file in Files
            where file.Key.StartsWith(format, StringComparison.Ordinal)
            from golden in file.Value.Goldens
            where cell.IsInstanceOfType(Cell(golden))
            select golden];

    private static RecurrentLayer Layer(GoldenCase golden) => (RecurrentLayer)golden.Definition.Layers[0];

    private static RecurrentCell Cell(GoldenCase golden) => Layer(golden).Cell;

    private static void AssertNoticed(GoldenCase[] goldens, Func<string, float[], float[]> change, string what) => AssertNoticed(
        goldens,
        golden => golden with { Parameters = golden.Parameters.ToDictionary(parameter => parameter.Key, parameter => change(parameter.Key, parameter.Value)) },
        what);

    private static void AssertNoticed(GoldenCase[] goldens, Func<GoldenCase, GoldenCase> change, string what)
    {
        Assert.NotEmpty(goldens);
        Assert.True(
            goldens.Select(change).Any(changed => Golden.Violation(changed, changed.Run(KernelSets.Default)) is not null),
            $"exchanging {what} leaves every one of {goldens.Length} cases within its tolerance");
    }

    private static GoldenCase Renamed(GoldenCase golden, Func<string, string> rename) =>
        golden with { Parameters = golden.Parameters.ToDictionary(parameter => rename(parameter.Key), parameter => parameter.Value) };

    private static bool IsPeephole(string name) => name.Contains("peephole", StringComparison.Ordinal);

    private static float[] Swap(float[] rows, int blocks, int a, int b)
    {
        float[][] parts = [.. rows.Chunk(rows.Length / blocks)];
        (parts[a], parts[b]) = (parts[b], parts[a]);
        return [.. parts.SelectMany(part => part)];
    }

    private static string Exchange(string name, string a, string b) =>
        name.Contains(a, StringComparison.Ordinal) ? name.Replace(a, b, StringComparison.Ordinal) : name.Replace(b, a, StringComparison.Ordinal);

    private static string OtherDirection(string name) => name.EndsWith("_reverse", StringComparison.Ordinal) ? name[..^"_reverse".Length] : name + "_reverse";

    private static GoldenCase OtherReset(GoldenCase golden)
    {
        RecurrentLayer layer = Layer(golden);
        GruCell gru = (GruCell)layer.Cell;
        GruCell other = gru with { ResetAfter = !gru.ResetAfter };
        ModelBuilder builder = new(golden.Definition.InputSize);
        builder.Add(layer with { Cell = other, ReverseCell = other });
        foreach (LayerDefinition rest in golden.Definition.Layers.Skip(1))
            builder.Add(rest);
        return golden with { Definition = builder.Build() };
    }
}
