using System.Collections.Concurrent;
using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>R17: many callers on one model get what one caller gets, bit for bit; a pool hands a session to one caller at a time.</summary>
public class ConcurrencyTests
{
    private const int I = 2, Callers = 4, Steps = 12;

    private static readonly RecurrentModel Net = Model(new ModelBuilder(I).Lstm(20).Gru(9).Dense(3));

    [Fact]
    public void Many_sessions_of_one_model_on_several_threads_equal_one_after_the_other()
    {
        const int SessionsPerCaller = 8;
        float[][] frames = [.. Enumerable.Range(0, Callers * SessionsPerCaller).Select(i => Noise(Steps * I, seed: i))];
        int[][] expected = [.. frames.Select(x => Bits(Step(Net.CreateSession(), x)))];
        int[][] found = new int[frames.Length][];
        TogetherOn(Callers, caller =>
        {
            for (int i = caller; i < frames.Length; i += Callers)
            {
                using StreamingSession session = Net.CreateSession();
                found[i] = Bits(Step(session, frames[i]));
            }
        });
        Assert.Equal(expected, found);
    }

    [Fact]
    public void Sessions_may_move_from_thread_to_thread_between_steps()
    {
        float[] x = Noise(Steps * I);
        int[] expected = Bits(Step(Net.CreateSession(), x));
        using StreamingSession session = Net.CreateSession();
        List<int> found = [];
        for (int s = 0; s < Steps; s++)
        {
            Thread thread = new(() => found.AddRange(Bits(Step(session, x[(s * I)..((s + 1) * I)]))));
            thread.Start();
            thread.Join();
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void Runners_and_sessions_of_one_model_at_work_at_once_equal_each_one_alone()
    {
        float[] x = Noise(Steps * 6 * I), stream = Noise(Steps * I, seed: 3);
        int[] sequence = Bits(Forward(Net, x, Steps, 6)), stepped = Bits(Step(Net.CreateSession(), stream));
        ConcurrentBag<bool> equal = [];
        TogetherOn(Callers, caller =>
        {
            using SequenceRunner runner = Net.CreateRunner(Steps, 6, threads: 2);
            using StreamingSession session = Net.CreateSession();
            float[] y = new float[Steps * 6 * 3];
            for (int round = 0; round < 10; round++)
            {
                runner.Forward(x, Steps, 6, y);
                equal.Add(sequence.SequenceEqual(Bits(y)));
                session.Reset();
                equal.Add(stepped.SequenceEqual(Bits(Step(session, stream))));
            }
        });
        Assert.Equal(Callers * 20, equal.Count);
        Assert.DoesNotContain(false, equal);
    }

    [Fact]
    public void A_pool_gives_every_concurrent_caller_a_session_of_its_own_in_its_first_state()
    {
        SessionPool pool = Net.CreateSessionPool(maxRetained: 2);
        int[][] expected = [.. Enumerable.Range(0, Callers).Select(caller => Bits(Step(Net.CreateSession(), Noise(Steps * I, seed: caller))))];
        ConcurrentDictionary<StreamingSession, int> rented = [];
        ConcurrentBag<string> wrong = [];
        TogetherOn(Callers, caller =>
        {
            float[] x = Noise(Steps * I, seed: caller);
            for (int round = 0; round < 100; round++)
            {
                using SessionPool.Lease lease = pool.Rent();
                if (!rented.TryAdd(lease.Session, caller))
                {
                    wrong.Add("rented twice at once");
                }

                // An odd number of steps now and then, so that sessions come back in both of their states.
                float[] y = Step(lease.Session, x[..((Steps - (round % 2)) * I)]);
                if (!expected[caller].AsSpan(0, y.Length).SequenceEqual(Bits(y)))
                {
                    wrong.Add("a trace of the caller before");
                }

                rented.TryRemove(lease.Session, out _);
            }
        });
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_returned_session_comes_back_reset()
    {
        SessionPool pool = Net.CreateSessionPool();
        StreamingSession first;
        using (SessionPool.Lease lease = pool.Rent())
        {
            first = lease.Session;
            Step(first, Noise(3 * I));
        }

        using SessionPool.Lease again = pool.Rent();
        Assert.Same(first, again.Session);
        Assert.Equal(Bits(Net, Net.CreateState()), Bits(Net, again.Session.SaveState()));
    }

    [Fact]
    public void Leases_are_equal_where_they_are_of_the_same_session()
    {
        SessionPool pool = Net.CreateSessionPool();
        SessionPool.Lease one = pool.Rent(), two = pool.Rent(), copy = one;
        Assert.True(one == copy && one != two && one.Equals((object)copy) && !one.Equals(null));
        Assert.Equal(one.GetHashCode(), copy.GetHashCode());
        Assert.True(default == default(SessionPool.Lease));
    }

    [Fact]
    public void Disposing_a_lease_twice_does_not_hand_its_session_to_two_callers()
    {
        SessionPool pool = Net.CreateSessionPool();
        SessionPool.Lease lease = pool.Rent(), copy = lease;
        lease.Dispose();
        lease.Dispose();
        copy.Dispose();
        SessionPool.Lease[] leases = [pool.Rent(), pool.Rent(), pool.Rent()];
        Assert.Distinct(leases.Select(one => one.Session));
    }

    [Fact]
    public void Disposing_an_old_lease_again_does_not_disturb_the_next_caller_of_its_session()
    {
        SessionPool pool = Net.CreateSessionPool();
        SessionPool.Lease old = pool.Rent();
        old.Dispose();
        using SessionPool.Lease next = pool.Rent();
        Step(next.Session, Noise(3 * I));
        int[] state = Bits(Net, next.Session.SaveState());

        old.Dispose();

        Assert.Equal(state, Bits(Net, next.Session.SaveState()));
        using SessionPool.Lease third = pool.Rent();
        Assert.NotSame(next.Session, third.Session);
    }

    [Fact]
    public void A_lease_that_nobody_rented_has_nothing_to_give_back()
    {
        SessionPool.Lease none = default;
        none.Dispose();
        Assert.Equal(default(SessionPool.Lease).GetHashCode(), none.GetHashCode());
    }

    [Fact]
    public void A_session_that_its_caller_disposed_is_not_handed_out_again()
    {
        SessionPool pool = Net.CreateSessionPool();
        SessionPool.Lease lease = pool.Rent();
        lease.Session.Dispose();
        lease.Dispose();
        using SessionPool.Lease next = pool.Rent();
        Assert.NotSame(lease.Session, next.Session);
        Step(next.Session, Noise(I));
    }

    /// <summary>Runs the work on so many threads of its own, started at the same moment; what one throws, the test throws.</summary>
    private static void TogetherOn(int callers, Action<int> work)
    {
        using Barrier start = new(callers);
        ConcurrentBag<Exception> failures = [];
        Thread[] threads = [.. Enumerable.Range(0, callers).Select(caller => new Thread(() =>
        {
            start.SignalAndWait();
            Exception? failure = Record.Exception(() => work(caller));
            if (failure is not null)
            {
                failures.Add(failure);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }
}
