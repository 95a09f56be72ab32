namespace FastRecurrent.Tests.Api;

/// <summary>R18 for descriptions: builder, layers and cells refuse what no network can have, and a refused layer is not added.</summary>
public class BuilderArgumentTests
{
    private const int H = 5;

    private static readonly Refusals<ModelBuilder> LayerTable = new Refusals<ModelBuilder>()
        .OutOfRange("SimpleRnn(0)", b => b.SimpleRnn(0), "hidden", "0", "at least 1")
        .OutOfRange("Lstm(-1)", b => b.Lstm(-1), "hidden", "-1", "at least 1")
        .OutOfRange("Gru of the smallest size of all", b => b.Gru(int.MinValue), "hidden", "at least 1")
        .OutOfRange("a layer-normalized LSTM of size 0", b => b.Recurrent(new LayerNormLstmCell(0)), "0", "at least 1")
        .OutOfRange("a layer-normalized GRU of size 0", b => b.Recurrent(new LayerNormGruCell(0)), "0", "at least 1")
        .Null("no cell", b => b.Recurrent(null!), "Cell")
        .Null("no cell for two directions", b => b.Bidirectional(null!), "Cell")
        .Null("no layer", b => b.Add(null!), "layer")
        .OutOfRange("an unknown direction", b => b.Recurrent(new LstmCell(H), (Direction)3), "direction", "3")
        .OutOfRange("an unknown merge", b => b.Bidirectional(new LstmCell(H), (Merge)(-1)), "merge", "-1")
        .Argument("a sum of directions of unequal size", b => b.Add(Unequal(Merge.Sum)), "5 and 6", "Sum")
        .Argument("a product of directions of unequal size", b => b.Add(Unequal(Merge.Multiply)), "5 and 6", "Multiply")
        .Argument("an average of directions of unequal size", b => b.Add(Unequal(Merge.Average)), "5 and 6", "Average")
        .OutOfRange("Dense(0)", b => b.Dense(0), "Size", "0", "'1'")
        .OutOfRange("Dense(-3)", b => b.Dense(-3), "Size", "-3", "'1'")
        .OutOfRange("Dense with an unknown activation", b => b.Dense(H, new Activation((ActivationKind)99)), "Activation", "99")
        .OutOfRange("Dense with an alpha that is no number", b => b.Dense(H, Activation.Affine(float.NaN, 0)), "alpha NaN", "finite")
        .OutOfRange("Dense with an infinite beta", b => b.Dense(H, Activation.Affine(1, float.PositiveInfinity)), "beta", "finite")
        .OutOfRange("RepeatVector(0)", b => b.RepeatVector(0), "Steps", "0", "'1'")
        .OutOfRange("RepeatVector(-1)", b => b.RepeatVector(-1), "Steps", "-1", "'1'")
        .OutOfRange("LayerNorm with epsilon 0", b => b.LayerNorm(0), "psilon", "0", "finite value above 0")
        .OutOfRange("LayerNorm with a negative epsilon", b => b.LayerNorm(-1), "psilon", "-1", "finite value above 0")
        .OutOfRange("LayerNorm with an epsilon that is no number", b => b.LayerNorm(float.NaN), "psilon", "NaN", "finite value above 0")
        .OutOfRange("BatchNorm with epsilon 0", b => b.BatchNorm(0), "psilon", "0", "finite value above 0")
        .OutOfRange("BatchNorm with an infinite epsilon", b => b.BatchNorm(float.PositiveInfinity), "psilon", "finite value above 0")
        .OutOfRange("a negative gate clip", b => b.Recurrent(new GruCell(H) { GateClip = -1 }), "GateClip", "-1", "above 0, or 0 for none")
        .OutOfRange("a gate clip that is no number", b => b.Recurrent(new SimpleRnnCell(H) { GateClip = float.NaN }), "GateClip", "NaN")
        .OutOfRange("a negative gate clip in the reverse cell", b => b.Add(new RecurrentLayer(new LstmCell(H), Direction.Bidirectional) { ReverseCell = new LstmCell(H) { GateClip = -1 } }), "GateClip", "-1")
        .OutOfRange("a negative gate clip in a normalized cell", b => b.Recurrent(new LayerNormGruCell(H) { GateClip = -1 }), "GateClip", "-1")
        .OutOfRange("a negative cell clip", b => b.Recurrent(new LstmCell(H) { CellClip = -2 }), "CellClip", "-2")
        .OutOfRange("an infinite cell clip", b => b.Recurrent(new LstmCell(H) { CellClip = float.PositiveInfinity }), "CellClip")
        .OutOfRange("a negative projection", b => b.Recurrent(new LstmCell(H) { ProjectionSize = -1 }), "projection", "-1", "at least 1, or 0")
        .OutOfRange("an unknown gate activation", b => b.Recurrent(new LstmCell(H) { GateActivation = new((ActivationKind)11) }), "GateActivation", "11")
        .OutOfRange("an unknown candidate activation", b => b.Recurrent(new GruCell(H) { CandidateActivation = new((ActivationKind)11) }), "CandidateActivation")
        .OutOfRange("an unknown output activation", b => b.Recurrent(new LstmCell(H) { OutputActivation = new((ActivationKind)11) }), "OutputActivation")
        .OutOfRange("an unknown SimpleRNN activation", b => b.Recurrent(new SimpleRnnCell(H) { Activation = new((ActivationKind)(-1)) }), "Activation", "-1")
        .OutOfRange("a normalized cell with epsilon 0", b => b.Recurrent(new LayerNormLstmCell(H) { Epsilon = 0 }), "Epsilon", "0", "above 0")
        .Argument("a normalized cell without biases", b => b.Recurrent(new LayerNormGruCell(H) { Bias = false }), "Bias", "set them to zero");

    private static readonly Refusals<int> NetworkTable = new Refusals<int>()
        .OutOfRange("an input size of 0", _ => new ModelBuilder(0), "inputSize", "'0'", "'1'")
        .OutOfRange("a negative input size", _ => new ModelBuilder(-1), "inputSize", "'-1'", "'1'")
        .OutOfRange("an input vector of size 0", _ => ModelBuilder.FromVector(0), "inputSize", "'0'", "'1'")
        .Argument("a network without layers", _ => new ModelBuilder(2).Build(), "at least one layer")
        .Argument("a recurrent layer on a vector", _ => ModelBuilder.FromVector(2).Lstm(H).Build(), "Layer 0 (RecurrentLayer)", "needs a sequence", "RepeatVector")
        .Argument("a recurrent layer behind LastStep", _ => new ModelBuilder(2).Lstm(H).LastStep().Lstm(H).Build(), "Layer 2 (RecurrentLayer)", "needs a sequence")
        .Argument("LastStep twice", _ => new ModelBuilder(2).Lstm(H).LastStep().LastStep().Build(), "Layer 2 (LastStepLayer)", "needs a sequence")
        .Argument("RepeatVector on a sequence", _ => new ModelBuilder(2).RepeatVector(3).Build(), "Layer 0 (RepeatVectorLayer)", "needs a vector", "LastStep")
        .Argument("FinalState without a recurrent layer", _ => new ModelBuilder(2).FinalState().Build(), "Layer 0 (FinalStateLayer)", "recurrent layer")
        .Argument("FinalState behind a Dense layer", _ => new ModelBuilder(2).Lstm(H).Dense(3).FinalState().Build(), "Layer 2 (FinalStateLayer)", "recurrent layer");

    public static TheoryData<string> LayerTitles => LayerTable.Titles;

    public static TheoryData<string> NetworkTitles => NetworkTable.Titles;

    [Theory]
    [MemberData(nameof(LayerTitles))]
    public void A_builder_refuses(string title)
    {
        ModelBuilder builder = new ModelBuilder(2).Lstm(H);
        LayerTable.Check(title, builder);
        LayerDefinition only = Assert.Single(builder.Build().Layers);
        Assert.Equal(new RecurrentLayer(new LstmCell(H)), only);
    }

    [Theory]
    [MemberData(nameof(NetworkTitles))]
    public void No_network_has(string title)
    {
        NetworkTable.Check(title, 0);
    }

    /// <summary>The product of a weight's sizes, the gates' rows or two directions' features, beyond 32 bits.</summary>
    [Theory]
    [InlineData("input x hidden")]
    [InlineData("gates x hidden")]
    [InlineData("forward + reverse")]
    [InlineData("dense input x size")]
    public void No_network_has_more_weights_in_one_matrix_than_memory_can_hold(string product)
    {
        ModelBuilder builder = product switch
        {
            "input x hidden" => new ModelBuilder(1 << 20).Lstm(1 << 12),
            "gates x hidden" => new ModelBuilder(1).Lstm(int.MaxValue),
            "forward + reverse" => new ModelBuilder(1).Bidirectional(new SimpleRnnCell(int.MaxValue)),
            _ => new ModelBuilder(1 << 16).Dense(1 << 16),
        };
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(builder.Build);
        Assert.Contains("Layer 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_builder_goes_on_after_Build_without_changing_what_was_built()
    {
        ModelBuilder builder = new ModelBuilder(2).Lstm(H);
        ModelDefinition first = builder.Build();
        ModelDefinition second = builder.Dense(1).Build();
        Assert.Single(first.Layers);
        Assert.Equal((2, 1), (second.Layers.Length, second.OutputSize));
    }

    private static RecurrentLayer Unequal(Merge merge) =>
        new(new LstmCell(H), Direction.Bidirectional) { Merge = merge, ReverseCell = new LstmCell(H + 1) };
}
