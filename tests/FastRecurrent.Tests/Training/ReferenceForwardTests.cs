using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>The reference computes what the engine computes: single layers of the catalogue, and whole networks with every kind of layer.</summary>
public class ReferenceForwardTests
{
    /// <summary>Behind several layers: a normalization of few values magnifies the rounding of the layers below where their spread is small by chance.</summary>
    private const double NormedStack = 100;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_layer_gives_the_engines_outputs_and_final_state(string cell) =>
        Property.Holds(SequenceCase.Of(cell, maxTime: 8, maxBatch: 6, maxSize: 24), CheckLayer, 10);

    [Fact]
    public void Networks_of_any_layers_give_the_engines_outputs_and_final_states() =>
        Property.Holds(NetworkCase.Of(isCausal: false, maxTime: 6, maxBatch: 8), CheckNetwork, 60);

    [Fact]
    public void An_encoder_and_a_decoder_give_the_engines_outputs()
    {
        ModelDefinition definition = new ModelBuilder(3).Bidirectional(new LstmCell(5), Merge.Average).FinalState().RepeatVector(4).Gru(6).Dense(2).Build();
        CheckRun(definition, time: 7, batch: 3, lengths: [7, 0, 3], seed: 5, "encoder and decoder");
    }

    [Fact]
    public void A_network_on_vectors_gives_the_engines_outputs() =>
        CheckRun(
            ModelBuilder.FromVector(4).LayerNorm().Dense(6, Activation.Softplus).BatchNorm().RepeatVector(3).SimpleRnn(5).LastStep().Softmax().Build(),
            time: 1, batch: 4, lengths: null, seed: 6, "vectors");

    private static void CheckLayer(SequenceCase c)
    {
        SequenceResult wanted = c.Run();
        ReferenceOutput found = ReferenceCase.Network(c).Forward(ReferenceCase.Run(c));
        double limit = ForwardMatchesReferenceTests.Bound(c);
        ReferenceCase.Near($"y of {c}", ReferenceCase.Doubles(wanted.Outputs), found.Y, limit);
        for (int d = 0; d < c.Directions; d++)
        {
            ReferenceCase.Near($"final h of {c}", ReferenceCase.Doubles(wanted.Hidden[d]), found.Final.Hidden(0, d == 1), limit);
            if (c.Cell.HasCellState)
                ReferenceCase.Near($"final c of {c}", ReferenceCase.Doubles(wanted.Cell[d]), found.Final.Cell(0, d == 1), limit);
        }
    }

    private static void CheckNetwork(NetworkCase c) => CheckRun(c.Definition, c.Time, c.Batch, c.Seed % 2 == 0 ? c.Lengths() : null, c.Seed, c.ToString());

    private static void CheckRun(ModelDefinition definition, int time, int batch, int[]? lengths, int seed, string what)
    {
        ParameterSet parameters = Weights.Draw(definition, new Draw(seed, stream: 2));
        RecurrentModel model = new(definition, parameters);
        RecurrentState initial = model.CreateState(batch), final = model.CreateState(batch);
        ReferenceState start = new(definition, batch);
        Draw draw = new(seed, stream: 5);
        ReferenceCase.ForEachRow(definition, initial, start, (engine, reference) =>
        {
            draw.Fill(engine, -1, 1);
            ReferenceCase.Doubles(engine.ToArray()).CopyTo(reference);
        });

        float[] x = new Draw(seed, stream: 3).Floats(time * batch * definition.InputSize, -1.5f, 1.5f);
        float[] y = new float[definition.OutputTime(time) * batch * definition.OutputSize];
        using SequenceRunner runner = model.CreateRunner(time, batch);
        runner.Forward(x, time, batch, y, new() { Lengths = lengths, InitialState = initial, FinalState = final });
        ReferenceRun run = new() { X = ReferenceCase.Doubles(x), Time = time, Batch = batch, Lengths = lengths, Initial = start };
        ReferenceOutput found = new ReferenceNetwork(definition, parameters).Forward(run with { Masks = ReferenceMasks.Of(definition, 0, 0, run) });

        bool isNormed = definition.Layers.Any(layer => layer is LayerNormLayer or RecurrentLayer { Cell: LayerNormCell });
        double limit = GradientCheck.FloatBound(definition, time, batch) * (isNormed ? NormedStack : 1);
        ReferenceCase.Near($"y of {what}", ReferenceCase.Doubles(y), found.Y, limit);
        ReferenceCase.ForEachRow(definition, final, found.Final, (engine, reference) =>
            ReferenceCase.Near($"final state of {what}", ReferenceCase.Doubles(engine.ToArray()), reference, limit));
    }
}
