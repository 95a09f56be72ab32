namespace FastRecurrent.Tests.Training;

/// <summary>R16: training that is broken off at any step and goes on in a new process ends with the bits of training that was not.</summary>
public sealed class ResumeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("resume").FullName;

    private string Path => System.IO.Path.Combine(_folder, "run.checkpoint");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Names => [.. Jobs.Keys];

    private static readonly Dictionary<string, TrainingJob> Jobs = new()
    {
        ["Adam, shuffled"] = new(),
        ["momentum, steps of a schedule"] = new()
        {
            Optimizer = new Sgd { LearningRate = 0.1, Momentum = 0.9 },
            Options = new() { BatchSize = 4, Epochs = 3, Schedule = new ExponentialSchedule(0.9) { Unit = ScheduleUnit.Step } },
        },
        ["a plateau, validation, the best weights put back"] = new()
        {
            Optimizer = new Sgd { LearningRate = 3, Momentum = 0.9 },
            Validation = TrainingJob.Means(5, seed: 2),
            Options = new()
            {
                BatchSize = 4,
                Epochs = 7,
                Schedule = new PlateauSchedule { Patience = 0, Decay = 0.7 },
                EarlyStopping = new() { Patience = 3 },
                Clipping = GradientClipping.ByGlobalNorm(1),
            },
        },
        ["a plateau with a cooldown"] = new()
        {
            Optimizer = new Sgd { LearningRate = 0.1 },
            Options = new() { BatchSize = 4, Epochs = 7, Schedule = new PlateauSchedule { Patience = 0, Decay = 0.5, Threshold = 0.9, Cooldown = 2 } },
        },
        ["SGD, a step schedule"] = new() { Optimizer = new Sgd { LearningRate = 0.1 }, Options = new() { BatchSize = 4, Epochs = 3, Schedule = new StepSchedule(1, 0.5) } },
        ["Nesterov, the warm-up of a cosine"] = new()
        {
            Optimizer = new Sgd { LearningRate = 0.1, Momentum = 0.9, Nesterov = true },
            Options = new() { BatchSize = 4, Epochs = 3, Schedule = new WarmUpSchedule(3, new CosineSchedule(8) { Unit = ScheduleUnit.Step, Minimum = 0.1 }) },
        },
        ["AdamW, a cosine with restarts"] = new()
        {
            Optimizer = new AdamW { LearningRate = 0.02 },
            Options = new() { BatchSize = 4, Epochs = 3, Schedule = new CosineSchedule(2) { Unit = ScheduleUnit.Step, Restarts = true, PeriodGrowth = 2 } },
        },
        ["Adagrad, the warm-up of a plateau"] = new()
        {
            Optimizer = new Adagrad { LearningRate = 0.3 },
            Validation = TrainingJob.Means(5, seed: 2),
            Options = new() { BatchSize = 4, Epochs = 5, Schedule = new WarmUpSchedule(2, new PlateauSchedule { Patience = 0, Threshold = 0.5 }) { Unit = ScheduleUnit.Epoch } },
        },
        ["RMSProp of Keras, early stopping without validation"] = new()
        {
            Optimizer = RmsProp.Keras with { LearningRate = 0.3 },
            Options = new() { BatchSize = 4, Epochs = 8, EarlyStopping = new() { Patience = 1 } },
        },
        ["windows"] = new() { MaxTime = 2, Options = new() { BatchSize = 4, Epochs = 2, TruncatedSteps = 2 } },
        ["running statistics"] = new()
        {
            Definition = new ModelBuilder(TrainingJob.I).BatchNorm().Bidirectional(new GruCell(2)).BatchNorm().Dense(1).Build(),
            Optimizer = new RmsProp(),
            Validation = TrainingJob.Means(5, seed: 2),
        },
        ["drawn samples"] = new() { Data = Draws(), Options = new() { BatchSize = 4, Epochs = 2 } },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void A_resumed_training_equals_one_that_was_not_interrupted(string name)
    {
        TrainingJob job = Jobs[name];
        Trainer whole = job.Run();
        int steps = (int)whole.Iteration;
        for (int stop = 0; stop <= steps; stop++)
        {
            TrainingJob stopping = job with
            {
                Options = job.Options with
                {
                    CheckpointPath = Path,
                    CheckpointInterval = int.MaxValue,
                    StepEnded = (trainer, progress) =>
                    {
                        if (progress.Iteration == stop)
                        {
                            trainer.Stop();
                        }
                    },
                },
            };
            Trainer first = stopping.Start();
            if (stop == 0)
            {
                first.SaveCheckpoint(Path);
            }
            else
            {
                first.Fit(job.Data, job.Validation);
            }

            Trainer second = job.Start();
            second.LoadCheckpoint(Path);
            Assert.Equal(stop, second.Iteration);
            second.Fit(job.Data, job.Validation);
            RequireEqual(whole, second, $"{name}, stopped behind step {stop}");
        }
    }

    [Fact]
    public void Checkpoints_at_an_interval_may_fall_on_the_last_step_of_an_epoch()
    {
        TrainingJob job = new() { Validation = TrainingJob.Means(3, seed: 2) };
        Trainer whole = job.Run();
        for (int interval = 1; interval <= 9; interval++)
        {
            // The process ends without a word behind the seventh step: what remains is the last checkpoint.
            TrainingJob broken = job with { Options = job.Options with { CheckpointPath = Path, CheckpointInterval = interval, StepEnded = Break } };
            Assert.Throws<InvalidOperationException>(() => broken.Start().Fit(job.Data, job.Validation));
            Trainer second = job.Start();
            if (interval < 7)
            {
                second.LoadCheckpoint(Path);
                Assert.Equal(6 / interval * interval, second.Iteration);
                File.Delete(Path);
            }

            second.Fit(job.Data, job.Validation);
            RequireEqual(whole, second, $"interval {interval}");
        }

        static void Break(Trainer trainer, TrainingProgress progress)
        {
            if (progress.Iteration == 7)
            {
                throw new InvalidOperationException();
            }
        }
    }

    [Fact]
    public void A_checkpoint_of_one_instruction_set_goes_on_with_another()
    {
        TrainingJob job = new();
        Trainer whole = job.Run();
        foreach (KernelSet kernels in Enum.GetValues<KernelSet>())
        {
            Trainer first = (job with { Kernels = kernels, Options = job.Options with { MaxIterations = 4, CheckpointPath = Path } }).Run();
            Assert.Equal(4, first.Iteration);
            Trainer second = job.Start();
            second.LoadCheckpoint(Path);
            second.Fit(job.Data);
            RequireEqual(whole, second, $"begun with {kernels}");
        }
    }

    [Fact]
    public void A_finished_training_goes_on_with_more_epochs_from_its_last_weights_and_not_from_the_best()
    {
        TrainingJob job = Jobs["a plateau, validation, the best weights put back"];
        job = job with { Options = job.Options with { EarlyStopping = new() { Patience = 100 }, Epochs = 6 } };
        Trainer whole = job.Run();
        Trainer first = (job with { Options = job.Options with { Epochs = 4, CheckpointPath = Path } }).Run();
        Assert.Equal(TrainingEnd.Completed, first.History.End);
        first.Fit(job.Data, job.Validation); // has nothing to do, and does not write the best weights over the last ones
        Trainer second = job.Start();
        second.LoadCheckpoint(Path);
        second.Fit(job.Data, job.Validation);
        RequireEqual(whole, second, "two more epochs");
    }

    [Fact]
    public void A_checkpoint_goes_on_counting_the_time_from_where_it_was()
    {
        // In the second epoch, where the time of the epoch is not that of the whole training.
        TrainingJob job = new();
        Trainer first = (job with { Options = job.Options with { MaxIterations = 4, CheckpointPath = Path } }).Run(), second = job.Start();
        second.LoadCheckpoint(Path);
        Assert.Equal((first.State.Elapsed, first.State.EpochTime), (second.State.Elapsed, second.State.EpochTime));
        Assert.NotEqual(second.State.Elapsed, second.State.EpochTime);
        Assert.Equal(first.History.Epochs.Select(epoch => epoch.Time), second.History.Epochs.Select(epoch => epoch.Time));
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_and_nothing_changes()
    {
        TrainingJob job = new();
        (job with { Options = job.Options with { CheckpointPath = Path } }).Run();
        foreach ((TrainingJob other, string word) in new[]
        {
            (job with { Definition = new ModelBuilder(TrainingJob.I).Lstm(4).Dense(1).Build() }, "another network"),
            (job with { Definition = new ModelBuilder(TrainingJob.I).Recurrent(new LstmCell(3) { CellClip = 0.5f }).Dense(1).Build() }, "CellClip = 0.5"),
            (job with { Optimizer = new Sgd { Momentum = 0.9 } }, "Adam"),
            (job with { Options = job.Options with { Seed = 6 } }, "Seed"),
            (job with { Options = job.Options with { Shuffle = false } }, "Shuffle"),
            (job with { Options = job.Options with { BatchSize = 3 } }, "BatchSize"),
            (job with { Options = job.Options with { TruncatedSteps = 3 } }, "TruncatedSteps"),
        })
        {
            Trainer trainer = other.Start();
            float[] weights = TrainingJob.Weights(trainer);
            CheckpointException error = Assert.Throws<CheckpointException>(() => trainer.LoadCheckpoint(Path));
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
            Bits.Equal(weights, TrainingJob.Weights(trainer), word);
            Assert.Equal(0, trainer.Iteration);
        }
    }

    [Fact]
    public void A_checkpoint_cut_short_is_refused_and_nothing_changes()
    {
        TrainingJob job = new();
        Trainer trainer = (job with { Options = job.Options with { CheckpointPath = Path } }).Run();
        byte[] whole = File.ReadAllBytes(Path);
        float[] weights = TrainingJob.Weights(trainer);

        // Every length near the ends, and one a part in between.
        foreach (int length in Enumerable.Range(0, 100).Concat(Enumerable.Range(100, whole.Length - 200).Where(n => n % 61 == 0)).Concat(Enumerable.Range(whole.Length - 100, 100)))
        {
            File.WriteAllBytes(Path, whole[..length]);
            Assert.Contains("torn", Assert.Throws<CheckpointException>(() => trainer.LoadCheckpoint(Path)).Message, StringComparison.Ordinal);
        }

        Bits.Equal(weights, TrainingJob.Weights(trainer), "weights");
    }

    internal static void RequireEqual(Trainer wanted, Trainer found, string what)
    {
        Bits.Equal(TrainingJob.Weights(wanted), TrainingJob.Weights(found), $"weights: {what}");
        ParameterSet[] moments = wanted.Updater.ExportMoments(), others = found.Updater.ExportMoments();
        for (int i = 0; i < moments.Length; i++)
        {
            Bits.Equal(TrainingJob.Flat(moments[i]), TrainingJob.Flat(others[i]), $"moments: {what}");
        }

        Assert.Equal(wanted.History.Losses, found.History.Losses);
        Assert.Equal(wanted.History.GradientNorms, found.History.GradientNorms);
        Assert.Equal(wanted.History.Epochs.Select(epoch => epoch with { Time = default }), found.History.Epochs.Select(epoch => epoch with { Time = default }));
        Assert.Equal((wanted.History.End, wanted.History.BestEpoch, wanted.Iteration), (found.History.End, found.History.BestEpoch, found.Iteration));
        Assert.Equal(wanted.Updater.StepCount, found.Updater.StepCount);
        Assert.Equal(wanted.Model.ForwardCount, found.Model.ForwardCount);
    }

    private static TrainingDraws Draws()
    {
        float[] series = TestNetworks.Noise(500);
        return new TrainingDraws(TrainingJob.Count, new SampleShape(TrainingJob.T, TrainingJob.I, TrainingJob.T, TrainingJob.O), seed: 4, (random, batch, row) =>
        {
            int start = (int)(random % 480);
            for (int t = 0; t < TrainingJob.T; t++)
            {
                series.AsSpan(start + t, TrainingJob.I).CopyTo(batch.Input(t, row));
                batch.Target(t, row)[0] = series[start + t + TrainingJob.I];
            }
        });
    }
}
