namespace FastRecurrent.Tests.Training;

/// <summary>R6, R7, R11 for whole training steps: the same weights for any number of threads and any instruction set, and no subnormal number anywhere.</summary>
public class TrainingDeterminismTests
{
    private const int I = 8, O = 3;

    [Fact]
    public void Any_number_of_threads_gives_the_same_weights_after_100_steps()
    {
        // 16 x 24 row-steps of 14,000 multiply-adds: enough for eight workers to take part.
        ModelDefinition definition = new ModelBuilder(I).Lstm(40).Gru(24).Dense(O).Build();
        float[] one = Train(definition, time: 16, batch: 24, steps: 100, threads: 1);
        foreach (int threads in new[] { 2, 4, 8 })
        {
            Bits.Equal(one, Train(definition, time: 16, batch: 24, steps: 100, threads), $"weights with {threads} threads");
        }
    }

    /// <summary>The same of what does not run row by row from end to end: normalization of batches and of rows, both directions, pieces that run twice, masks, lengths.</summary>
    [Fact]
    public void So_does_a_network_whose_layers_run_in_pieces_and_wait_for_each_other()
    {
        ModelDefinition definition = new ModelBuilder(I)
            .Add(new RecurrentLayer(new LstmCell(16), Direction.Bidirectional) { Merge = Merge.Multiply, RecurrentDropout = 0.1f, CellZoneout = 0.1f }).BatchNorm()
            .Recurrent(new LayerNormGruCell(20)).Add(new RecurrentLayer(new GruCell(12) { ResetAfter = false }, Direction.Reverse) { HiddenZoneout = 0.1f }).Dropout(0.1f).Dense(O).Build();
        float[] one = Train(definition, time: 12, batch: 24, steps: 100, threads: 1, isRagged: true);
        foreach (int threads in new[] { 2, 4, 8 })
        {
            Bits.Equal(one, Train(definition, time: 12, batch: 24, steps: 100, threads, isRagged: true), $"weights with {threads} threads");
        }
    }

    [Fact]
    public void Every_instruction_set_gives_the_same_weights()
    {
        ModelDefinition definition = new ModelBuilder(I).Lstm(20).Bidirectional(new GruCell(5) { ResetAfter = false }).SimpleRnn(7).LastStep().Dense(O).Build();
        float[] scalar = Train(definition, time: 5, batch: 3, steps: 12, threads: 1, KernelSet.Scalar);
        foreach (KernelSet kernels in Enum.GetValues<KernelSet>())
        {
            Bits.Equal(scalar, Train(definition, time: 5, batch: 3, steps: 12, threads: 1, kernels), $"weights with {kernels}");
        }
    }

    private static readonly Dictionary<string, RecurrentCell> Decaying = new()
    {
        ["rnn"] = new SimpleRnnCell(6),
        ["lstm"] = new LstmCell(6),
        ["lstm, peepholes and projection"] = new LstmCell(6) { Peepholes = true, ProjectionSize = 3 },
        ["gru"] = new GruCell(6),
        ["gru, reset before"] = new GruCell(6) { ResetAfter = false },
        ["layer-normalized lstm"] = new LayerNormLstmCell(6),
        ["layer-normalized gru"] = new LayerNormGruCell(6),
    };

    public static TheoryData<string, string, bool> Vanishing
    {
        get
        {
            TheoryData<string, string, bool> cases = [];
            foreach (string cell in Decaying.Keys)
            {
                cases.Add(cell, nameof(Adam), false);
                cases.Add(cell, nameof(Adam), true);
            }

            foreach (string optimizer in new[] { nameof(AdamW), nameof(RmsProp), nameof(Adagrad), nameof(Sgd) })
            {
                cases.Add("rnn", optimizer, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Vanishing))]
    public void Gradients_moments_and_weights_that_vanish_become_0_and_never_subnormal(string cell, string optimizerName, bool hasMasks)
    {
        const int T = 60;
        RecurrentLayer layer = new(Decaying[cell]) { RecurrentDropout = hasMasks ? 0.3f : 0, HiddenZoneout = hasMasks ? 0.1f : 0, CellZoneout = hasMasks && Decaying[cell].HasCellState ? 0.1f : 0 };
        ModelDefinition definition = new ModelBuilder(2).Add(layer).LastStep().Dense(1).Build();
        Optimizer optimizer = optimizerName switch
        {
            nameof(AdamW) => new AdamW { LearningRate = 1e-6, WeightDecay = 0.1 },
            nameof(RmsProp) => new RmsProp { LearningRate = 1e-6 },
            nameof(Adagrad) => new Adagrad { LearningRate = 1e-6 },
            nameof(Sgd) => new Sgd { LearningRate = 1e-6, Momentum = 0.5 },
            _ => new Adam { LearningRate = 1e-6 },
        };
        ParameterSet parameters = ParameterSet.Uniform(definition, seed: 1);
        foreach (string name in parameters.Names.Where(name => name.Contains("weight_hh", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameters[name])
            {
                value *= 0.05f; // what passes a step back through time shrinks
            }
        }

        using TrainableModel model = new(definition, parameters, new() { MaxTime = T, MaxBatch = 2, Threads = 1 });
        Trainer trainer = new(model, Loss.Huber(1e-6), optimizer);

        // Inputs at the first steps alone: their weights get what is left behind T steps.
        float[] x = new float[T * 2 * 2];
        TestNetworks.Noise(8).CopyTo(x.AsSpan());
        int zeros = 0;
        for (int step = 0; step < 20; step++)
        {
            trainer.Step(x, [3e-6f, -1e-6f], T, 2);
            float[] gradients = TrainingJob.Flat(model.ExportGradients()), moments = [.. trainer.Updater.ExportMoments().SelectMany(TrainingJob.Flat)];
            Assert.DoesNotContain(gradients, float.IsSubnormal);
            Assert.DoesNotContain(moments, float.IsSubnormal);
            Assert.DoesNotContain(TrainingJob.Flat(model.ExportParameters()), float.IsSubnormal);
            Assert.Contains(gradients, value => value != 0);
            zeros += gradients.Count(value => value == 0);
        }

        Assert.True(cell != "rnn" || hasMasks || zeros > 0, "no gradient vanished: the test proves little");
    }

    private static float[] Train(ModelDefinition definition, int time, int batch, int steps, int threads, KernelSet? kernels = null, bool isRagged = false)
    {
        using TrainableModel model = new(
            definition, ParameterSet.Uniform(definition, seed: 2), new() { MaxTime = time, MaxBatch = batch, Threads = threads, Kernels = kernels, Lengths = isRagged });
        Trainer trainer = new(model, Loss.MeanSquaredError, new Adam { LearningRate = 0.01 }, new() { Clipping = GradientClipping.ByGlobalNorm(0.1) });
        int targets = definition.OutputTime(time) * batch * O;
        int[]? lengths = isRagged ? [.. Enumerable.Range(0, batch).Select(row => row * 7 % (time + 1))] : null;
        for (int step = 0; step < steps; step++)
        {
            trainer.Step(TestNetworks.Noise(time * batch * I, seed: step), TestNetworks.Noise(targets, seed: 1000 + step), time, batch, new() { Lengths = lengths });
        }

        return TrainingJob.Weights(trainer);
    }
}
