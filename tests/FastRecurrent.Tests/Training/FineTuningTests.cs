using System.Collections.Concurrent;

namespace FastRecurrent.Tests.Training;

/// <summary>Training beside live inference in one process: every step of a stream runs on a version that was published, whole.</summary>
public class FineTuningTests
{
    [Fact]
    public void Streams_follow_a_training_that_publishes_behind_every_step()
    {
        TrainingJob job = new();
        ConcurrentDictionary<RecurrentModel, float[]> published = [];
        LiveModel? live = null;
        TrainingJob publishing = job with
        {
            Options = job.Options with
            {
                Epochs = 30,
                StepEnded = (trainer, _) =>
                {
                    RecurrentModel model = trainer.Model.ToModel();
                    published[model] = TrainingJob.Weights(trainer);
                    live!.Publish(model);
                },
            },
        };
        Trainer trainer = publishing.Start();
        RecurrentModel first = trainer.Model.ToModel();
        published[first] = TrainingJob.Weights(trainer);
        live = new LiveModel(first);
        bool ended = false;
        ConcurrentBag<string> wrong = [];
        Thread[] streams = [.. Enumerable.Range(0, 3).Select(stream => new Thread(() =>
        {
            using StreamingSession session = live.CreateSession();
            RecurrentState state = session.SaveState();
            float[] y = new float[1], wanted = new float[1];
            for (int s = 0; !Volatile.Read(ref ended) || s < 10; s++)
            {
                float[] x = TestNetworks.Noise(TrainingJob.I, seed: s);
                session.Step(x, y);
                using StreamingSession alone = session.Model.CreateSession();
                alone.RestoreState(state);
                alone.Step(x, wanted);
                session.SaveState(state);
                if (!Bits.Same(wanted, y) || !published.ContainsKey(session.Model))
                {
                    wrong.Add($"stream {stream}, step {s}");
                }
            }
        }))];
        Array.ForEach(streams, stream => stream.Start());
        trainer.Fit(job.Data);
        Volatile.Write(ref ended, true);
        Array.ForEach(streams, stream => stream.Join());
        Assert.Empty(wrong);
        Assert.Equal(91, published.Count);
        Bits.Equal(TrainingJob.Weights(trainer), TrainingJob.Flat(live.Current.ExportParameters()), "the version published last");
        Assert.All(published, version => Bits.Equal(version.Value, TrainingJob.Flat(version.Key.ExportParameters()), "a published version"));

        // Whoever watches a training does not change it.
        Bits.Equal(TrainingJob.Weights((job with { Options = job.Options with { Epochs = 30 } }).Run()), TrainingJob.Weights(trainer), "weights");
    }
}
