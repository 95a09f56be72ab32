using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>What looking at a training, or ending it early, leaves as it was.</summary>
public class TrainerStateTests
{
    [Fact]
    public void Evaluating_is_inference_and_leaves_the_training_as_it_was()
    {
        TrainingJob job = new()
        {
            Definition = new ModelBuilder(TrainingJob.I).Lstm(3).BatchNorm().Dropout(0.5f).Dense(TrainingJob.O).Build(),
        };
        Trainer trainer = job.Run();
        float[] before = TrainingJob.Weights(trainer);
        double loss = trainer.Evaluate(job.Data).Mean;
        Assert.Equal(loss, trainer.Evaluate(job.Data).Mean);
        Bits.Equal(before, TrainingJob.Weights(trainer), "weights and running statistics");

        BatchBuffers buffers = new(job.Data.Shape, TrainingJob.Count);
        SampleBatch batch = buffers.Fill(job.Data, [.. Enumerable.Range(0, TrainingJob.Count)], 0);
        float[] y = new float[batch.Targets.Length];
        using SequenceRunner runner = trainer.Model.ToModel().CreateRunner(TrainingJob.T, TrainingJob.Count);
        runner.Forward(batch.Inputs, TrainingJob.T, TrainingJob.Count, y);
        double expected = 0;
        for (int i = 0; i < y.Length; i++)
        {
            expected += (double)(y[i] - batch.Targets[i]) * (y[i] - batch.Targets[i]) / y.Length;
        }

        Assert.Equal(expected, loss, 1e-6);
    }

    [Fact]
    public void Evaluating_in_windows_gives_the_loss_of_whole_sequences()
    {
        // Four batches: each starts from no state, not from that of the batch before.
        TrainingJob whole = new() { Options = new() { BatchSize = 3 } }, windows = whole with { MaxTime = 2, Options = whole.Options with { TruncatedSteps = 2 } };
        Assert.Equal(whole.Start().Evaluate(whole.Data).Mean, windows.Start().Evaluate(whole.Data).Mean, 1e-12);
    }

    [Fact]
    public void Data_of_other_shapes_may_be_evaluated_in_turn()
    {
        TrainingJob job = new();
        TrainingArrays shorter = new(TestNetworks.Noise(5 * 3 * TrainingJob.I), TestNetworks.Noise(5 * 3, seed: 2), count: 5, time: 3, targetTime: 3);
        Trainer trainer = job.Start();
        Assert.All(new[] { job.Data, shorter, job.Data }, data => Assert.Equal(job.Start().Evaluate(data), trainer.Evaluate(data)));
    }

    [Fact]
    public void Fit_trains_whatever_the_mode_and_leaves_it_as_it_was()
    {
        TrainingJob job = new() { Definition = new ModelBuilder(TrainingJob.I).Lstm(3).Dropout(0.5f).Dense(TrainingJob.O).Build() };
        Trainer trainer = job.Start();
        trainer.Model.IsTraining = false;
        trainer.Fit(job.Data);
        Assert.False(trainer.Model.IsTraining);
        Bits.Equal(TrainingJob.Weights(job.Run()), TrainingJob.Weights(trainer), "weights");
    }

    [Fact]
    public void Cancelled_training_keeps_its_last_weights_not_its_best()
    {
        // Steps so long that the loss soon rises again: the best weights lie behind the last ones.
        TrainingJob job = new()
        {
            Optimizer = new Sgd { LearningRate = 2 },
            Options = new() { BatchSize = 4, Epochs = 9, EarlyStopping = new() { Patience = 100 }, Clipping = GradientClipping.ByGlobalNorm(1) },
        };
        using CancellationTokenSource cancellation = new();
        Trainer trainer = (job with
        {
            Options = job.Options with
            {
                StepEnded = (_, progress) =>
                {
                    if (progress.Iteration == 20)
                    {
                        cancellation.Cancel();
                    }
                },
            },
        }).Start();
        trainer.Fit(job.Data, null, null, cancellation.Token);
        Assert.Equal(TrainingEnd.Cancelled, trainer.History.End);
        Assert.True(trainer.History.BestEpoch < 6, $"the best epoch is {trainer.History.BestEpoch}");

        Trainer plain = (job with { Options = job.Options with { EarlyStopping = null, MaxIterations = 20 } }).Run();
        Bits.Equal(TrainingJob.Weights(plain), TrainingJob.Weights(trainer), "weights");
    }
}
