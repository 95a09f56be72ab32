using System.Collections.Concurrent;
using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Training;

/// <summary>R17: weights replaced under running sessions: at a step boundary, whole, with the state kept.</summary>
public class LiveModelTests
{
    private const int I = 2, O = 3;

    private static readonly ModelDefinition Definition = Build();
    private static readonly RecurrentModel[] Versions = [.. Enumerable.Range(0, 6).Select(Version)];

    [Theory]
    [InlineData(4)]
    [InlineData(40)] // large enough for blocks of frames
    public void Steps_after_a_publication_run_on_the_new_weights_from_the_state_of_the_old_ones(int hidden)
    {
        ModelDefinition definition = new ModelBuilder(I).Lstm(hidden).Dense(O).Build();
        RecurrentModel one = new(definition, ParameterSet.Uniform(definition, 1)), two = new(definition, ParameterSet.Uniform(definition, 2));
        float[] x = Noise(5 * I), y = new float[5 * O];
        LiveModel live = new(one);
        using StreamingSession session = live.CreateSession();
        session.Step(x.AsSpan(0, I), y.AsSpan(0, O)); // an odd number of steps: h lies in its other place
        session.Process(x.AsSpan(I, 2 * I), y.AsSpan(O, 2 * O));
        live.Publish(two);
        session.Process(x.AsSpan(3 * I), y.AsSpan(3 * O));

        using StreamingSession before = one.CreateSession(), after = two.CreateSession();
        float[] first = Step(before, x[..(3 * I)]);
        after.RestoreState(before.SaveState());
        FastRecurrent.Tests.Bits.Equal([.. first, .. Step(after, x[(3 * I)..])], y, "five steps over two versions");
        Assert.Same(two, session.Model);
        Assert.Equal(Bits(two, after.SaveState()), Bits(two, session.SaveState()));
    }

    [Fact]
    public void A_session_of_several_threads_follows_too()
    {
        ModelDefinition wide = new ModelBuilder(I).Lstm(256).Build();
        RecurrentModel one = new(wide, ParameterSet.Uniform(wide, 1)), two = new(wide, ParameterSet.Uniform(wide, 2));
        LiveModel live = new(one);
        using StreamingSession session = live.CreateSession(threads: 2);
        float[] x = Noise(2 * I);
        float[] first = Step(session, x[..I]);
        live.Publish(two);
        Assert.Equal(Bits([.. first, .. Step(session, x[I..])]), Bits(Serial([one, two], x)));
    }

    [Fact]
    public void A_runner_takes_the_new_weights_at_its_next_forward()
    {
        LiveModel live = new(Versions[0]);
        using SequenceRunner runner = live.CreateRunner(4, 3);
        float[] x = Noise(4 * 3 * I), y = new float[4 * 3 * O];
        foreach (RecurrentModel version in Versions)
        {
            live.Publish(version);
            runner.Forward(x, 4, 3, y);
            Assert.Equal(Bits(Forward(version, x, 4, 3)), Bits(y));
        }
    }

    [Fact]
    public void Every_step_under_publications_runs_on_one_version()
    {
        // A busy machine may leave the publisher without a core for a while: then steps go on.
        const int Sessions = 4, Steps = 3000, MaxSteps = 300_000, WantedChanges = 10;
        LiveModel live = new(Versions[0]);
        bool ended = false;
        Thread publisher = new(() => Publish(live, ref ended));
        publisher.Start();
        ConcurrentBag<string> wrong = [];
        int changes = 0;
        Parallel.For(0, Sessions, caller =>
        {
            using StreamingSession session = live.CreateSession();
            StreamingSession[] serial = [.. Versions.Select(version => version.CreateSession())];
            RecurrentState state = session.SaveState();
            float[] y = new float[O], wanted = new float[O];
            RecurrentModel last = session.Model;
            for (int s = 0; s < Steps || (Volatile.Read(ref changes) <= WantedChanges && s < MaxSteps); s++)
            {
                float[] x = Noise(I, seed: (caller * MaxSteps) + s);
                session.Step(x, y);

                // The same step alone, on the version that the session says it ran on, from the state before.
                StreamingSession alone = serial[Array.IndexOf(Versions, session.Model)];
                alone.RestoreState(state);
                alone.Step(x, wanted);
                session.SaveState(state);
                if (!FastRecurrent.Tests.Bits.Same(wanted, y) || !Bits(live.Current, state).SequenceEqual(Bits(live.Current, alone.SaveState())))
                {
                    wrong.Add($"caller {caller}, step {s}");
                }

                if (session.Model != last)
                {
                    Interlocked.Increment(ref changes);
                }

                last = session.Model;
            }
        });
        Volatile.Write(ref ended, true);
        publisher.Join();
        Assert.Empty(wrong);
        Assert.True(changes > WantedChanges, $"only {changes} changes of version were seen: the test proves little");
    }

    [Fact]
    public void Every_row_of_a_batch_runs_on_the_same_version()
    {
        const int Rows = 5, Steps = 1500;
        LiveModel live = new(Versions[0]);
        bool ended = false;
        Thread publisher = new(() => Publish(live, ref ended));
        publisher.Start();
        using SessionBatch batch = live.CreateSessionBatch(Rows);
        StreamingSession[] sessions = [.. Enumerable.Range(0, Rows).Select(_ => live.CreateSession())];
        StreamingSession[] serial = [.. Versions.Select(version => version.CreateSession())];
        RecurrentState[] states = [.. sessions.Select(session => session.SaveState())];
        float[] y = new float[Rows * O], wanted = new float[Rows * O];
        HashSet<int> seen = [];
        for (int s = 0; s < Steps; s++)
        {
            float[] x = Noise(Rows * I, seed: s);
            batch.Step(sessions, x, y);
            int version = Array.FindIndex(serial, session => StepsTo(session, states, x, wanted, y));
            Assert.True(version >= 0, $"step {s} equals no version's");
            seen.Add(version);
            for (int row = 0; row < Rows; row++)
            {
                sessions[row].SaveState(states[row]);
            }
        }

        Volatile.Write(ref ended, true);
        publisher.Join();
        Assert.True(seen.Count > 1, "only one version was seen: the test proves little");
    }

    [Fact]
    public void Sessions_may_step_alone_and_in_the_batch_in_turns()
    {
        LiveModel live = new(Versions[0]);
        using SessionBatch batch = live.CreateSessionBatch(1);
        using StreamingSession session = live.CreateSession();
        float[] x = Noise(4 * I), y = new float[4 * O];
        for (int s = 0; s < 4; s++)
        {
            live.Publish(Versions[s]);
            if (s % 2 == 0)
            {
                batch.Step([session], x.AsSpan(s * I, I), y.AsSpan(s * O, O));
            }
            else
            {
                session.Step(x.AsSpan(s * I, I), y.AsSpan(s * O, O));
            }
        }

        Assert.Equal(Bits(Serial(Versions[..4], x)), Bits(y));
    }

    [Fact]
    public void A_pool_hands_out_sessions_that_follow()
    {
        LiveModel live = new(Versions[0]);
        SessionPool pool = live.CreateSessionPool();
        float[] x = Noise(2 * I);
        foreach (RecurrentModel version in Versions)
        {
            live.Publish(version);
            using SessionPool.Lease lease = pool.Rent();
            Assert.Equal(Bits(Step(version.CreateSession(), x)), Bits(Step(lease.Session, x)));
        }
    }

    [Fact]
    public void A_model_made_from_an_equal_description_may_be_published()
    {
        ModelDefinition again = Build();
        RecurrentModel model = new(again, ParameterSet.Uniform(again, 77));
        LiveModel live = new(Versions[0]);
        using StreamingSession session = live.CreateSession();
        live.Publish(model);
        Assert.Equal(Bits(Step(model.CreateSession(), Noise(I))), Bits(Step(session, Noise(I))));
        Assert.Same(model, live.Current);
    }

    [Fact]
    public void Another_network_or_another_packing_is_refused_and_nothing_changes()
    {
        LiveModel live = new(Versions[0]);
        foreach ((ModelBuilder other, string difference) in new[]
        {
            (new ModelBuilder(I).Lstm(20).Gru(10).Dense(O), "layer 1"),
            (new ModelBuilder(I).Lstm(20).Gru(9).Dense(O, Activation.Tanh), "layer 2"),
            (new ModelBuilder(I).Recurrent(new LstmCell(20) { CellClip = 3 }).Gru(9).Dense(O), "layer 0"),
            (new ModelBuilder(I).Lstm(20).Gru(9).Dense(O).Softmax(), "layer 3"),
            (new ModelBuilder(I).Lstm(20).Gru(9), "missing"),
            (new ModelBuilder(I + 1).Lstm(20).Gru(9).Dense(O), $"{I + 1} features"),
        })
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => live.Publish(Model(other)));
            Assert.Contains(difference, error.Message, StringComparison.Ordinal);
        }

        KernelSet foreign = Versions[0].Kernels == KernelSet.Scalar ? KernelSet.Vector128 : KernelSet.Scalar;
        Assert.Throws<ArgumentException>(() => live.Publish(new RecurrentModel(Definition, ParameterSet.Uniform(Definition, 1), foreign)));
        Assert.Throws<ArgumentNullException>(() => live.Publish(null!));
        Assert.Same(Versions[0], live.Current);
    }

    [Fact]
    public void A_batch_refuses_sessions_of_another_model_even_of_the_same_weights()
    {
        LiveModel live = new(Versions[0]), other = new(Versions[0]);
        using SessionBatch batch = live.CreateSessionBatch(1), still = Versions[0].CreateSessionBatch(1);
        foreach (StreamingSession session in new[] { other.CreateSession(), Versions[0].CreateSession() })
        {
            Assert.Throws<ArgumentException>(() => batch.Step([session], new float[I], new float[O]));
        }

        Assert.Throws<ArgumentException>(() => still.Step([live.CreateSession()], new float[I], new float[O]));
    }

    private static ModelDefinition Build() => new ModelBuilder(I).Lstm(20).Gru(9).Dense(O).Build();

    private static RecurrentModel Version(int seed) => new(Definition, Parameters(Definition, 100 * (seed + 1)));

    private static void Publish(LiveModel live, ref bool ended)
    {
        for (int version = 0; !Volatile.Read(ref ended); version++)
        {
            live.Publish(Versions[version % Versions.Length]);
            Thread.SpinWait(200);
            Thread.Yield();
        }
    }

    /// <summary>One step a version, the state handed on.</summary>
    private static float[] Serial(RecurrentModel[] versions, float[] x)
    {
        List<float> y = [];
        RecurrentState state = versions[0].CreateState();
        for (int s = 0; s < versions.Length; s++)
        {
            using StreamingSession session = versions[s].CreateSession();
            session.RestoreState(state);
            y.AddRange(Step(session, x[(s * I)..((s + 1) * I)]));
            session.SaveState(state);
        }

        return [.. y];
    }

    /// <summary>Whether one version's steps of all rows, alone, give what the batch gave.</summary>
    private static bool StepsTo(StreamingSession alone, RecurrentState[] states, float[] x, float[] y, float[] found)
    {
        for (int row = 0; row < states.Length; row++)
        {
            alone.RestoreState(states[row]);
            alone.Step(x.AsSpan(row * I, I), y.AsSpan(row * O, O));
        }

        return FastRecurrent.Tests.Bits.Same(y, found);
    }
}
