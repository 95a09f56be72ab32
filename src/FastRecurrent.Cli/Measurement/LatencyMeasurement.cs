using System.Diagnostics;
using System.Text.Json.Serialization;
using FastRecurrent.Cli.Machine;

namespace FastRecurrent.Cli.Measurement;

/// <summary>
/// Times buffer after buffer. Every time is counted, in steps of 10 ns, so that percentiles need no list that grows. After each
/// buffer a loop that does nothing but read the clock runs for as long: if it stands still for longer than the deadline as often as
/// buffers do, the machine is what misses deadlines. What the system counted against the thread says the same of each miss.
/// </summary>
internal static class LatencyMeasurement
{
    private const int StepNs = 10;
    private const int Steps = 1 << 20; // 10 ms; longer ones count as that, the longest is kept apart
    private const int WarmUpRounds = 4;
    private const int WarmUpBuffers = 50;
    private static readonly TimeSpan TieringDelay = TimeSpan.FromMilliseconds(150);

    public static LatencyReport Run(AudioSession session, int rate, int buffer, TimeSpan duration, CancellationToken stop)
    {
        float[] input = new float[buffer];
        float[] output = new float[buffer];
        CounterRandom random = new(1, 0);
        for (int i = 0; i < buffer; i++)
        {
            input[i] = random.Uniform((ulong)i, -0.5f, 0.5f);
        }

        int[] counts = new int[Steps];
        session.WarmUp();
        for (int round = 0; round < WarmUpRounds; round++)
        {
            Measure(session, input, output, counts, WarmUpBuffers);
            _ = LongestStall(Measure(session, input, output, counts, 1));
            _ = ThreadEvents.Read();
            stop.WaitHandle.WaitOne(TieringDelay);
        }

        Array.Clear(counts);
        session.Reset();
        double deadline = 1e9 * buffer / rate;
        long most = (long)Math.Ceiling(duration.TotalSeconds * 1e9 / StepNs);
        long buffers = 0;
        double longest = 0;
        long misses = 0;
        long preempted = 0, waited = 0, faulted = 0, collected = 0, idleStalls = 0;
        TimeSpan? stolen = ThreadEvents.Stolen();
        int collections = Collections();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        while (buffers < most && (buffers == 0 || Stopwatch.GetElapsedTime(start) < duration) && !stop.IsCancellationRequested)
        {
            int collectionsBefore = Collections();
            ThreadEvents before = ThreadEvents.Read();
            double time = Measure(session, input, output, counts, 1);
            if (time > deadline)
            {
                ThreadEvents events = ThreadEvents.Read() - before;
                misses++;
                preempted += events.Preemptions > 0 ? 1 : 0;
                waited += events.Waits > 0 ? 1 : 0;
                faulted += events.PageFaults > 0 ? 1 : 0;
                collected += Collections() > collectionsBefore ? 1 : 0;
            }

            longest = Math.Max(longest, time);
            idleStalls += LongestStall(time) > deadline ? 1 : 0;
            buffers++;
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        collections = Collections() - collections;
        stop.ThrowIfCancellationRequested();
        return new LatencyReport
        {
            Rate = rate,
            Buffer = buffer,
            Buffers = buffers,
            DeadlineNs = deadline,
            P50Ns = Percentile(counts, buffers, 0.5),
            P99Ns = Percentile(counts, buffers, 0.99),
            P999Ns = Percentile(counts, buffers, 0.999),
            MaxNs = longest,
            DeadlineMisses = misses,
            MissesPreempted = ThreadEvents.AreKnown ? preempted : null,
            MissesWaiting = ThreadEvents.AreKnown ? waited : null,
            MissesFaulting = ThreadEvents.AreKnown ? faulted : null,
            MissesCollecting = collected,
            IdleStalls = idleStalls,
            StolenNs = (ThreadEvents.Stolen() - stolen)?.TotalNanoseconds,
            AllocatedBytes = allocated,
            Collections = collections,
        };
    }

    private static double Measure(AudioSession session, float[] input, float[] output, int[] counts, int buffers)
    {
        double time = 0;
        for (int i = 0; i < buffers; i++)
        {
            long start = Stopwatch.GetTimestamp();
            session.Process(input, output);
            time = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            counts[(int)Math.Min(time / StepNs, Steps - 1)]++;
        }

        return time;
    }

    /// <summary>The longest time, in nanoseconds, between two looks at the clock in a loop of this length that does nothing else.</summary>
    private static double LongestStall(double nanoseconds)
    {
        long start = Stopwatch.GetTimestamp();
        long last = start;
        long longest = 0;
        while (Stopwatch.GetElapsedTime(start, last).TotalNanoseconds < nanoseconds)
        {
            long now = Stopwatch.GetTimestamp();
            longest = Math.Max(longest, now - last);
            last = now;
        }

        return Stopwatch.GetElapsedTime(0, longest).TotalNanoseconds;
    }

    private static int Collections() => GC.CollectionCount(0) + GC.CollectionCount(1) + GC.CollectionCount(2);

    /// <summary>The time that this part of all buffers did not exceed.</summary>
    private static double Percentile(int[] counts, long buffers, double part)
    {
        long wanted = Math.Max(1, (long)Math.Ceiling(part * buffers));
        long seen = 0;
        int step = 0;
        for (; step < counts.Length - 1; step++)
        {
            seen += counts[step];
            if (seen >= wanted)
            {
                break;
            }
        }

        return (step + 1.0) * StepNs;
    }
}

/// <summary>What was measured; times in nanoseconds.</summary>
internal sealed record LatencyReport
{
    public int Rate { get; init; }

    public int Buffer { get; init; }

    public long Buffers { get; init; }

    public double DeadlineNs { get; init; }

    public double P50Ns { get; init; }

    public double P99Ns { get; init; }

    [JsonPropertyName("p99_9_ns")]
    public double P999Ns { get; init; }

    public double MaxNs { get; init; }

    public long DeadlineMisses { get; init; }

    /// <summary>Misses during which the thread lost its core to another one; null where the system does not tell.</summary>
    public long? MissesPreempted { get; init; }

    /// <summary>Misses during which the thread waited of its own accord.</summary>
    public long? MissesWaiting { get; init; }

    /// <summary>Misses during which a page had to be mapped.</summary>
    public long? MissesFaulting { get; init; }

    /// <summary>Misses during which memory was collected.</summary>
    public long MissesCollecting { get; init; }

    /// <summary>How often a loop that does nothing, for as long as all buffers took, stood still for longer than the deadline.</summary>
    public long IdleStalls { get; init; }

    /// <summary>What a hypervisor took from all cores meanwhile, in steps of 10 ms; null where that is not known.</summary>
    public double? StolenNs { get; init; }

    public long AllocatedBytes { get; init; }

    public int Collections { get; init; }
}
