using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>What Fit does around its steps: order, windows, validation, early stopping, ends, reports.</summary>
public class TrainerTests
{
    private const int BatchesAnEpoch = 3; // 10 samples, 4 at once

    [Fact]
    public void The_loss_falls_and_the_history_says_how()
    {
        TrainingJob job = new() { Validation = TrainingJob.Means(5, seed: 2), Options = new() { BatchSize = 4, Epochs = 12, ValidationInterval = 3 } };
        Trainer trainer = job.Run();
        TrainingHistory history = trainer.History;
        Assert.Equal(TrainingEnd.Completed, history.End);
        Assert.Equal(12, history.Epochs.Count);
        Assert.Equal(12 * BatchesAnEpoch, history.Losses.Count);
        Assert.Equal(12 * BatchesAnEpoch, history.GradientNorms.Count);
        Assert.Equal(12 * BatchesAnEpoch, trainer.Iteration);
        Assert.True(history.Epochs[^1].Loss < 0.7 * history.Epochs[0].Loss, $"{history.Epochs[0].Loss} to {history.Epochs[^1].Loss}");
        for (int epoch = 0; epoch < 12; epoch++)
        {
            EpochRecord record = history.Epochs[epoch];
            Assert.Equal((epoch, (epoch + 1) * BatchesAnEpoch, 0.02, 0), (record.Epoch, record.Iterations, record.LearningRate, record.Refused));
            Assert.Equal((epoch + 1) % 3 == 0, record.ValidationLoss is not null);
            double[] losses = [.. history.Losses.Skip(epoch * BatchesAnEpoch).Take(BatchesAnEpoch)];
            Assert.Equal(((4 * losses[0]) + (4 * losses[1]) + (2 * losses[2])) / 10, record.Loss, 1e-12);
            Assert.Equal(history.GradientNorms.Skip(epoch * BatchesAnEpoch).Take(BatchesAnEpoch).Max(), record.GradientNorm);
        }

        Assert.Equal(history.Epochs[^1].ValidationLoss, trainer.Evaluate(job.Validation).Mean);
        Assert.Null(history.BestEpoch);
    }

    [Fact]
    public void Fit_is_the_same_as_steps_on_the_batches_that_the_order_gives()
    {
        TrainingJob job = new();
        Trainer byHand = job.Start();
        EpochOrder order = new(TrainingJob.Count, shuffle: true, job.Options.Seed);
        BatchBuffers buffers = new(job.Data.Shape, 4);
        for (int epoch = 0; epoch < job.Options.Epochs; epoch++)
        {
            for (int first = 0; first < TrainingJob.Count; first += 4)
            {
                SampleBatch batch = buffers.Fill(job.Data, order.Samples(epoch, first, Math.Min(4, TrainingJob.Count - first)), epoch);
                byHand.Step(batch.Inputs, batch.Targets, TrainingJob.T, batch.Rows);
            }
        }

        Bits.Equal(TrainingJob.Weights(byHand), TrainingJob.Weights(job.Run()), "weights");
    }

    [Fact]
    public void A_seed_gives_the_same_weights_and_another_one_others()
    {
        TrainingJob job = new();
        float[] weights = TrainingJob.Weights(job.Run());
        Bits.Equal(weights, TrainingJob.Weights(job.Run()), "weights");
        Assert.False(Bits.Same(weights, TrainingJob.Weights((job with { Options = job.Options with { Seed = 6 } }).Run())));
        Assert.False(Bits.Same(weights, TrainingJob.Weights((job with { Options = job.Options with { Shuffle = false } }).Run())));
    }

    [Fact]
    public void Truncated_equals_full_where_the_window_covers_the_sequence()
    {
        TrainingJob full = new(), covered = full with { Options = full.Options with { TruncatedSteps = TrainingJob.T } };
        Bits.Equal(TrainingJob.Weights(full.Run()), TrainingJob.Weights(covered.Run()), "weights");
    }

    [Fact]
    public void A_window_starts_from_the_state_in_which_the_one_before_ended()
    {
        TrainingJob job = new() { MaxTime = 4, Options = new() { BatchSize = 4, Epochs = 2, TruncatedSteps = 4, Shuffle = false } };
        Trainer byHand = job.Start();
        BatchBuffers buffers = new(job.Data.Shape, 4);
        for (int step = 0; step < job.Options.Epochs * BatchesAnEpoch; step++)
        {
            int first = step % BatchesAnEpoch * 4, rows = Math.Min(4, TrainingJob.Count - first);
            SampleBatch batch = buffers.Fill(job.Data, [.. Enumerable.Range(first, rows)], 0);
            RecurrentState state = byHand.Model.CreateState(rows);
            byHand.Step(batch.Inputs[..(4 * rows * TrainingJob.I)], batch.Targets[..(4 * rows)], 4, rows, new() { FinalState = state });
            byHand.Step(batch.Inputs[(4 * rows * TrainingJob.I)..], batch.Targets[(4 * rows)..], 2, rows, new() { InitialState = state });
        }

        Bits.Equal(TrainingJob.Weights(byHand), TrainingJob.Weights(job.Run()), "weights");
    }

    [Fact]
    public void Windows_in_which_nothing_counts_carry_the_state_and_change_nothing()
    {
        // The first window is warm-up: one step a batch remains, and it starts from where the warm-up ended.
        TrainingArrays means = TrainingJob.Means(TrainingJob.Count, seed: 1);
        ITrainingData late = Weighted(means, 0, 0, 0, 1, 1, 1);
        TrainingJob job = new() { Data = late, MaxTime = 3, Options = new() { BatchSize = 4, TruncatedSteps = 3 } };
        Trainer trainer = job.Run();
        Assert.Equal(BatchesAnEpoch, trainer.Iteration);
        Assert.Equal(BatchesAnEpoch, trainer.History.Losses.Count);
        Trainer whole = (job with { MaxTime = TrainingJob.T, Options = job.Options with { TruncatedSteps = 0 } }).Run();
        Assert.Equal(whole.History.Losses[0], trainer.History.Losses[0], 1e-7);
    }

    [Fact]
    public void Lengths_take_the_end_of_short_rows_out_of_the_loss()
    {
        float[] x = TestNetworks.Noise(4 * TrainingJob.T * TrainingJob.I), y = TestNetworks.Noise(4 * TrainingJob.T, seed: 3);
        float[] other = [.. y];
        int[] lengths = [6, 2, 4, 1];
        for (int row = 0; row < 4; row++)
        {
            other.AsSpan((row * TrainingJob.T) + lengths[row], TrainingJob.T - lengths[row]).Fill(1e6f);
        }

        float[] Train(float[] targets, int truncated) => TrainingJob.Weights((new TrainingJob
        {
            Data = new TrainingArrays(x, targets, 4, TrainingJob.T, TrainingJob.T) { Lengths = lengths },
            Options = new() { BatchSize = 4, Epochs = 2, TruncatedSteps = truncated },
        }).Run());

        Bits.Equal(Train(y, 0), Train(other, 0), "whole sequences");
        Bits.Equal(Train(y, 2), Train(other, 2), "windows");
    }

    [Fact]
    public void Lengths_of_the_input_take_nothing_out_of_an_output_that_has_steps_of_its_own()
    {
        const int N = 3, Steps = 4;
        ModelBuilder vector = new ModelBuilder(TrainingJob.I).Gru(2).LastStep(), sequence = new ModelBuilder(TrainingJob.I).Gru(2).FinalState().RepeatVector(Steps);
        foreach ((ModelBuilder builder, int steps) in new[] { (vector, 1), (sequence, Steps) })
        {
            TrainingArrays data = new(TestNetworks.Noise(N * TrainingJob.T * TrainingJob.I), TestNetworks.Noise(N * steps, seed: 3), N, TrainingJob.T, steps) { Lengths = new[] { 3, 2, 0 } };
            Assert.Equal(N * steps, (new TrainingJob { Definition = builder.Dense(TrainingJob.O).Build(), Data = data }).Start().Evaluate(data).Weight);
        }
    }

    [Fact]
    public void Early_stopping_ends_the_training_and_puts_the_best_weights_back()
    {
        // A rate at which the loss soon grows.
        TrainingJob job = new()
        {
            Optimizer = new Sgd { LearningRate = 3, Momentum = 0.95 },
            Validation = TrainingJob.Means(6, seed: 4),
            Options = new() { BatchSize = 4, Epochs = 60, EarlyStopping = new() { Patience = 4 }, Clipping = GradientClipping.ByGlobalNorm(1) },
        };
        Trainer trainer = job.Run();
        TrainingHistory history = trainer.History;
        Assert.Equal(TrainingEnd.EarlyStopped, history.End);
        double[] losses = [.. history.Epochs.Select(epoch => epoch.ValidationLoss!.Value)];
        int best = Array.IndexOf(losses, losses.Min());
        Assert.Equal(best, history.BestEpoch);
        Assert.Equal(best + 4, losses.Length - 1);
        Assert.Equal(losses[best], trainer.Evaluate(job.Validation).Mean);

        Trainer last = (job with { Options = job.Options with { EarlyStopping = new() { Patience = 4, RestoreBest = false } } }).Run();
        Assert.Equal(losses[^1], last.Evaluate(job.Validation).Mean);
    }

    [Fact]
    public void Early_stopping_watches_the_epochs_where_there_are_no_validation_data()
    {
        TrainingJob job = new() { Optimizer = new Sgd { LearningRate = 0 }, Options = new() { BatchSize = 4, Epochs = 50, Shuffle = false, EarlyStopping = new() { Patience = 3 } } };
        Trainer trainer = job.Run();
        Assert.Equal((TrainingEnd.EarlyStopped, 0, 4), (trainer.History.End, trainer.History.BestEpoch!.Value, trainer.History.Epochs.Count));
    }

    [Fact]
    public void The_schedule_sees_epochs_steps_and_losses()
    {
        TrainingJob job = new() { Optimizer = new Sgd { LearningRate = 0.5 }, Options = new() { BatchSize = 4, Epochs = 4, Schedule = new StepSchedule(2, 0.1) } };
        Assert.Equal([0.5, 0.5, 0.05, 0.05], job.Run().History.Epochs.Select(epoch => epoch.LearningRate));

        // Nothing is learnt at rate 0, so every epoch but the first is a bad one.
        TrainingJob flat = new()
        {
            Optimizer = new Sgd { LearningRate = 1e-30 },
            Options = new() { BatchSize = 4, Epochs = 5, Shuffle = false, Schedule = new PlateauSchedule { Patience = 1, Decay = 0.5 } },
        };
        Assert.Equal([1e-30, 1e-30, 1e-30, 5e-31, 5e-31], flat.Run().History.Epochs.Select(epoch => epoch.LearningRate));
    }

    [Fact]
    public void A_schedule_of_steps_begins_with_the_first_factor_and_goes_on_behind_each_step()
    {
        List<double> rates = [];
        TrainingJob job = new()
        {
            Optimizer = new Sgd { LearningRate = 0.5 },
            Options = new()
            {
                BatchSize = 4,
                Epochs = 2,
                Schedule = new ExponentialSchedule(0.5) { Unit = ScheduleUnit.Step },
                StepEnded = (_, progress) => rates.Add(progress.LearningRate),
            },
        };
        job.Run();
        Assert.Equal([0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625], rates);
    }

    [Fact]
    public void A_plateau_is_one_of_the_validation_loss_where_there_is_one()
    {
        // What falls in training rises in a validation whose targets have the other sign.
        PlateauSchedule plateau = new() { Patience = 0, Decay = 0.5 };
        TrainingJob job = new() { Validation = TrainingJob.Means(6, seed: 4, factor: -1), Options = new() { BatchSize = 4, Epochs = 6, Schedule = plateau } };
        EpochRecord[] epochs = [.. job.Run().History.Epochs];
        Assert.Equal(Rates(epoch => epoch.ValidationLoss!.Value), epochs.Select(epoch => epoch.LearningRate));
        Assert.NotEqual(Rates(epoch => epoch.Loss), epochs.Select(epoch => epoch.LearningRate));

        IEnumerable<double> Rates(Func<EpochRecord, double> metric)
        {
            ScheduleState state = default;
            foreach (EpochRecord epoch in epochs)
            {
                yield return job.Optimizer.LearningRate * plateau.Factor(epoch.Epoch, epoch.Iterations, state);
                state = plateau.Observe(state, metric(epoch));
            }
        }
    }

    [Fact]
    public void Training_ends_behind_as_many_iterations_as_are_allowed()
    {
        Trainer trainer = (new TrainingJob { Options = new() { BatchSize = 4, Epochs = 9, MaxIterations = 4 } }).Run();
        Assert.Equal((TrainingEnd.Completed, 4, 1), (trainer.History.End, trainer.Iteration, trainer.History.Epochs.Count));
        Trainer even = (new TrainingJob { Options = new() { BatchSize = 4, Epochs = 9, MaxIterations = 6 } }).Run();
        Assert.Equal((TrainingEnd.Completed, 6, 2), (even.History.End, even.Iteration, even.History.Epochs.Count));
    }

    [Fact]
    public void A_finished_trainer_has_nothing_left_to_do()
    {
        TrainingJob job = new();
        Trainer trainer = job.Run();
        float[] weights = TrainingJob.Weights(trainer);
        Assert.Same(trainer.History, trainer.Fit(job.Data));
        Bits.Equal(weights, TrainingJob.Weights(trainer), "weights");
    }

    [Fact]
    public void Cancelled_training_goes_on_where_it_ended()
    {
        TrainingJob job = new();
        float[] wanted = TrainingJob.Weights(job.Run());
        for (int steps = 0; steps < 3 * BatchesAnEpoch; steps++)
        {
            using CancellationTokenSource cancellation = new();
            int left = steps;
            Trainer trainer = (job with { Options = job.Options with { StepEnded = (_, _) => CountDown() } }).Start();
            CountDown();
            trainer.Fit(job.Data, cancellation: cancellation.Token);
            Assert.Equal((TrainingEnd.Cancelled, steps), (trainer.History.End, trainer.Iteration));
            trainer.Fit(job.Data);
            Assert.Equal(TrainingEnd.Completed, trainer.History.End);
            Bits.Equal(wanted, TrainingJob.Weights(trainer), $"weights, cancelled behind step {steps}");

            void CountDown()
            {
                if (left-- == 0)
                {
                    cancellation.Cancel();
                }
            }
        }
    }

    [Fact]
    public void A_callback_may_stop_the_training()
    {
        Trainer trainer = (new TrainingJob { Options = new() { BatchSize = 4, Epochs = 3, EpochEnded = (trainer, _) => trainer.Stop() } }).Run();
        Assert.Equal((TrainingEnd.Cancelled, 1), (trainer.History.End, trainer.History.Epochs.Count));
    }

    [Fact]
    public void Progress_and_callbacks_come_at_their_intervals()
    {
        List<TrainingProgress> reports = [], steps = [], epochs = [];
        TrainingJob job = new()
        {
            Options = new() { BatchSize = 4, Epochs = 2, ReportInterval = 2, StepEnded = (_, progress) => steps.Add(progress), EpochEnded = (_, progress) => epochs.Add(progress) },
        };
        Trainer trainer = job.Start();
        trainer.Fit(job.Data, TrainingJob.Means(3, seed: 9), new Recorder(reports));
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Select(step => step.Iteration));
        Assert.Equal(trainer.History.Losses, steps.Select(step => step.Loss));
        Assert.Equal([(2, false), (3, true), (4, false), (6, false), (6, true)], reports.Select(report => ((int)report.Iteration, report.IsEpochEnd)));
        Assert.Equal(trainer.History.Epochs.Select(epoch => epoch.ValidationLoss), epochs.Select(epoch => epoch.ValidationLoss));
        Assert.Equal([0, 1], epochs.Select(epoch => epoch.Epoch));
    }

    [Fact]
    public void A_model_is_evaluated_as_at_inference()
    {
        TrainingJob job = new();
        Trainer trainer = job.Run();
        TrainingArrays data = TrainingJob.Means(7, seed: 8);
        LossValue found = trainer.Evaluate(data);
        SampleBatch all = new BatchBuffers(data.Shape, 7).Fill(data, [.. Enumerable.Range(0, 7)], 0);
        float[] y = TestNetworks.Forward(trainer.Model.ToModel(), all.Inputs.ToArray(), TrainingJob.T, 7);
        LossValue wanted = Loss.MeanSquaredError.Evaluate(y, all.Targets, TrainingJob.T, 7, TrainingJob.O, default);
        Assert.Equal(wanted.Mean, found.Mean, 1e-12);
        Assert.Equal(wanted.Weight, found.Weight);
        Assert.True(trainer.Model.IsTraining);
    }

    private static TrainingArrays Weighted(TrainingArrays data, params float[] weights)
    {
        SampleBatch all = new BatchBuffers(data.Shape, data.Count).Fill(data, [.. Enumerable.Range(0, data.Count)], 0);
        float[] x = new float[all.Inputs.Length], y = new float[all.Targets.Length];
        for (int row = 0; row < data.Count; row++)
        {
            for (int t = 0; t < data.Shape.Time; t++)
            {
                all.Input(t, row).CopyTo(x.AsSpan(((row * data.Shape.Time) + t) * TrainingJob.I));
                all.Target(t, row).CopyTo(y.AsSpan((row * data.Shape.Time) + t));
            }
        }

        return new TrainingArrays(x, y, data.Count, data.Shape.Time, data.Shape.TargetTime) { Weights = weights };
    }

    private sealed class Recorder(List<TrainingProgress> reports) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => reports.Add(value);
    }
}
