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

    public static TheoryData<string> Cells => ["rnn", "lstm", "gru"];

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gradients_and_moments_that_vanish_become_0_and_never_subnormal(string cell)
    {
        const int T = 60;
        ModelBuilder builder = cell switch
        {
            "rnn" => new ModelBuilder(2).SimpleRnn(6),
            "lstm" => new ModelBuilder(2).Lstm(6),
            _ => new ModelBuilder(2).Gru(6),
        };
        ModelDefinition definition = builder.LastStep().Dense(1).Build();
        ParameterSet parameters = ParameterSet.Uniform(definition, seed: 1);
        foreach (string name in parameters.Names.Where(name => name.Contains("weight_hh", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameters[name])
            {
                value *= 0.05f; // what passes a step back through time shrinks
            }
        }

        using TrainableModel model = new(definition, parameters, new() { MaxTime = T, MaxBatch = 2, Threads = 1 });
        Trainer trainer = new(model, Loss.Huber(1e-6), new Adam { LearningRate = 1e-6 });

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
            Assert.Contains(gradients, value => value != 0);
            zeros += gradients.Count(value => value == 0);
        }

        Assert.True(cell != "rnn" || zeros > 0, "no gradient vanished: the test proves little");
    }

    private static float[] Train(ModelDefinition definition, int time, int batch, int steps, int threads, KernelSet? kernels = null)
    {
        using TrainableModel model = new(
            definition, ParameterSet.Uniform(definition, seed: 2), new() { MaxTime = time, MaxBatch = batch, Threads = threads, Kernels = kernels });
        Trainer trainer = new(model, Loss.MeanSquaredError, new Adam { LearningRate = 0.01 }, new() { Clipping = GradientClipping.ByGlobalNorm(0.1) });
        int targets = definition.OutputTime(time) * batch * O;
        for (int step = 0; step < steps; step++)
        {
            trainer.Step(TestNetworks.Noise(time * batch * I, seed: step), TestNetworks.Noise(targets, seed: 1000 + step), time, batch);
        }

        return TrainingJob.Weights(trainer);
    }
}
