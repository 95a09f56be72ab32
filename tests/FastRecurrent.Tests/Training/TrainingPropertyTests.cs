using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>Whole trainings that nobody chose: of any network, optimizer and options.</summary>
public sealed class TrainingPropertyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("property").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_window_that_covers_the_sequence_trains_as_without_windows() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        TrainingJob full = Job(draw) with { MaxTime = TrainingJob.T + 3 };
        full = full with { Options = full.Options with { TruncatedSteps = 0 } };
        TrainingJob covered = full with { Options = full.Options with { TruncatedSteps = TrainingJob.T + draw.Int(0, 3) } };
        Same(full.Run(), covered.Run(), $"{covered.Options.TruncatedSteps} steps, {Describe(full)}");
    }, count: 25);

    [Fact]
    public void A_training_broken_off_anywhere_goes_on_bit_for_bit() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        TrainingJob job = Job(draw);
        Trainer whole = job.Run();
        int stop = draw.Int(1, (int)whole.Iteration);
        string path = Path.Combine(_folder, "run.checkpoint");
        (job with { Options = job.Options with { MaxIterations = stop, CheckpointPath = path }, Threads = draw.Int(1, 2) }).Run();
        Trainer second = (job with { Threads = draw.Int(1, 2) }).Start();
        second.LoadCheckpoint(path);
        Assert.Equal(stop, second.Iteration);
        second.Fit(job.Data);
        Same(whole, second, $"broken off behind step {stop} of {whole.Iteration}, {Describe(job)}");
    }, count: 25);

    private static TrainingJob Job(Draw draw)
    {
        ModelBuilder builder = new(TrainingJob.I);
        for (int layers = draw.Int(1, 2); layers > 0; layers--)
        {
            RecurrentCell cell = CellCatalogue.Create(CellCatalogue.Names[draw.Int(0, CellCatalogue.Names.Count - 1)], draw.Int(1, 6), draw);
            builder.Dropout(Rate(draw)).Add(new RecurrentLayer(cell)
            {
                RecurrentDropout = Rate(draw),
                HiddenZoneout = Rate(draw),
                CellZoneout = cell.HasCellState ? Rate(draw) : 0,
            });
        }

        builder = draw.Bool() ? builder.BatchNorm() : builder.LayerNorm();
        Optimizer[] optimizers = [new Sgd { LearningRate = 0.01, Momentum = 0.9, Nesterov = true }, new RmsProp(), new Adam(), new AdamW(), new Adagrad()];
        return new TrainingJob
        {
            Definition = builder.Dense(TrainingJob.O).Build(),
            Optimizer = optimizers[draw.Int(0, optimizers.Length - 1)],
            Data = TrainingJob.Means(draw.Int(1, 11), seed: 1),
            Options = new()
            {
                BatchSize = draw.Int(1, 4),
                Epochs = draw.Int(1, 3),
                Seed = (ulong)draw.Int(0, 99),
                Shuffle = draw.Bool(),
                TruncatedSteps = draw.Bool() ? draw.Int(1, TrainingJob.T) : 0,
                Clipping = draw.Bool() ? GradientClipping.ByGlobalNorm(0.1) : GradientClipping.None,
                NonFinite = NonFiniteGradients.Skip,
            },
        };
    }

    private static void Same(Trainer wanted, Trainer found, string what)
    {
        Assert.Equal(wanted.Iteration, found.Iteration);
        Assert.True(wanted.History.Losses.SequenceEqual(found.History.Losses), $"losses of {what}");
        Bits.Equal(TrainingJob.Weights(wanted), TrainingJob.Weights(found), what);
    }

    private static float Rate(Draw draw) => draw.Int(0, 3) == 0 ? 0.3f : 0;

    private static string Describe(TrainingJob job) => $"{job.Options}, {job.Optimizer}, {string.Join(" > ", job.Definition.Layers)}";
}
