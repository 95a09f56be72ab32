using FastRecurrent.Onnx.Proto;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Onnx;

/// <summary>R15: a model written as ONNX comes back with the same layers, the same weights and the same results, bit for bit.</summary>
public class OnnxRoundTripTests
{
    private const int Time = 6, Batch = 3, Inputs = 4;

    // A Scan's products and functions are the runner's, not the engine's.
    private const float ScanTolerance = 1e-5f;

    private static readonly int[] Opsets = [14, 22];

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    public static TheoryData<string> Networks => [.. OnnxNetworks.All.Keys];

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_in_every_direction_comes_back_bit_for_bit(string name)
    {
        foreach ((Direction direction, int opset) in from direction in Enum.GetValues<Direction>() from opset in Opsets select (direction, opset))
        {
            RecurrentCell cell = CellCatalogue.Create(name, 7, new Draw(3));
            ModelDefinition definition = new ModelBuilder(Inputs).Recurrent(cell, direction).Build();
            bool isScan = cell is LayerNormCell or LstmCell { CellClip: > 0 } or LstmCell { ProjectionSize: > 0 };
            Assert.Equal(isScan, OnnxModels.Load(Bytes(definition, opset)).Nodes.Any(node => node.Operator == "Scan"));
            SameResults(definition, opset, isScan ? ScanTolerance : 0);
            SameStack(definition, opset);
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_with_zoneout_in_every_direction_comes_back_bit_for_bit(string name)
    {
        foreach ((Direction direction, int opset) in from direction in Enum.GetValues<Direction>() from opset in Opsets select (direction, opset))
        {
            RecurrentCell cell = CellCatalogue.Create(name, 7, new Draw(3));
            RecurrentLayer layer = new(cell, direction) { HiddenZoneout = 0.2f, CellZoneout = cell.HasCellState ? 0.3f : 0 };
            SameScan(new ModelBuilder(Inputs).Add(layer).Build(), opset);
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
    public void Directions_of_different_cells_come_back_bit_for_bit()
    {
        RecurrentLayer layer = new(new LstmCell(5), Direction.Bidirectional) { ReverseCell = new GruCell(3) };
        SameScan(new ModelBuilder(Inputs).Add(layer).Dense(2).Build(), 22);
        SameScan(new ModelBuilder(Inputs).Add(layer).FinalState().Build(), 14);
        foreach (Merge merge in Enum.GetValues<Merge>())
        {
            RecurrentLayer clipped = new(new LstmCell(5) { Bias = false }, Direction.Bidirectional) { ReverseCell = new LstmCell(5) { GateClip = 0.5f }, Merge = merge };
            SameScan(new ModelBuilder(Inputs).Add(clipped).Build(), 22);
            SameScan(new ModelBuilder(Inputs).Add(clipped).FinalState().Build(), 14);
        }
    }

    [Fact]
    public void Scans_stand_in_stacks_like_other_layers()
    {
        SameScan(new ModelBuilder(Inputs).Recurrent(new LayerNormLstmCell(5)).Lstm(3).Recurrent(new LstmCell(4) { ProjectionSize = 2 }).LastStep().Dense(2).Build(), 22);
        SameScan(ModelBuilder.FromVector(Inputs).RepeatVector(4).Recurrent(new LayerNormGruCell(3), Direction.Reverse).LayerNorm().Build(), 14);
        SameScan(new ModelBuilder(1).Recurrent(new LstmCell(1) { CellClip = 0.5f, Peepholes = true }, Direction.Bidirectional).FinalState().Build(), 22);
    }

    [Theory]
    [InlineData("cell_clip=0.5", "cell_clip=0.25")]
    [InlineData("cell_clip=0.5", "cell_clip=0")]
    [InlineData("peepholes=True", "peepholes=False")]
    [InlineData("hidden_size=5", "hidden_size=50000")]
    [InlineData("hidden_size=5", "hidden_size=-1")]
    [InlineData("direction=Forward", "direction=Reverse")]
    [InlineData("direction=Forward", "direction=Bidirectional")]
    [InlineData("LstmCell", "LayerNormLstmCell")]
    [InlineData("RecurrentLayer", "DenseLayer")]
    [InlineData("coupled=", "joined=")]
    public void A_scan_that_is_not_what_it_says_runs_but_is_no_stack(string said, string other)
    {
        ModelDefinition definition = new ModelBuilder(Inputs).Recurrent(new LstmCell(5) { CellClip = 0.5f, Peepholes = true }).Build();
        using MemoryStream stream = new();
        OnnxExport.Write(stream, definition, ParameterSet.Uniform(definition, 1));
        ModelProto model = ModelReader.Read(stream.ToArray(), new OnnxOptions());
        GraphProto body = model.Graph!.Nodes.Single(node => node.OpType == "Scan").Attributes.Single(attribute => attribute.Name == "body").Graph!;
        Assert.Contains(said, body.Documentation, StringComparison.Ordinal);
        body.Documentation = body.Documentation.Replace(said, other, StringComparison.Ordinal);
        OnnxModel loaded = model.Load();
        Assert.Contains("(Scan)", Assert.Throws<ModelFormatException>(() => loaded.ToStack()).Message, StringComparison.Ordinal);
        Assert.Equal([3, 2, 5], loaded.Run(new Dictionary<string, OnnxTensor> { ["x"] = new([3, 2, Inputs], new float[3 * 2 * Inputs]) })["y"].Shape.ToArray());
    }

    [Fact]
    public void Metadata_come_back()
    {
        Dictionary<string, string> metadata = new() { ["forecast.scaler"] = "{\"mean\":1}", ["author"] = "\u00e9\u00e0", ["empty"] = "" };
        ModelDefinition definition = new ModelBuilder(2).Gru(3).Build();
        using MemoryStream stream = new();
        OnnxExport.Write(stream, definition, ParameterSet.Uniform(definition, 1), metadata: metadata);
        Assert.Equal(metadata, OnnxModels.Load(stream.ToArray()).Metadata);
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

    private static void SameScan(ModelDefinition definition, int opset)
    {
        Assert.Contains(OnnxModels.Load(Bytes(definition, opset)).Nodes, node => node.Operator == "Scan");
        SameResults(definition, opset, ScanTolerance);
        SameStack(definition, opset);
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
