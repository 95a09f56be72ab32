using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>R16: a random training with random options, broken off again and again in every way there is, ends with the bits of one that was not.</summary>
public sealed class ResumePropertyTests : IDisposable
{
    private const int I = TrainingJob.I, T = TrainingJob.T;

    private readonly string _folder = Directory.CreateTempSubdirectory("resume").FullName;

    private enum Break
    {
        Stop,
        Cancel,
        CancelAtEpoch,
        ThrowBehindCheckpoint,
        ThrowAtEpoch,
        BadData,
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Any_training_goes_on_from_any_point() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        TrainingJob job = Job(draw);
        Trainer whole = job.Run();
        string path = Path.Combine(_folder, $"{seed}.checkpoint");
        Trainer found = job.Start();
        found.SaveCheckpoint(path);
        string how = string.Empty;
        for (int breaks = draw.Int(1, 3); breaks > 0; breaks--)
        {
            var kind = (Break)draw.Int(0, (int)Break.BadData);
            int at = draw.Int(1, Math.Max(1, (int)whole.Iteration));
            how += $"{kind} at {at}, ";
            Trainer broken = RunUntil(job, path, kind, at);
            found = draw.Int(0, 3) == 0 && kind != Break.ThrowBehindCheckpoint ? broken : Loaded(job, path);
        }

        found.Fit(job.Data, job.Validation);
        ResumeTests.RequireEqual(whole, found, $"{how}{job}");
        File.Delete(path);
    }, count: 150);

    private static Trainer Loaded(TrainingJob job, string path)
    {
        Trainer trainer = job.Start();
        trainer.LoadCheckpoint(path);
        return trainer;
    }

    /// <summary>Goes on from the checkpoint until the training is broken off, or ends before that.</summary>
    private static Trainer RunUntil(TrainingJob job, string path, Break kind, int at)
    {
        using CancellationTokenSource source = new();
        bool isBroken = false; // once: the same trainer may go on behind it
        bool throws = kind is Break.ThrowBehindCheckpoint or Break.ThrowAtEpoch or Break.BadData;
        TrainingJob breaking = job with
        {
            Options = job.Options with
            {
                CheckpointPath = path,
                CheckpointInterval = throws ? 1 : int.MaxValue,
                StepEnded = (trainer, progress) =>
                {
                    if (progress.Iteration < at || isBroken)
                    {
                        return;
                    }

                    isBroken = kind is Break.Stop or Break.Cancel or Break.ThrowBehindCheckpoint;
                    switch (kind)
                    {
                        case Break.Stop:
                            trainer.Stop();
                            break;
                        case Break.Cancel:
                            source.Cancel();
                            break;
                        case Break.ThrowBehindCheckpoint:
                            throw new TimeoutException();
                    }
                },
                EpochEnded = (_, progress) =>
                {
                    if (progress.Iteration < at || isBroken || kind is not (Break.CancelAtEpoch or Break.ThrowAtEpoch))
                    {
                        return;
                    }

                    isBroken = true;
                    if (kind == Break.ThrowAtEpoch)
                    {
                        throw new TimeoutException();
                    }

                    source.Cancel();
                },
            },
        };
        Trainer trainer = Loaded(breaking, path);
        try
        {
            trainer.Fit(kind == Break.BadData ? new FailingData(job.Data, at) : job.Data, job.Validation, null, source.Token);
        }
        catch (TimeoutException) when (throws)
        {
            // The process is gone: what remains is the last checkpoint.
        }

        return trainer;
    }

    private static TrainingJob Job(Draw draw)
    {
        bool truncates = draw.Int(0, 3) == 0, validates = draw.Bool();
        return new TrainingJob
        {
            Definition = Network(draw, truncates),
            Optimizer = One<Optimizer>(
                draw, new Sgd { LearningRate = 0.1, WeightDecay = 0.01 }, new Sgd { LearningRate = 0.1, Momentum = 0.9, Nesterov = true }, new RmsProp(), new Adagrad { LearningRate = 0.2 },
                new Adam { LearningRate = 0.05 }, AdamW.Keras with { LearningRate = 0.05 }),
            MaxTime = truncates ? 2 : T,
            Threads = draw.Int(1, 2),
            Data = Data(draw),
            Validation = validates ? TrainingJob.Means(5, seed: 2) : null,
            Options = new()
            {
                BatchSize = draw.Int(2, 4),
                Epochs = draw.Int(2, 4),
                Seed = 7,
                Shuffle = draw.Bool(),
                TruncatedSteps = truncates ? 2 : 0,
                ValidationInterval = draw.Int(1, 2),
                NonFinite = NonFiniteGradients.Skip,
                Clipping = One(draw, GradientClipping.None, GradientClipping.ByGlobalNorm(0.1), GradientClipping.ByNorm(0.1), GradientClipping.ByValue(0.05f)),
                EarlyStopping = One(draw, null, new EarlyStopping { Patience = 1 }, new EarlyStopping { Patience = 2, MinDelta = 0.01, RestoreBest = false }),
                Schedule = One<LearningRateSchedule>(
                    draw, new ConstantSchedule(), new StepSchedule(1, 0.5), new ExponentialSchedule(0.9) { Unit = ScheduleUnit.Step },
                    new WarmUpSchedule(3, new CosineSchedule(8) { Unit = ScheduleUnit.Step }), new PlateauSchedule { Patience = 0, Decay = 0.5, Cooldown = 1 }),
            },
        };
    }

    private static ModelDefinition Network(Draw draw, bool isCausal)
    {
        ModelBuilder builder = new(I);
        builder = draw.Bool() ? builder.Dropout(0.2f) : builder;
        for (int layers = draw.Int(1, 2); layers > 0; layers--)
        {
            RecurrentCell cell = One<RecurrentCell>(draw, new SimpleRnnCell(4), new LstmCell(3) { Peepholes = true, ProjectionSize = 2 }, new GruCell(3), new LayerNormLstmCell(3));
            builder = builder.Add(new RecurrentLayer(cell, isCausal ? Direction.Forward : One(draw, Enum.GetValues<Direction>()))
            {
                Merge = One(draw, Enum.GetValues<Merge>()),
                RecurrentDropout = draw.Bool() ? 0.2f : 0,
                HiddenZoneout = draw.Bool() ? 0.1f : 0,
                CellZoneout = draw.Bool() && cell.HasCellState ? 0.3f : 0,
            });
            builder = draw.Int(0, 2) == 0 ? builder.BatchNorm() : builder;
        }

        return builder.Dense(TrainingJob.O).Build();
    }

    /// <summary>Ten sequences, some of lengths of their own, in some trainings one that is no number.</summary>
    private static TrainingArrays Data(Draw draw)
    {
        float[] x = TestNetworks.Noise(TrainingJob.Count * T * I), y = TestNetworks.Noise(TrainingJob.Count * T, seed: 3);
        if (draw.Int(0, 2) == 0)
        {
            x[draw.Int(0, x.Length - 1)] = float.NaN;
        }

        return new TrainingArrays(x, y, TrainingJob.Count, T, T)
        {
            Lengths = draw.Bool() ? Enumerable.Range(0, TrainingJob.Count).Select(sample => 1 + (sample * 5 % T)).ToArray() : default,
        };
    }

    private static TValue One<TValue>(Draw draw, params TValue[] values) => values[draw.Int(0, values.Length - 1)];

    /// <summary>Data that cannot be read any more at some point.</summary>
    private sealed class FailingData(ITrainingData data, int fills) : ITrainingData
    {
        private int _left = fills;

        public int Count => data.Count;

        public SampleShape Shape => data.Shape;

        public void Fill(ReadOnlySpan<int> samples, int epoch, SampleBatch batch)
        {
            if (--_left == 0)
            {
                throw new TimeoutException();
            }

            data.Fill(samples, epoch, batch);
        }
    }
}
