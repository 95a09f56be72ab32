using System.Collections.Concurrent;
using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Training;

/// <summary>R17: many sessions beside a training that publishes behind every step, and the same steps again, one after the other.</summary>
public class LiveStressTests
{
    private const int Threads = 6, SessionsPerThread = 8, I = TrainingJob.I;

    // Between two publications at least so many steps are taken, so that versions meet sessions at every point of their steps.
    private const int StepsPerVersion = 20;

    // A busy machine may keep the streams waiting: then the training goes on.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Many_sessions_under_a_training_equal_the_same_steps_taken_serially()
    {
        ConcurrentDictionary<RecurrentModel, int> versions = [];
        LiveModel? live = null;
        long steps = 0;
        TrainingJob job = new()
        {
            Definition = new ModelBuilder(I).Lstm(12).Gru(9).Dense(1).Build(),
            Options = new()
            {
                BatchSize = 4,
                Epochs = 30,
                StepEnded = (trainer, _) =>
                {
                    RecurrentModel model = trainer.Model.ToModel();
                    versions[model] = versions.Count;
                    live!.Publish(model);
                    long wanted = Interlocked.Read(ref steps) + StepsPerVersion;
                    SpinWait.SpinUntil(() => Interlocked.Read(ref steps) >= wanted, Patience);
                },
            },
        };
        Trainer trainer = job.Start();
        live = new LiveModel(trainer.Model.ToModel());
        versions[live.Current] = 0;
        bool ended = false;
        Stream[] streams = [.. Enumerable.Range(0, Threads * SessionsPerThread).Select(number => new Stream(number, live))];
        Thread[] threads = [.. streams.Chunk(SessionsPerThread).Select(own => new Thread(() =>
        {
            while (!Volatile.Read(ref ended))
            {
                foreach (Stream stream in own)
                {
                    stream.Step();
                    Interlocked.Increment(ref steps);
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        trainer.Fit(job.Data);
        Volatile.Write(ref ended, true);
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(1 + (30 * 3), versions.Count);
        HashSet<int> seen = [];
        foreach (Stream stream in streams)
        {
            stream.EqualsSerial(versions, seen);
            stream.Dispose();
        }

        Assert.True(seen.Count > 10, $"only {seen.Count} versions were seen: the test proves little");

        // Nobody who watches a training changes it.
        Bits.Equal(TrainingJob.Weights((job with { Options = job.Options with { StepEnded = null } }).Run()), TrainingJob.Weights(trainer), "weights");
    }

    /// <summary>A session with what it was given, what it gave, and on which weights.</summary>
    private sealed class Stream(int number, LiveModel live) : IDisposable
    {
        private readonly StreamingSession _session = live.CreateSession();
        private readonly List<(RecurrentModel Model, float Y)> _steps = [];
        private readonly float[] _y = new float[1];

        public void Step()
        {
            _session.Step(X(_steps.Count), _y);
            _steps.Add((_session.Model, _y[0]));
        }

        /// <summary>All steps again from a zero state, each alone on the version that it says it ran on; versions never go back.</summary>
        public void EqualsSerial(ConcurrentDictionary<RecurrentModel, int> versions, HashSet<int> seen)
        {
            StreamingSession? alone = null;
            RecurrentState state = live.Current.CreateState();
            float[] y = new float[1];
            int last = 0;
            for (int s = 0; s < _steps.Count; s++)
            {
                int version = versions[_steps[s].Model];
                Assert.True(version >= last, $"stream {number}, step {s}: version {version} behind {last}");
                if (alone is null || version != last)
                {
                    alone?.SaveState(state);
                    alone?.Dispose();
                    alone = _steps[s].Model.CreateSession();
                    alone.RestoreState(state);
                }

                alone.Step(X(s), y);
                Assert.True(FastRecurrent.Tests.Bits.Same([_steps[s].Y], y), $"stream {number}, step {s}, version {version}");
                last = version;
                seen.Add(version);
            }

            if (alone is not null)
            {
                Assert.Equal(Bits(live.Current, alone.SaveState()), Bits(live.Current, _session.SaveState()));
                alone.Dispose();
            }
        }

        public void Dispose() => _session.Dispose();

        private float[] X(int step) => Noise(I, seed: (number * 100_000) + step);
    }
}
