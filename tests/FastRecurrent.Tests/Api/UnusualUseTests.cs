using System.Collections.Concurrent;
using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>What a demanding caller does: many sessions at once, deep stacks, networks without a state, calls that meet a Dispose.</summary>
public class UnusualUseTests
{
    private const int I = 3;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_thousand_sessions_stepped_as_one_batch_equal_each_one_alone(int threads)
    {
        const int Sessions = 1_000, Steps = 3;
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(24).Gru(17).Dense(5).Softmax());
        int O = model.Definition.OutputSize;
        StreamingSession[] sessions = [.. Enumerable.Range(0, Sessions).Select(_ => model.CreateSession())];
        using SessionBatch batch = model.CreateSessionBatch(Sessions, threads);
        float[][] frames = [.. Enumerable.Range(0, Steps).Select(s => Noise(Sessions * I, seed: s))];
        float[][] found = [.. frames.Select(x =>
        {
            float[] y = new float[Sessions * O];
            batch.Step(sessions, x, y);
            return y;
        })];
        for (int row = 0; row < Sessions; row++)
        {
            using StreamingSession alone = model.CreateSession();
            for (int s = 0; s < Steps; s++)
            {
                Assert.Equal(Bits(Step(alone, frames[s][(row * I)..((row + 1) * I)])), Bits(found[s].AsSpan(row * O, O)));
            }

            Assert.Equal(Bits(model, alone.SaveState()), Bits(model, sessions[row].SaveState()));
        }
    }

    [Fact]
    public void A_stack_of_40_layers_of_different_sizes_gives_the_same_bits_in_every_way_to_run_it()
    {
        ModelBuilder builder = new(I);
        for (int layer = 0; layer < 40; layer++)
        {
            int size = 1 + (layer * 13 % 41);
            builder = (layer % 4) switch { 0 => builder.Lstm(size), 1 => builder.Gru(size), 2 => builder.SimpleRnn(size), _ => builder.Dense(size, Activation.Tanh) };
        }

        RecurrentModel model = Model(builder);
        float[] x = Noise(6 * I);
        int[] wanted = Bits(Forward(model, x, 6, 1));
        foreach (int threads in new[] { 1, 3 })
        {
            using StreamingSession session = model.CreateSession(threads);
            Assert.Equal(wanted, Bits(Step(session, x)));
            using SequenceRunner runner = model.CreateRunner(6, 1, threads);
            float[] y = new float[6 * model.Definition.OutputSize];
            runner.Forward(x, 6, 1, y);
            Assert.Equal(wanted, Bits(y));
        }
    }

    [Fact]
    public void A_network_without_a_state_streams_saves_and_pools_like_any_other()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Dense(7, Activation.Relu).LayerNorm().Dense(2));
        float[] x = Noise(4 * I);
        int[] wanted = Bits(Forward(model, x, 4, 1));
        using StreamingSession session = model.CreateSession(threads: 2);
        Assert.Equal(wanted, Bits(Step(session, x)));
        RecurrentState state = session.SaveState();
        session.RestoreState(state);
        session.Reset();
        session.WarmUp();
        Assert.Equal(wanted, Bits(Step(session, x)));
        using SessionPool.Lease lease = model.CreateSessionPool().Rent();
        using SessionBatch batch = model.CreateSessionBatch(2);
        float[] y = new float[4];
        batch.Step([session, lease.Session], x.AsSpan(0, 2 * I), y);
        Assert.Equal(wanted[..4], Bits(y));
        ArgumentException error = Assert.Throws<ArgumentException>(() => state.Hidden(0).Clear());
        Assert.Contains("Layer 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sessions_and_runners_of_sizes_that_no_memory_can_hold_are_refused_in_words()
    {
        RecurrentModel stateless = Model(new ModelBuilder(1).Dense(1000).Dense(1000).Dense(1));
        Action[] doors =
        [
            () => stateless.CreateSessionBatch(2_000_000_000).Dispose(),
            () => stateless.CreateSessionBatch(int.MaxValue).Dispose(),
            () => stateless.CreateRunner(2_000_000, 2_000_000).Dispose(),
            () => stateless.CreateRunner(int.MaxValue, int.MaxValue).Dispose(),
        ];
        Assert.All(doors, door => Assert.Contains("make the sizes smaller", Assert.ThrowsAny<ArgumentException>(door).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Input_and_output_in_one_place_are_refused()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(I));
        float[] both = Noise(4 * I);
        float[] before = [.. both];
        using StreamingSession session = model.CreateSession();
        using SequenceRunner runner = model.CreateRunner(4, 4);
        Assert.Throws<ArgumentException>(() => session.Step(both.AsSpan(0, I), both.AsSpan(0, I)));
        Assert.Throws<ArgumentException>(() => session.Process(both, both));
        Assert.Throws<ArgumentException>(() => runner.Forward(both, 4, 1, both));
        Assert.Equal(before, both);
    }

    [Fact]
    public void A_state_may_be_what_a_run_reads_and_writes()
    {
        // h of the state as x, and y into h of the final state: neither is read or written where the other is at work.
        RecurrentModel model = Model(new ModelBuilder(4).Lstm(4));
        RecurrentState state = NoisyState(model, 1), copy = NoisyState(model, 1);
        float[] x = [.. state.Hidden(0)], wanted = new float[4];
        using SequenceRunner runner = model.CreateRunner(1, 1);
        runner.Forward(x, 1, 1, wanted, new() { InitialState = copy, FinalState = copy });
        float[] y = new float[4];
        runner.Forward(state.Hidden(0), 1, 1, y, new() { InitialState = state, FinalState = state });
        Assert.Equal(Bits(wanted), Bits(y));
        Assert.Equal(Bits(model, copy), Bits(model, state));
    }

    [Fact]
    public void Disposing_a_runner_or_batch_while_another_thread_is_in_it_lets_that_call_end_right_or_refuse()
    {
        const int Steps = 20, Rows = 8, H = 128;
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(H));
        float[] x = Noise(Steps * Rows * I), first = x[..(Rows * I)];
        int[] wanted = Bits(Forward(model, x, Steps, Rows)), wantedFirst = Bits(Forward(model, first, 1, Rows));
        StreamingSession[] sessions = [.. Enumerable.Range(0, Rows).Select(_ => model.CreateSession())];
        float[] y = new float[Steps * Rows * H], yFirst = new float[Rows * H];
        for (int round = 0; round < 30; round++)
        {
            SequenceRunner runner = model.CreateRunner(Steps, Rows, threads: 2);
            DisposeWithin(runner, () =>
            {
                runner.Forward(x, Steps, Rows, y);
                return wanted.AsSpan().SequenceEqual(Bits(y));
            });

            Array.ForEach(sessions, session => session.Reset());
            SessionBatch batch = model.CreateSessionBatch(Rows, threads: 2);
            DisposeWithin(batch, () =>
            {
                batch.Step(sessions, first, yFirst);
                Array.ForEach(sessions, session => session.Reset());
                return wantedFirst.AsSpan().SequenceEqual(Bits(yFirst));
            });
        }

        Array.ForEach(sessions, session => session.Dispose());
    }

    /// <summary>Disposes something while another thread calls it without a pause: each call is right, and the one behind the end is refused.</summary>
    private static void DisposeWithin(IDisposable called, Func<bool> isRight)
    {
        ConcurrentBag<string> wrong = [];
        using ManualResetEventSlim running = new();
        Thread caller = new(() =>
        {
            try
            {
                while (true)
                {
                    if (!isRight())
                        wrong.Add("other bits");
                    running.Set();
                }
            }
            catch (ObjectDisposedException)
            {
            }
#pragma warning disable CA1031 // Whatever else it is, the test shall name it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                wrong.Add(failure.ToString());
            }
            finally
            {
                running.Set();
            }
        });
        caller.Start();
        running.Wait();
        called.Dispose();
        Assert.True(caller.Join(TimeSpan.FromSeconds(60)), "the caller hangs");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Of_callers_at_the_same_time_each_is_served_right_or_refused()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(256));
        float[] x = Noise(60 * I);
        int[] wanted = Bits(Forward(model, x, 60, 1));
        using SequenceRunner runner = model.CreateRunner(60, 1);
        int refused = 0, right = 0;
        void Call()
        {
            float[] y = new float[60 * 256];
            for (int i = 0; i < 40; i++)
            {
                try
                {
                    runner.Forward(x, 60, 1, y);
                    if (wanted.AsSpan().SequenceEqual(Bits(y)))
                        Interlocked.Increment(ref right);
                }
                catch (InvalidOperationException)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, 3).Select(_ => new Thread(Call))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Equal(120, refused + right);
        Assert.True(right > 0);
    }

    [Fact]
    public void A_runner_within_the_work_of_another_pool_runs_alone_and_right()
    {
        RecurrentModel model = Model(new ModelBuilder(I).Lstm(96));
        float[] x = Noise(10 * 12 * I);
        int[] wanted = Bits(Forward(model, x, 10, 12));
        Parallel.For(0, 16, _ =>
        {
            using SequenceRunner runner = model.CreateRunner(10, 12, threads: 4);
            float[] y = new float[10 * 12 * 96];
            runner.Forward(x, 10, 12, y);
            Assert.Equal(wanted, Bits(y));
        });
    }
}
