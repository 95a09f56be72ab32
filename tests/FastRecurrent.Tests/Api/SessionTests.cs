using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>Streams: a session is a sequence cut anywhere, continued anywhere, and alone in its state. Every comparison is bit for bit.</summary>
public class SessionTests
{
    private const int I = 3, T = 9;

    private static readonly Dictionary<string, ModelBuilder> Networks = new()
    {
        ["LSTM stack with a head"] = new ModelBuilder(I).Lstm(20).Lstm(7).Dense(2, Activation.Tanh),
        ["GRU, reset after"] = new ModelBuilder(I).Gru(17),
        ["GRU, reset before"] = new ModelBuilder(I).Recurrent(new GruCell(33) { ResetAfter = false }).Dense(5),
        ["SimpleRNN"] = new ModelBuilder(I).SimpleRnn(16).Softmax(),
        ["projected LSTM with peepholes"] = new ModelBuilder(I).Recurrent(new LstmCell(18) { ProjectionSize = 5, Peepholes = true, CellClip = 0.5f }).Gru(4),
        ["normalized LSTM and norms"] = new ModelBuilder(I).Recurrent(new LayerNormLstmCell(19)).LayerNorm().BatchNorm(),
        ["last step only"] = new ModelBuilder(I).Lstm(9).LastStep().Dense(1),
        ["final state only"] = new ModelBuilder(I).LayerNorm().Gru(6).FinalState(),
        ["no recurrent layer"] = new ModelBuilder(I).Dense(8, Activation.Relu).Dense(2),
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    [Theory]
    [Trait("Category", "arm64")]
    [MemberData(nameof(Names))]
    public void A_stream_fed_step_by_step_equals_the_same_stream_fed_in_chunks_and_on_two_threads(string network)
    {
        RecurrentModel model = Model(Networks[network]);
        float[] x = Noise(T * I);
        using StreamingSession stepped = model.CreateSession(), chunked = model.CreateSession(), threaded = model.CreateSession(threads: 2);
        float[] expected = Step(stepped, x), chunks = new float[expected.Length];
        int O = model.Definition.OutputSize;
        int first = 0;
        foreach (int steps in new[] { 1, 4, 0, 3, 1 })
        {
            chunked.Process(x.AsSpan(first * I, steps * I), chunks.AsSpan(first * O, steps * O));
            first += steps;
        }

        Assert.Equal(T, first);
        Assert.Equal(Bits(expected), Bits(chunks));
        Assert.Equal(Bits(expected), Bits(Step(threaded, x)));
        Assert.Equal(Bits(model, stepped.SaveState()), Bits(model, chunked.SaveState()));
        Assert.Equal(Bits(model, stepped.SaveState()), Bits(model, threaded.SaveState()));
    }

    /// <summary>Networks that are large enough for blocks of frames; one that ends in a vector, and so is never run in blocks.</summary>
    public static TheoryData<string> LargeNames => [.. LargeNetworks.Keys];

    private static readonly Dictionary<string, ModelBuilder> LargeNetworks = new()
    {
        ["LSTM and Dense"] = new ModelBuilder(I).Lstm(40).Dense(1),
        ["two GRUs"] = new ModelBuilder(I).Gru(28).Gru(36),
        ["GRU, reset before"] = new ModelBuilder(I).Recurrent(new GruCell(33) { ResetAfter = false }).LayerNorm(),
        ["projected LSTM"] = new ModelBuilder(I).Recurrent(new LstmCell(30) { ProjectionSize = 7, Peepholes = true }).SimpleRnn(21).Softmax(),
        ["normalized GRU"] = new ModelBuilder(I).Recurrent(new LayerNormGruCell(26)).BatchNorm(),
        ["last step only"] = new ModelBuilder(I).Lstm(24).LastStep().Dense(1),
    };

    [Theory]
    [Trait("Category", "arm64")]
    [MemberData(nameof(LargeNames))]
    public void Blocks_of_frames_have_the_bits_of_their_steps(string network)
    {
        const int Frames = 104;
        RecurrentModel model = Model(LargeNetworks[network]);
        float[] x = Noise(Frames * I);
        using StreamingSession stepped = model.CreateSession(), blocks = model.CreateSession(), threaded = model.CreateSession(threads: 2);
        float[] expected = Step(stepped, x), y = new float[expected.Length], shared = new float[expected.Length];
        int O = model.Definition.OutputSize;
        int first = 0;
        foreach (int steps in new[] { 1, 33, 0, 2, 3, 65 })
        {
            blocks.Process(x.AsSpan(first * I, steps * I), y.AsSpan(first * O, steps * O));
            threaded.Process(x.AsSpan(first * I, steps * I), shared.AsSpan(first * O, steps * O));
            first += steps;
        }

        Assert.Equal(Frames, first);
        Assert.Equal(Bits(expected), Bits(y));
        Assert.Equal(Bits(expected), Bits(shared));
        Assert.Equal(Bits(model, stepped.SaveState()), Bits(model, blocks.SaveState()));
        Assert.Equal(Bits(Step(stepped, x[..I])), Bits(Step(blocks, x[..I])));
    }

    [Theory]
    [Trait("Category", "arm64")]
    [MemberData(nameof(Names))]
    public void A_session_continues_where_a_runner_stopped_and_a_runner_where_a_session_stopped(string network)
    {
        RecurrentModel model = Model(Networks[network]);
        float[] x = Noise(T * I);
        RecurrentState whole = model.CreateState(), handed = model.CreateState();
        int[] expected = Bits(LastOutput(model, Forward(model, x, T, 1, new() { FinalState = whole })));

        Forward(model, x[..(4 * I)], 4, 1, new() { FinalState = handed });
        using StreamingSession session = model.CreateSession();
        session.RestoreState(handed);
        float[] fromSession = Step(session, x[(4 * I)..]);
        Assert.Equal(expected, Bits(LastOutput(model, fromSession)));
        Assert.Equal(Bits(model, whole), Bits(model, session.SaveState()));

        session.Reset();
        Step(session, x[..(5 * I)]);
        session.SaveState(handed);
        float[] fromRunner = Forward(model, x[(5 * I)..], T - 5, 1, new() { InitialState = handed, FinalState = handed });
        Assert.Equal(expected, Bits(LastOutput(model, fromRunner)));
        Assert.Equal(Bits(model, whole), Bits(model, handed));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_reset_session_is_as_good_as_new_after_any_number_of_steps(string network)
    {
        RecurrentModel model = Model(Networks[network]);
        float[] x = Noise(2 * I);
        using StreamingSession session = model.CreateSession(), fresh = model.CreateSession();
        int[] expected = Bits(Step(fresh, x));
        for (int steps = 0; steps < 4; steps++)
        {
            Step(session, Noise(steps * I, seed: 40 + steps));
            session.Reset();
            Assert.Equal(Bits(model, model.CreateState()), Bits(model, session.SaveState()));
            Assert.Equal(expected, Bits(Step(session, x)));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_saved_state_is_a_copy_that_brings_the_stream_back_to_where_it_was_saved(string network)
    {
        RecurrentModel model = Model(Networks[network]);
        using StreamingSession session = model.CreateSession(), other = model.CreateSession();
        for (int steps = 0; steps < 4; steps++)
        {
            Step(session, Noise(steps * I, seed: 60 + steps));
            RecurrentState saved = session.SaveState();
            int[] kept = Bits(model, saved);
            float[] next = Noise(3 * I, seed: 70 + steps);
            int[] expected = Bits(Step(session, next));

            Assert.Equal(kept, Bits(model, saved));
            Step(session, Noise(I));
            session.RestoreState(saved);
            Assert.Equal(expected, Bits(Step(session, next)));
            Assert.Equal(kept, Bits(model, saved));
            Step(other, Noise(I));
            other.RestoreState(saved);
            Assert.Equal(expected, Bits(Step(other, next)));
        }
    }

    [Fact]
    public void A_session_continues_one_row_of_a_batch()
    {
        RecurrentModel model = Model(Networks["LSTM stack with a head"]);
        const int Rows = 3, Row = 1;
        float[] x = Noise(T * Rows * I);
        RecurrentState batch = model.CreateState(Rows), one = model.CreateState();
        float[] y = Forward(model, x, T, Rows);
        Forward(model, x[..(5 * Rows * I)], 5, Rows, new() { FinalState = batch });
        for (int layer = 0; layer < 2; layer++)
        {
            batch.Hidden(layer, Row).CopyTo(one.Hidden(layer));
            batch.Cell(layer, Row).CopyTo(one.Cell(layer));
        }

        using StreamingSession session = model.CreateSession();
        session.RestoreState(one);
        for (int t = 5; t < T; t++)
        {
            float[] step = Step(session, x[(((t * Rows) + Row) * I)..(((t * Rows) + Row + 1) * I)]);
            Assert.Equal(Bits(y.AsSpan(((t * Rows) + Row) * 2, 2)), Bits(step));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Warming_up_leaves_the_state_as_it_was(int stepsBefore)
    {
        RecurrentModel model = Model(Networks["LSTM stack with a head"]);
        using StreamingSession session = model.CreateSession(), twin = model.CreateSession();
        float[] past = Noise(stepsBefore * I), next = Noise(2 * I, seed: 8);
        Step(session, past);
        Step(twin, past);
        session.WarmUp();
        Assert.Equal(Bits(model, twin.SaveState()), Bits(model, session.SaveState()));
        Assert.Equal(Bits(Step(twin, next)), Bits(Step(session, next)));
    }

    [Theory]
    [Trait("Category", "arm64")]
    [MemberData(nameof(Names))]
    public void Sessions_stepped_as_a_batch_equal_sessions_stepped_alone(string network)
    {
        RecurrentModel model = Model(Networks[network]);
        const int Sessions = 7;
        int O = model.Definition.OutputSize;
        StreamingSession[] batched = [.. Enumerable.Range(0, Sessions).Select(_ => model.CreateSession())];
        StreamingSession[] alone = [.. Enumerable.Range(0, Sessions).Select(_ => model.CreateSession())];
        using SessionBatch batch = model.CreateSessionBatch(Sessions, threads: 2);
        for (int round = 0; round < 6; round++)
        {
            // Another part of the sessions, in another order, every time; some also step on their own in between.
            int[] chosen = [.. Enumerable.Range(0, Sessions - (round % 3)).Select(i => ((i * 3) + round) % Sessions)];
            float[] x = Noise(chosen.Length * I, seed: 80 + round), y = new float[chosen.Length * O];
            batch.Step([.. chosen.Select(i => batched[i])], x, y);
            for (int row = 0; row < chosen.Length; row++)
            {
                float[] expected = Step(alone[chosen[row]], x[(row * I)..((row + 1) * I)]);
                Assert.Equal(Bits(expected), Bits(y.AsSpan(row * O, O)));
            }

            float[] single = Noise(I, seed: 90 + round);
            Assert.Equal(Bits(Step(alone[round % Sessions], single)), Bits(Step(batched[round % Sessions], single)));
        }

        for (int i = 0; i < Sessions; i++)
        {
            Assert.Equal(Bits(model, alone[i].SaveState()), Bits(model, batched[i].SaveState()));
        }
    }

    [Fact]
    public void A_network_large_enough_to_share_a_step_gives_the_same_stream_on_any_number_of_threads()
    {
        // 2 x 4 * 256 * 512 multiply-adds a step: what the engine splits by columns.
        RecurrentModel model = Model(new ModelBuilder(256).Lstm(256).Recurrent(new GruCell(256) { ResetAfter = false }).Dense(40));
        float[] x = Noise(5 * 256);
        using StreamingSession alone = model.CreateSession();
        int[] expected = Bits(Step(alone, x));
        for (int threads = 2; threads <= 4; threads++)
        {
            using StreamingSession shared = model.CreateSession(threads);
            Assert.Equal(expected, Bits(Step(shared, x)));
            Assert.Equal(Bits(model, alone.SaveState()), Bits(model, shared.SaveState()));
        }
    }

    /// <summary>The output of the last step, or all of it where the network ends in a vector.</summary>
    private static float[] LastOutput(RecurrentModel model, float[] y) => y[^model.Definition.OutputSize..];
}
