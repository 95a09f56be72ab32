namespace FastRecurrent.Tests.Training;

/// <summary>The transposes that an optimizer's pass fills piece by piece are those that are filled from the weights as a whole.</summary>
public class TransposedPiecesTests
{
    private const int T = 3, N = 2, Inputs = 600;

    public static TheoryData<KernelSet, int> Cases
    {
        get
        {
            TheoryData<KernelSet, int> cases = [];
            foreach (KernelSet kernels in Enum.GetValues<KernelSet>())
            {
                cases.Add(kernels, 1);
                cases.Add(kernels, 3);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_leaves_every_transpose_as_loading_its_weights_does(KernelSet kernels, int threads)
    {
        // More than one piece deep, panels narrower than a full one, no vector filled, two stages, both directions.
        ModelDefinition definition = new ModelBuilder(Inputs).Bidirectional(new LstmCell(67) { ProjectionSize = 9 }).Gru(130)
            .Recurrent(new GruCell(21) { ResetAfter = false }).LayerNorm().Dense(150, Activation.Tanh).Dense(2).Build();
        TrainableModelOptions options = new() { MaxTime = T, MaxBatch = N, Threads = threads, Kernels = kernels };
        using TrainableModel stepped = new(definition, ParameterSet.Uniform(definition, seed: 1), options);
        float[] x = TestNetworks.Noise(T * N * Inputs), dy = TestNetworks.Noise(T * N * 2, seed: 2), y = new float[dy.Length];
        ParameterUpdater updater = new(stepped, new Sgd { LearningRate = 0.5 });
        stepped.Forward(x, T, N, y);
        stepped.Backward(dy);
        updater.Step();

        // No piece between two workers is left out.
        using TrainableModel alone = new(definition, ParameterSet.Uniform(definition, seed: 1), options with { Threads = 1 });
        alone.Forward(x, T, N, y);
        alone.Backward(dy);
        new ParameterUpdater(alone, new Sgd { LearningRate = 0.5 }).Step();
        Bits.Equal(TrainingJob.Flat(alone.ExportParameters()), TrainingJob.Flat(stepped.ExportParameters()), "weights");

        using TrainableModel loaded = new(definition, stepped.ExportParameters(), options);
        float[] dx = new float[x.Length], loadedDx = new float[x.Length];
        stepped.Forward(x, T, N, y);
        stepped.Backward(dy, new() { InputGradient = dx });
        loaded.Forward(x, T, N, y);
        loaded.Backward(dy, new() { InputGradient = loadedDx });
        Bits.Equal(loadedDx, dx, "dL/dx");
        ParameterSet wanted = loaded.ExportGradients(), found = stepped.ExportGradients();
        Assert.All(wanted.Names, name => Bits.Equal(wanted[name], found[name], name));
    }
}
