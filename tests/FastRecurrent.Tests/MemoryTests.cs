using System.Globalization;
using FastRecurrent.Cells;
using FastRecurrent.Memory;
using FastRecurrent.Simd;
using FsCheck.Fluent;

namespace FastRecurrent.Tests;

/// <summary>
/// A model holds its weights once, packed, with at most 5 % over the padded size, and gives them back bit for bit.
/// The padded size is every parameter once, each row of units filled up to whole vectors; it counts neither the lines that
/// buffers are aligned to, nor the starts of chains, nor the second copy of biases, peepholes and norms that stays for export.
/// Those cost some floats a unit, so that the 5 % hold from some depth I + R on: R is the size of h, the weights of a unit
/// are as many floats a gate.
/// </summary>
public class MemoryTests
{
    private const double Allowance = 1.05;
    private const int SessionBytes = 16 * 1024;

    private static readonly int[] HiddenSizes = [20, 21, 24, 31, 32, 33, 48, 49, 64, 65, 100, 129, 200, 257, 512];
    private static readonly int[] InputSizes = [1, 2, 3, 5, 17, 64, 100, 512];

    /// <summary>Cells, and the depths from which on the 5 % hold: with vectors, and with panels of one unit, which a line pads most.</summary>
    private static readonly Dictionary<string, (Func<int, RecurrentCell> Cell, Direction Direction, int Vectors, int Scalar)> Layers = new()
    {
        ["Lstm"] = (H => new LstmCell(H), Direction.Forward, 21, 90),
        ["Lstm without bias"] = (H => new LstmCell(H) { Bias = false }, Direction.Forward, 21, 90),
        ["Lstm bidirectional"] = (H => new LstmCell(H), Direction.Bidirectional, 21, 90),
        ["Lstm peepholes"] = (H => new LstmCell(H) { Peepholes = true }, Direction.Forward, 40, 90),
        ["Lstm coupled"] = (H => new LstmCell(H) { CoupledInputForget = true }, Direction.Forward, 30, 110),
        ["Lstm projection"] = (H => new LstmCell(H) { ProjectionSize = H / 2 }, Direction.Forward, 20, 90),
        ["Gru"] = (H => new GruCell(H), Direction.Forward, 30, 110),
        ["Gru bidirectional"] = (H => new GruCell(H), Direction.Bidirectional, 30, 110),
        ["Gru before"] = (H => new GruCell(H) { ResetAfter = false }, Direction.Forward, 30, 90),
        ["SimpleRnn"] = (H => new SimpleRnnCell(H), Direction.Forward, 40, 90),
        ["LayerNormLstm"] = (H => new LayerNormLstmCell(H), Direction.Forward, 180, 240),
        ["LayerNormGru"] = (H => new LayerNormGruCell(H), Direction.Forward, 160, 220),
    };

    public static TheoryData<string> LayerNames => [.. Layers.Keys];

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void A_model_takes_at_most_5_percent_over_its_padded_size(string name)
    {
        (Func<int, RecurrentCell> cell, Direction direction, int vectors, int scalar) = Layers[name];
        foreach ((int H, int I) in HiddenSizes.SelectMany(H => InputSizes.Select(I => (H, I))).Where(size => size.H * size.I <= 1 << 16))
        {
            ModelDefinition definition = new ModelBuilder(I).Recurrent(cell(H), direction).Build();
            ParameterSet parameters = new(definition);
            foreach (KernelSet set in Enum.GetValues<KernelSet>())
            {
                long bytes = new RecurrentModel(definition, parameters, set).Bytes, padded = PaddedBytes(definition, set);
                string what = string.Create(CultureInfo.InvariantCulture, $"{name}, H {H}, I {I}, {set}: {bytes} bytes are {(double)bytes / padded:0.000} of the padded {padded}.");
                bool isDeep = I + cell(H).OutputSize >= (set == KernelSet.Scalar ? scalar : vectors);
                Assert.True(!isDeep || bytes <= Allowance * padded, what);
                Assert.True(bytes <= padded + ExtraBytes(definition, set), $"{what} Beyond it at most {ExtraBytes(definition, set)} are accounted for.");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void A_session_of_two_layers_of_LSTM_100_says_that_it_takes_at_most_16_KB(int inputs)
    {
        ModelDefinition definition = new ModelBuilder(inputs).Lstm(100).Lstm(100).Build();
        foreach (KernelSet set in Enum.GetValues<KernelSet>())
        {
            using StreamingSession session = new RecurrentModel(definition, new ParameterSet(definition), set).CreateSession();
            Assert.InRange(session.Bytes, 6 * 100 * sizeof(float), SessionBytes); // h in two places and c, of two layers
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_gives_back_the_bits_that_it_was_made_from(string cell) =>
        Property.Holds(SequenceCase.Of(cell), c => GivesBack(c.Definition, c.Seed), count: 25);

    [Fact]
    public void Every_network_gives_back_the_bits_that_it_was_made_from() =>
        Property.Holds(NetworkCase.Of(isCausal: false), c => GivesBack(c.Definition, c.Seed), count: 50);

    [Fact]
    public void Two_directions_of_two_cells_give_back_the_bits_that_they_were_made_from() =>
        Property.Holds(Gen.Choose(1, 70), H => GivesBack(
            new ModelBuilder(3).Add(new RecurrentLayer(new LstmCell(H) { Peepholes = true }, Direction.Bidirectional) { ReverseCell = new GruCell(71 - H) }).Build(), H));

    /// <summary>Exports twice, spoils the first export and what the model was made from, and looks at the second and a third.</summary>
    private static void GivesBack(ModelDefinition definition, int seed)
    {
        foreach (KernelSet set in Enum.GetValues<KernelSet>())
        {
            ParameterSet made = AnyBits(definition, seed), wanted = AnyBits(definition, seed);
            RecurrentModel model = new(definition, made, set);
            ParameterSet first = model.ExportParameters(), second = model.ExportParameters();
            Assert.Same(definition, first.Definition);
            foreach (string name in wanted.Names)
            {
                Bits.Equal(wanted[name], first[name], $"{set}, first export, {name}");
                made[name].Fill(1);
                first[name].Fill(2);
            }

            ParameterSet third = model.ExportParameters();
            foreach (string name in wanted.Names)
            {
                Bits.Equal(wanted[name], second[name], $"{set}, second export, {name}");
                Bits.Equal(wanted[name], third[name], $"{set}, third export, {name}");
            }
        }
    }

    /// <summary>Any bits at all: negative zeros, subnormals, infinities and NaNs among them.</summary>
    private static ParameterSet AnyBits(ModelDefinition definition, int seed)
    {
        ParameterSet parameters = new(definition);
        Draw draw = new(seed, stream: 6);
        foreach (string name in parameters.Names)
        {
            foreach (ref float value in parameters[name])
                value = BitConverter.Int32BitsToSingle(draw.Int(0, int.MaxValue - 1) ^ (draw.Bool() ? int.MinValue : 0));
        }

        return parameters;
    }

    private static long PaddedBytes(ModelDefinition definition, KernelSet set)
    {
        long floats = 0;
        foreach (ModelDefinition.NamedShape named in definition.Shapes)
        {
            ParameterShape shape = named.Shape;
            RecurrentCell cell = ((RecurrentLayer)definition.Layers[0]).Cell;
            int units = shape.Name == ParameterNames.WeightHr ? cell.OutputSize : cell.HiddenSize;
            long rowsOfUnits = IsKept(shape) ? (long)shape.Rows * shape.Columns / units : (long)shape.Rows / units * shape.Columns;
            floats += rowsOfUnits * Vectors(units, set) * Lanes(set);
        }

        return floats * sizeof(float);
    }

    /// <summary>What a model has beside its padded parameters: vectors kept for export, the starts of chains, and a line at every panel and product.</summary>
    private static long ExtraBytes(ModelDefinition definition, KernelSet set)
    {
        RecurrentLayer layer = (RecurrentLayer)definition.Layers[0];
        long floats = definition.Shapes.Where(named => IsKept(named.Shape)).Sum(named => (long)named.Shape.Rows * named.Shape.Columns);
        foreach (StageDescription stage in layer.Cell.Stages)
        {
            long vectors = Vectors(stage.Units, set), directions = layer.Direction == Direction.Bidirectional ? 2 : 1;
            floats += directions * ((stage.Slots * vectors * Lanes(set)) + ((vectors + 2) * AlignedBuffer.AlignmentFloats));
        }

        return floats * sizeof(float);
    }

    /// <summary>Whether the model keeps a parameter in logical order beside the packed form.</summary>
    private static bool IsKept(ParameterShape shape) => shape.Rows == 1 || shape.Name.StartsWith(ParameterNames.Peephole, StringComparison.Ordinal);

    private static int Vectors(int units, KernelSet set) => (units + Lanes(set) - 1) / Lanes(set);

    private static int Lanes(KernelSet set) => set switch
    {
        KernelSet.Avx512 => Vector512F.Count,
        KernelSet.Avx2 => Vector256F.Count,
        KernelSet.Vector128 => Vector128F.Count,
        KernelSet.Vector => VectorTF.Count,
        _ => ScalarF.Count,
    };
}
