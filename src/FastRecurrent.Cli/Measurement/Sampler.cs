using System.Diagnostics;

namespace FastRecurrent.Cli.Measurement;

/// <summary>
/// Times contestants against each other. A sample repeats the call until it lasts 1-2 ms; a round takes a sample of
/// everyone, so that a change of clock speed or a neighbour's load meets all alike; every other round runs in reverse, so that
/// nobody always inherits the same caches.
/// </summary>
internal sealed class Sampler(TimeSpan perContestant, CancellationToken stop)
{
    private const int FewestRounds = 3;
    private const int WarmUpRounds = 3;
    private const int WarmUpCalls = 60; // the runtime counts 30 calls before it compiles a method again
    private const int FewestAllocationCalls = 3;
    private const int MostAllocationCalls = 1000;
    private static readonly TimeSpan SampleLength = TimeSpan.FromMilliseconds(1.5);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(0.5);

    // The runtime compiles hot methods in the background once 100 ms have passed without new ones.
    private static readonly TimeSpan TieringDelay = TimeSpan.FromMilliseconds(220);

    // Longer than the threads of oneDNN's OpenMP spin after their work; spinning, they would slow the next contestant's.
    private static readonly TimeSpan SpinningEnds = TimeSpan.FromMilliseconds(3);

    /// <summary>True where contestants keep threads that spin after their work.</summary>
    public bool PausesBetweenSamples { get; init; }

    /// <summary>Warms up and measures all contestants in one run.</summary>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public Samples[] Collect(params IReadOnlyList<ITimed> contestants)
    {
        WarmUp(contestants);
        int[] repeats = [.. contestants.Select(RepeatsPerSample)];
        List<double>[] nanoseconds = [.. contestants.Select(_ => new List<double>(1024))];
        TimeSpan total = perContestant * contestants.Count;
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < FewestRounds || Stopwatch.GetElapsedTime(start) < total; round++)
        {
            for (int i = 0; i < contestants.Count; i++)
            {
                int turn = round % 2 == 0 ? i : contestants.Count - 1 - i;
                stop.ThrowIfCancellationRequested();
                if (PausesBetweenSamples)
                {
                    Thread.Sleep(SpinningEnds);
                    contestants[turn].Run(1); // wakes the contestant's own threads
                }

                nanoseconds[turn].Add(Time(contestants[turn], repeats[turn]).TotalNanoseconds / repeats[turn]);
            }
        }

        return [.. nanoseconds.Select(values => new Samples(values))];
    }

    /// <summary>
    /// Managed bytes per call in steady state: the smallest of three counts over many calls, on all threads of the process,
    /// because the runtime itself allocates now and then.
    /// </summary>
    public double AllocatedBytes(ITimed work)
    {
        int calls = Math.Clamp(20 * (RepeatsPerSample(work) - 1), FewestAllocationCalls, MostAllocationCalls);
        long fewest = long.MaxValue;
        for (int count = 0; count < 3; count++)
        {
            stop.ThrowIfCancellationRequested();
            long before = GC.GetTotalAllocatedBytes(precise: true);
            work.Run(calls);
            fewest = Math.Min(fewest, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        return (double)fewest / calls;
    }

    private static TimeSpan Time(ITimed work, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        work.Run(repeats);
        return Stopwatch.GetElapsedTime(start);
    }

    private static int RepeatsPerSample(ITimed work)
    {
        int repeats = 1;
        TimeSpan time = Time(work, repeats);
        while (time < SampleLength && repeats < 1 << 28)
        {
            double factor = Math.Clamp(1.05 * (SampleLength / (time + TimeSpan.FromTicks(1))), 1.2, 10);
            repeats = (int)Math.Ceiling(repeats * factor);
            time = Time(work, repeats);
        }

        return repeats;
    }

    private void WarmUp(IReadOnlyList<ITimed> contestants)
    {
        for (int round = 0; round < WarmUpRounds; round++)
        {
            foreach (ITimed work in contestants)
            {
                long start = Stopwatch.GetTimestamp();
                for (int call = 0; call < WarmUpCalls && (call < 3 || Stopwatch.GetElapsedTime(start) < LongestWarmUp); call++)
                {
                    stop.ThrowIfCancellationRequested();
                    work.Run(1);
                }
            }

            stop.WaitHandle.WaitOne(TieringDelay);
        }
    }
}
