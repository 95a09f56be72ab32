using FsCheck.Fluent;

namespace FastRecurrent.Tests.Onnx;

/// <summary>R15: a model written as ONNX comes back with the same layers, the same weights and the same results, bit for bit.</summary>
public class OnnxRoundTripTests
{
    private const int Time = 6, Batch = 3, Inputs = 4;

    /// <summary>Cells that ONNX cannot express, and what the refusal says.</summary>
    private static readonly Dictionary<string, string> Refused = new()
    {
        ["Lstm cell clip"] = "CellClip",
        ["Lstm all options"] = "CellClip",
        ["LayerNormLstm"] = "LayerNormLstmCell",
        ["LayerNormGru"] = "LayerNormGruCell",
    };

    private static readonly int[] Opsets = [14, 22];

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    public static TheoryData<string> Networks => [.. OnnxNetworks.All.Keys];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_in_every_direction_comes_back_bit_for_bit_or_is_refused_by_name(string name)
    {
        foreach ((Direction direction, int opset) in from direction in Enum.GetValues<Direction>() from opset in Opsets select (direction, opset))
        {
            RecurrentCell cell = CellCatalogue.Create(name, 7, new Draw(3));
            ModelDefinition definition = new ModelBuilder(Inputs).Recurrent(cell, direction).Build();
            if (cell is LayerNormCell or LstmCell { CellClip: > 0 })
            {
                ArgumentException error = Assert.Throws<ArgumentException>(() => Bytes(definition, opset));
                Assert.Contains("Layer 0", error.Message, StringComparison.Ordinal);
                Assert.Contains(Refused[Refused.Keys.First(key => name.Contains(key, StringComparison.Ordinal))], error.Message, StringComparison.Ordinal);
            }
            else if (cell is LstmCell { ProjectionSize: > 0 })
            {
                SameResults(definition, opset, tolerance: 1e-5f);
            }
            else
            {
                SameResults(definition, opset);
                SameStack(definition, opset);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_comes_back_bit_for_bit(string name)
    {
        ModelDefinition definition = OnnxNetworks.All[name]();
        foreach (int opset in Opsets)
        {
            SameStack(definition, opset);

            // The graph's own activations, norms and softmax are not the engine's: close, not equal.
            SameResults(definition, opset, tolerance: 2e-6f);
        }
    }

    [Fact]
    public void A_random_network_comes_back_bit_for_bit() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        ModelDefinition definition = OnnxNetworks.Random(new Draw(seed));
        SameStack(definition, Opsets[seed % 2]);
        SameResults(definition, Opsets[seed % 2], tolerance: 2e-5f);
    }, count: 300);

    [Fact]
    public void Directions_of_different_cells_become_two_nodes_with_the_same_results()
    {
        RecurrentLayer layer = new(new LstmCell(5), Direction.Bidirectional) { ReverseCell = new GruCell(3) };
        SameResults(new ModelBuilder(Inputs).Add(layer).Build(), 22);
        foreach (Merge merge in Enum.GetValues<Merge>())
        {
            RecurrentLayer clipped = new(new LstmCell(5) { Bias = false }, Direction.Bidirectional) { ReverseCell = new LstmCell(5) { GateClip = 0.5f }, Merge = merge };
            SameResults(new ModelBuilder(Inputs).Add(clipped).FinalState().Build(), 14);
        }
    }

    [Fact]
    public void A_saved_file_replaces_an_older_one_and_leaves_nothing_beside_it()
    {
        string folder = Directory.CreateTempSubdirectory("onnx").FullName;
        try
        {
            string path = Path.Combine(folder, "model.onnx");
            File.WriteAllText(path, "older");
            ModelDefinition definition = new ModelBuilder(2).Gru(3).Build();
            OnnxExport.Save(path, definition, ParameterSet.Uniform(definition, 1));
            Assert.Equal([path], Directory.GetFiles(folder));
            Assert.Equal(22, OnnxModel.Load(path).Opset);
            Assert.Throws<ArgumentException>(() => OnnxExport.Save(path, definition, ParameterSet.Uniform(definition, 1), opset: 13));
            Assert.Equal([path], Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] Bytes(ModelDefinition definition, int opset)
    {
        using MemoryStream stream = new();
        OnnxExport.Write(stream, definition, Weights.Draw(definition, new Draw(5)), opset);
        return stream.ToArray();
    }

    private static void SameStack(ModelDefinition definition, int opset)
    {
        OnnxStack stack = OnnxModels.Load(Bytes(definition, opset)).ToStack();
        Assert.Equal(definition.Layers.AsEnumerable(), stack.Definition.Layers);
        Assert.Equal((definition.InputSize, definition.InputIsVector), (stack.Definition.InputSize, stack.Definition.InputIsVector));
        ParameterSet expected = Weights.Draw(definition, new Draw(5));
        Assert.Equal(expected.Names.AsEnumerable(), stack.Parameters.Names);
        Assert.All(expected.Names, name => Bits.Equal(expected[name], stack.Parameters[name], name));
    }

    private static void SameResults(ModelDefinition definition, int opset, float tolerance = 0)
    {
        float[] x = new Draw(9).Floats((definition.InputIsVector ? 1 : Time) * Batch * definition.InputSize, -1.5f, 1.5f);
        RecurrentModel model = new(definition, Weights.Draw(definition, new Draw(5)));
        float[] expected = new float[definition.OutputTime(Time) * Batch * definition.OutputSize];
        using SequenceRunner runner = model.CreateRunner(Time, Batch);
        runner.Forward(x, definition.InputIsVector ? 1 : Time, Batch, expected);
        int[] shape = definition.InputIsVector ? [Batch, definition.InputSize] : [Time, Batch, definition.InputSize];
        OnnxTensor y = OnnxModels.Load(Bytes(definition, opset)).Run(new Dictionary<string, OnnxTensor> { ["x"] = new(shape, x) })["y"];
        int[] wanted = definition.OutputIsVector ? [Batch, definition.OutputSize] : [definition.OutputTime(Time), Batch, definition.OutputSize];
        Assert.Equal(wanted, y.Shape.ToArray());
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - y.Floats[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])), $"value {i} is {y.Floats[i]:G9}, wanted {expected[i]:G9}");
        }
    }
}
