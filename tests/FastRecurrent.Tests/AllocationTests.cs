namespace FastRecurrent.Tests;

/// <summary>Tests whose meter would see other tests at work: they run alone, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}

/// <summary>
/// R9: steady state allocates nothing. 200 warm-ups, then the least of 5 batches, because the runtime itself may allocate
/// beside a measurement, and what the code allocates is in every batch. Over all threads the meter also sees the test runner
/// at its reports, so there up to 50 batches may go by until one is undisturbed.
/// </summary>
[Collection(AloneCollection.Name)]
public class AllocationTests
{
    private const int WarmUps = 200;
    private const int Batches = 5;
    private const int BatchesOverAllThreads = 50;
    private const int CallsPerBatch = 20;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Fact]
    public void The_meter_sees_one_small_object()
    {
        object? kept = null;
        Assert.True(LeastAllocated(() => kept = new byte[1], allThreads: false) >= CallsPerBatch);
        Assert.True(LeastAllocated(() => kept = new byte[1], allThreads: true) >= CallsPerBatch);
        Assert.NotNull(kept);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_step_allocates_nothing(string cell)
    {
        (RecurrentModel model, float[] x, float[] y) = Streaming(cell, steps: 1);
        using StreamingSession session = model.CreateSession();
        Nothing(() => session.Step(x, y));
    }

    [Fact]
    public void Processing_a_block_allocates_nothing()
    {
        (RecurrentModel model, float[] x, float[] y) = Streaming("Lstm", steps: 64);
        using StreamingSession session = model.CreateSession();
        Nothing(() => session.Process(x, y));
    }

    [Fact]
    public void Resetting_saving_and_restoring_a_session_allocate_nothing()
    {
        (RecurrentModel model, float[] x, float[] y) = Streaming("Lstm", steps: 1);
        using StreamingSession session = model.CreateSession();
        RecurrentState state = model.CreateState();
        Nothing(() =>
        {
            session.Reset();
            session.Step(x, y);
            session.SaveState(state);
            session.RestoreState(state);
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_step_of_a_batch_of_sessions_allocates_nothing(int threads)
    {
        const int Sessions = 33;
        (RecurrentModel model, float[] x, float[] y) = Streaming("Gru", steps: Sessions, hidden: 96);
        StreamingSession[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => model.CreateSession())];
        using SessionBatch batch = model.CreateSessionBatch(Sessions, threads);
        Nothing(() => batch.Step(sessions, x, y), allThreads: true);
    }

    [Fact]
    public void A_step_shared_by_threads_allocates_nothing()
    {
        (RecurrentModel model, float[] x, float[] y) = Streaming("Lstm", steps: 1, hidden: 256);
        using StreamingSession session = model.CreateSession(threads: 2);
        Nothing(() => session.Step(x, y), allThreads: true);
    }

    [Fact]
    public void A_step_that_wakes_parked_threads_allocates_nothing()
    {
        (RecurrentModel model, float[] x, float[] y) = Streaming("Lstm", steps: 1, hidden: 256);
        using StreamingSession session = model.CreateSession(threads: 2);
        Nothing(
            () =>
            {
                Thread.Sleep(1);
                session.Step(x, y);
            },
            allThreads: true);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Forward_over_a_ragged_bidirectional_batch_allocates_nothing(string cell) =>
        Nothing(cell, hidden: 13, threads: 1, isRagged: true, SequenceLayout.TimeMajor);

    [Theory]
    [InlineData(1, false, SequenceLayout.BatchMajor)]
    [InlineData(2, false, SequenceLayout.TimeMajor)]
    [InlineData(2, true, SequenceLayout.TimeMajor)]
    [InlineData(3, true, SequenceLayout.BatchMajor)]
    public void Forward_allocates_nothing_on_any_thread(int threads, bool isRagged, SequenceLayout layout)
    {
        Nothing("Lstm", hidden: 96, threads, isRagged, layout);
        Nothing("Gru before", hidden: 96, threads, isRagged, layout);
    }

    private static void Nothing(string cell, int hidden, int threads, bool isRagged, SequenceLayout layout)
    {
        const int Time = 5, Rows = 12;
        Draw draw = new(7);
        ModelDefinition definition = new ModelBuilder(6).Bidirectional(CellCatalogue.Create(cell, hidden, draw), Merge.Average)
            .Dense(9).LayerNorm().BatchNorm().Softmax().LastStep().Dense(2).Build();
        RecurrentModel model = new(definition, Weights.Draw(definition, draw));
        using SequenceRunner runner = model.CreateRunner(Time, Rows, threads);
        RecurrentState state = model.CreateState(Rows);
        float[] x = draw.Floats(Time * Rows * 6, -1, 1), y = new float[Rows * 2];
        int[]? lengths = isRagged ? [.. Enumerable.Range(0, Rows).Select(row => row % (Time + 1))] : null;
        Nothing(
            () => runner.Forward(x, Time, Rows, y, new() { Lengths = lengths, InitialState = state, FinalState = state, Layout = layout }),
            allThreads: threads > 1);
    }

    private static (RecurrentModel Model, float[] X, float[] Y) Streaming(string cell, int steps, int hidden = 21)
    {
        Draw draw = new(7);
        ModelDefinition definition = new ModelBuilder(5).Recurrent(CellCatalogue.Create(cell, hidden, draw)).Lstm(hidden).Dense(3).Build();
        return (new RecurrentModel(definition, Weights.Draw(definition, draw)), draw.Floats(steps * 5, -1, 1), new float[steps * 3]);
    }

    [Fact]
    public void A_state_handed_from_one_model_to_another_allocates_nothing()
    {
        ModelDefinition encoderDefinition = new ModelBuilder(3).Lstm(8).Build();
        ModelDefinition decoderDefinition = new ModelBuilder(2).Lstm(8).Build();
        RecurrentModel encoder = new(encoderDefinition, ParameterSet.Uniform(encoderDefinition, 1));
        RecurrentModel decoder = new(decoderDefinition, ParameterSet.Uniform(decoderDefinition, 2));
        using SequenceRunner encode = encoder.CreateRunner(4, 2);
        using SequenceRunner decode = decoder.CreateRunner(4, 2);
        using StreamingSession session = decoder.CreateSession();
        RecurrentState state = encoder.CreateState(2);
        RecurrentState row = encoder.CreateState();
        float[] x = new float[4 * 2 * 3];
        float[] y = new float[4 * 2 * 8];
        Nothing(() =>
        {
            encode.Forward(x, 4, 2, y, new() { FinalState = state });
            decode.Forward(x.AsSpan(0, 4 * 2 * 2), 4, 2, y, new() { InitialState = state });
            session.RestoreState(row);
        });
    }

    /// <summary>Asserts that an action, warm, allocates nothing on this thread or on any.</summary>
    internal static void Nothing(Action action, bool allThreads = false) => Assert.Equal(0, LeastAllocated(action, allThreads));

    private static long LeastAllocated(Action action, bool allThreads)
    {
        for (int i = 0; i < WarmUps; i++)
            action();

        long least = long.MaxValue;
        int batches = allThreads ? BatchesOverAllThreads : Batches;
        for (int batch = 0; batch < batches && least > 0; batch++)
        {
            long before = Allocated(allThreads);
            for (int call = 0; call < CallsPerBatch; call++)
                action();
            least = Math.Min(least, Allocated(allThreads) - before);
        }

        return least;
    }

    private static long Allocated(bool allThreads) =>
        allThreads ? GC.GetTotalAllocatedBytes(precise: true) : GC.GetAllocatedBytesForCurrentThread();
}
