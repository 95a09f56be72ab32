namespace FastRecurrent.Tests.Training;

/// <summary>R9: a training step in steady state allocates nothing.</summary>
[Collection(AloneCollection.Name)]
public class TrainerAllocationTests
{
    private const int T = 6, N = 24, I = 16;

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void A_training_step_allocates_nothing(int threads, bool withLengthsAndWeights)
    {
        ModelDefinition definition = new ModelBuilder(I).Lstm(32).Gru(16).Dense(2).Build();
        using TrainableModel model = new(
            definition, ParameterSet.Uniform(definition, seed: 1), new() { MaxTime = T, MaxBatch = N, Threads = threads, Lengths = withLengthsAndWeights });
        Trainer trainer = new(model, Loss.MeanSquaredError, new Adam(), new() { Clipping = GradientClipping.ByGlobalNorm(1), Schedule = new ExponentialSchedule(0.99) { Unit = ScheduleUnit.Step } });
        float[] x = TestNetworks.Noise(T * N * I), target = TestNetworks.Noise(T * N * 2), weights = new float[T * N];
        weights.AsSpan(N).Fill(1);
        int[] lengths = [.. Enumerable.Range(0, N).Select(row => row % (T + 1))];
        RecurrentState state = model.CreateState(N);
        AllocationTests.Nothing(
            () =>
            {
                TrainingStepOptions options = withLengthsAndWeights
                    ? new() { Lengths = lengths, Weights = weights, InitialState = state, FinalState = state }
                    : default;
                trainer.Step(x, target, T, N, options);
            }, allThreads: threads > 1);
    }

    [Fact]
    public void A_step_of_a_live_model_allocates_nothing()
    {
        LiveModel live = new(TestNetworks.Model(new ModelBuilder(3).Lstm(8).Dense(1)));
        using StreamingSession session = live.CreateSession();
        float[] x = new float[3], y = new float[1];
        AllocationTests.Nothing(() => session.Step(x, y));
    }
}
