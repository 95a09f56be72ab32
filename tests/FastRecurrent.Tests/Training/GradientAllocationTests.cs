namespace FastRecurrent.Tests.Training;

/// <summary>R9 for forward and backward passes.</summary>
[Collection(AloneCollection.Name)]
public class GradientAllocationTests
{
    private const int I = 6, T = 12, N = 5;

    private static readonly Dictionary<string, ModelDefinition> Networks = new()
    {
        ["every layer"] = new ModelBuilder(I).Dropout(0.2f).Lstm(24).LayerNorm().Bidirectional(new GruCell(10)).BatchNorm().SimpleRnn(9).LastStep().Dense(7).Softmax().Build(),
        ["encoder and decoder"] = new ModelBuilder(I).Lstm(24).FinalState().RepeatVector(20).Gru(9).Dense(2, Activation.Tanh).Build(),
        ["masks"] = new ModelBuilder(I).Add(new RecurrentLayer(new LstmCell(24) { Peepholes = true, ProjectionSize = 9 }, Direction.Bidirectional)
        {
            RecurrentDropout = 0.2f,
            HiddenZoneout = 0.1f,
            CellZoneout = 0.1f,
        }).Build(),
        ["layer-normalized cells"] = new ModelBuilder(I).Recurrent(new LayerNormLstmCell(12)).Recurrent(new LayerNormGruCell(12), Direction.Reverse).Build(),
        ["reset before"] = new ModelBuilder(I).Recurrent(new GruCell(24) { ResetAfter = false }).Dropout(0.1f).Dense(3).Build(),
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forward_and_a_backward_pass_allocate_nothing(string name)
    {
        foreach (bool isRagged in new[] { false, true })
            Check(Networks[name], isRagged, threads: 1, recomputeSteps: 0);
    }

    [Fact]
    public void On_several_threads_and_in_pieces_they_allocate_nothing()
    {
        ModelDefinition definition = new ModelBuilder(I).Lstm(64).Dropout(0.1f).Gru(40).LastStep().Dense(3).Build();
        Check(definition, isRagged: true, threads: 2, recomputeSteps: 0);
        Check(definition, isRagged: true, threads: 1, recomputeSteps: 5);
        RecurrentLayer both = new(new LstmCell(8)) { Direction = Direction.Bidirectional, Merge = Merge.Multiply, RecurrentDropout = 0.2f };
        Check(new ModelBuilder(I).Add(both).BatchNorm().Recurrent(new GruCell(40), Direction.Reverse).Dense(3).Build(), isRagged: true, threads: 1, recomputeSteps: 5);
    }

    private static void Check(ModelDefinition definition, bool isRagged, int threads, int recomputeSteps)
    {
        GradientCase c = new(definition, Seed: 3, T, N, isRagged);
        using TrainableModel model = c.Model(threads, recomputeSteps: recomputeSteps);
        RecurrentState initial = model.CreateState(N), final = model.CreateState(N), finalGradient = model.CreateState(N), initialGradient = model.CreateState(N);
        float[] x = c.Inputs(), dy = c.OutputGradients(), y = new float[dy.Length], dx = new float[x.Length];
        int[]? lengths = c.Lengths();
        HiddenGradientReport report = model.CreateHiddenGradientReport();
        AllocationTests.Nothing(
            () =>
            {
                model.Forward(x, T, N, y, new() { Lengths = lengths, InitialState = initial, FinalState = final });
                model.Backward(dy, new() { InputGradient = dx, FinalStateGradient = finalGradient, InitialStateGradient = initialGradient });
                model.Forward(x, T, N, y, new() { Lengths = lengths });
                model.Backward(dy, new() { HiddenGradients = report });
            },
            allThreads: threads > 1);
    }
}
