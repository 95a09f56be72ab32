using System.Diagnostics;
using FastRecurrent.Threading;

namespace FastRecurrent.Tests;

/// <summary>Every part of a piece of work runs once, whoever runs it, and nobody waits for a thread that does not come.</summary>
public sealed class WorkerPoolTests
{
    private const int Most = 4;
    private const long LongWork = long.MaxValue;

    /// <summary>Far beyond what anything here takes: a test must not hang.</summary>
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);

    [Fact]
    public void Every_part_runs_once()
    {
        using WorkerPool pool = new(Most);
        Tally tally = new();
        for (int i = 1; i <= 5_000; i++)
        {
            int parts = 1 + (i % Most);
            pool.Run(tally, parts);
            Assert.Equal(Enumerable.Range(0, Most).Select(part => part < parts ? 1 : 0), tally.TakeRuns());
            Rest(i);
        }
    }

    [Fact]
    public void Parts_that_wait_for_each_other_have_a_thread_each()
    {
        using WorkerPool pool = new(Most);
        using Barrier meeting = new(Most);
        Tally tally = new(meeting);
        for (int i = 1; i <= 200; i++)
        {
            pool.RunTogether(tally, Most);
            Assert.Equal([1, 1, 1, 1], tally.TakeRuns());
            Rest(10 * i);
        }
    }

    [Fact]
    public void Parked_threads_are_woken_for_long_work_and_for_work_at_short_intervals()
    {
        using WorkerPool pool = new(2);
        for (int i = 0; i < 5; i++)
        {
            // The worker parks once the system has let it spin for a while, whenever that is.
            Stopwatch clock = Stopwatch.StartNew();
            while (pool.IsWorthSharing(0))
            {
                Assert.True(clock.Elapsed < Hangs, "nobody parked");
                Thread.Sleep(1);
            }

            Assert.True(pool.IsWorthSharing(LongWork));
            clock.Restart();
            while (!pool.IsWorthSharing(0))
            {
                Assert.True(clock.Elapsed < Hangs, "nobody came");
            }
        }
    }

    [Fact]
    public void A_failure_of_any_part_reaches_the_caller_and_the_pool_goes_on()
    {
        using WorkerPool pool = new(2);
        for (int part = 0; part < 2; part++)
        {
            Failure failure = new(part);
            Assert.IsType<NotFiniteNumberException>(Assert.Throws<InvalidOperationException>(() => pool.Run(failure, 2)).InnerException);
            Assert.IsType<NotFiniteNumberException>(
                Assert.Throws<InvalidOperationException>(() => pool.RunTogether(failure, 2)).InnerException);
        }

        Tally tally = new();
        pool.Run(tally, 2);
        Assert.Equal([1, 1, 0, 0], tally.TakeRuns());
    }

    [Fact]
    public void An_invitation_is_taken_once()
    {
        Invitation invitation = default;
        Assert.False(invitation.TryTake(1));
        invitation.Offer(2);
        Assert.False(invitation.TryTake(1));
        Assert.True(invitation.TryTake(2));
        Assert.False(invitation.TryTake(2));
    }

    /// <summary>Nothing, some spinning, or enough for threads to park.</summary>
    private static void Rest(int i)
    {
        if (i % 500 == 0)
        {
            Thread.Sleep(2);
        }
        else if (i % 7 == 0)
        {
            Thread.SpinWait(i % 2_000);
        }
    }

    private sealed class Tally(Barrier? meeting = null) : IWork
    {
        private readonly int[] _runs = new int[Most];

        public int[] TakeRuns()
        {
            int[] runs = [.. _runs];
            Array.Clear(_runs);
            return runs;
        }

        public void Run(int part)
        {
            Interlocked.Increment(ref _runs[part]);
            meeting?.SignalAndWait();
        }
    }

    private sealed class Failure(int failing) : IWork
    {
        public void Run(int part)
        {
            if (part == failing)
            {
                throw new NotFiniteNumberException();
            }
        }
    }
}
