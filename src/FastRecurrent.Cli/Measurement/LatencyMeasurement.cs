using System.Diagnostics;
using System.Text.Json.Serialization;

namespace FastRecurrent.Cli.Measurement;

/// <summary>Times buffer after buffer. Every time is counted, in steps of 10 ns, so that percentiles need no list that grows.</summary>
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
            stop.WaitHandle.WaitOne(TieringDelay);
        }

        Array.Clear(counts);
        session.Reset();
        double deadline = 1e9 * buffer / rate;
        long most = (long)Math.Ceiling(duration.TotalSeconds * 1e9 / StepNs);
        int collections = Collections();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        long buffers = 0;
        double longest = 0;
        long misses = 0;
        while (buffers < most && (buffers == 0 || Stopwatch.GetElapsedTime(start) < duration) && !stop.IsCancellationRequested)
        {
            double time = Measure(session, input, output, counts, 1);
            longest = Math.Max(longest, time);
            misses += time > deadline ? 1 : 0;
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

    public long AllocatedBytes { get; init; }

    public int Collections { get; init; }
}
