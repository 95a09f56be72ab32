using FastRecurrent.Tests.Api;

namespace FastRecurrent.Tests.Training;

/// <summary>R12 and R18: a bad step is refused before weights change; arguments that do not fit are refused with what was found and wanted.</summary>
public class TrainerRefusalTests
{
    private const int I = TrainingJob.I, T = TrainingJob.T;

    private static readonly Refusals<TrainingJob> Refused = new Refusals<TrainingJob>()
        .OutOfRange("no epochs", job => Start(job, new() { Epochs = 0 }))
        .OutOfRange("no iterations", job => Start(job, new() { MaxIterations = 0 }))
        .OutOfRange("a batch beyond the model's", job => new Trainer(job.Start().Model, job.Loss, job.Optimizer, new() { BatchSize = 99 }), "4")
        .OutOfRange("a window beyond the model's longest", job => Start(job, new() { TruncatedSteps = T + 1 }), $"{T}")
        .OutOfRange("negative patience", job => Start(job, new() { EarlyStopping = new() { Patience = -1 } }))
        .OutOfRange("an interval of no validation", job => Start(job, new() { ValidationInterval = 0 }))
        .Argument("an empty path", job => Start(job, new() { CheckpointPath = "" }), "null")
        .Null("no clipping", job => Start(job, new() { Clipping = null! }))
        .Null("no schedule", job => Start(job, new() { Schedule = null! }))
        .Null("no data", job => job.Start().Fit(null!))
        .Argument("windows of a network that looks ahead", job => Start(job with { Definition = new ModelBuilder(I).Bidirectional(new GruCell(2)).Dense(1).Build() }, new() { TruncatedSteps = 2 }), "reverse")
        .Argument("windows of a network that ends in a vector", job => Start(job with { Definition = new ModelBuilder(I).Gru(2).LastStep().Dense(1).Build() }, new() { TruncatedSteps = 2 }), "vector")
        .Argument("a loss that does not fit the output", job => (job with { Loss = Loss.GaussianNegativeLogLikelihood }).Start(), "even")
        .Argument("data of other features", job => job.Start().Fit(new TrainingArrays(new float[T * 3], new float[T], 1, T, T)), "3 input features")
        .Argument("targets of one step", job => job.Start().Fit(new TrainingArrays(new float[T * I], new float[1], 1, T)), "1 x 1", $"{T} x 1")
        .Argument("data of too many steps", job => job.Start().Fit(new TrainingArrays(new float[(T + 1) * I], new float[T + 1], 1, T + 1, T + 1)), $"{T + 1} steps")
        .Argument("lengths for a model without room for them", job => job.Start().Fit(new TrainingArrays(new float[T * I], new float[T], 1, T, T) { Lengths = new[] { 1 } }), "TrainableModelOptions.Lengths")
        .Argument("validation data of other targets", job => job.Start().Fit(job.Data, new TrainingArrays(new float[T * I], new float[2 * T], 1, T, T)), $"{T} x 2")
        .Argument("a step with too few targets", job => job.Start().Step(new float[T * I], new float[T - 1], T, 1), $"{T - 1} values")
        .OutOfRange("a step of too many rows", job => job.Start().Step(new float[T * 5 * I], new float[T * 5], T, 5), "4");

    public static TheoryData<string> Titles => Refused.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void Arguments_are_refused(string title) => Refused.Check(title, new TrainingJob());

    [Fact]
    public void Other_data_than_the_training_began_with_are_refused()
    {
        TrainingJob job = new();
        Trainer trainer = (job with { Options = job.Options with { StepEnded = (trainer, _) => trainer.Stop() } }).Start();
        trainer.Fit(job.Data);
        ArgumentException error = Assert.Throws<ArgumentException>(() => trainer.Fit(TrainingJob.Means(11, seed: 1)));
        Assert.Contains("10 samples", error.Message, StringComparison.Ordinal);
        Assert.Contains("11", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => trainer.Fit(new TrainingArrays(new float[10 * 3 * I], new float[10 * 3], count: 10, time: 3, targetTime: 3)));
        Assert.Contains("10 of 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN, false)]
    [InlineData(float.PositiveInfinity, false)]
    [InlineData(float.NaN, true)]
    public void A_bad_step_throws_before_anything_changes(float bad, bool inTarget)
    {
        Trainer trainer = new TrainingJob().Start();
        float[] x = TestNetworks.Noise(T * I), target = new float[T];
        trainer.Step(x, target, T, 1);
        float[] weights = TrainingJob.Weights(trainer), moments = Moments(trainer);
        (inTarget ? target : x)[3] = bad;
        Assert.Throws<NotFiniteNumberException>(() => trainer.Step(x, target, T, 1));
        Bits.Equal(weights, TrainingJob.Weights(trainer), "weights");
        Bits.Equal(moments, Moments(trainer), "moments");
        Assert.Equal((1, 1), (trainer.Iteration, trainer.Updater.StepCount));
    }

    [Fact]
    public void Skipped_steps_are_as_if_they_had_not_been()
    {
        TrainingJob job = new() { Data = WithBad(4), Options = new() { BatchSize = 1, Shuffle = false, NonFinite = NonFiniteGradients.Skip } };
        Trainer trainer = job.Run();
        Assert.Equal(2, trainer.History.Epochs[0].Refused);
        Assert.Equal(6, trainer.History.Losses.Count);
        Assert.Equal([false, false, false, true, true, false], trainer.History.Losses.Select(loss => !double.IsFinite(loss)));
        Assert.True(double.IsFinite(trainer.History.Epochs[0].Loss));
        Bits.Equal(TrainingJob.Weights((job with { Data = WithBad(0) }).Run()), TrainingJob.Weights(trainer), "weights");
    }

    [Fact]
    public void Values_of_a_bad_batch_do_not_get_into_the_running_statistics()
    {
        ModelDefinition definition = new ModelBuilder(I).BatchNorm().Gru(3).Dense(1).Build();
        Trainer trainer = (new TrainingJob { Definition = definition }).Start();
        float[] x = TestNetworks.Noise(T * I), target = new float[T];
        trainer.Step(x, target, T, 1);
        ParameterSet before = trainer.Model.ExportParameters();
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity })
        {
            x[2 * I] = bad;
            Assert.Throws<NotFiniteNumberException>(() => trainer.Step(x, target, T, 1));
            ParameterSet after = trainer.Model.ExportParameters();
            foreach (string name in before.Names)
            {
                Bits.Equal(before[name], after[name], $"{name} behind {bad}");
            }
        }
    }

    /// <summary>Windows of which one is refused: those behind it start from the state before it, and every other window counts.</summary>
    [Theory]
    [InlineData(NonFiniteGradients.Skip)]
    [InlineData(NonFiniteGradients.Throw)]
    [InlineData(NonFiniteGradients.Stop)]
    public void A_refused_window_hands_no_state_on(NonFiniteGradients choice)
    {
        const int Window = 2, Bad = 3;
        float[] x = TestNetworks.Noise(T * I), y = TestNetworks.Noise(T, seed: 2);
        TrainingJob job = new() { MaxTime = Window, Options = new() { BatchSize = 1, Epochs = 1, TruncatedSteps = Window, NonFinite = choice } };
        Trainer byHand = job.Start();
        RecurrentState state = byHand.Model.CreateState();
        byHand.Step(x.AsSpan(0, Window * I), y.AsSpan(0, Window), Window, 1, new() { InitialState = state, FinalState = state });
        byHand.Step(x.AsSpan(2 * Window * I), y.AsSpan(2 * Window), Window, 1, new() { InitialState = state });

        float[] bad = [.. x];
        bad[Bad * I] = float.NaN;
        Trainer trainer = job.Start();
        TrainingArrays data = new(bad, y, 1, T, T);
        if (choice == NonFiniteGradients.Throw)
        {
            Assert.Throws<NotFiniteNumberException>(() => trainer.Fit(data));
            Assert.All(trainer.State.Carried!.Hidden(0, 0).ToArray(), value => Assert.True(float.IsFinite(value)));

            // The window is put right: it runs again, from where the one before it ended.
            x.CopyTo(bad, 0);
            trainer.Fit(data);
            Bits.Equal(TrainingJob.Weights((job with { Data = new TrainingArrays(x, y, 1, T, T) }).Run()), TrainingJob.Weights(trainer), "weights");
            return;
        }

        Assert.Equal(choice == NonFiniteGradients.Stop ? TrainingEnd.NonFinite : TrainingEnd.Completed, trainer.Fit(data).End);
        Assert.Equal(TrainingEnd.Completed, trainer.Fit(data).End);
        Assert.Equal(1, Assert.Single(trainer.History.Epochs).Refused);
        Bits.Equal(TrainingJob.Weights(byHand), TrainingJob.Weights(trainer), "weights");
    }

    [Fact]
    public void Training_may_stop_at_a_bad_step()
    {
        TrainingJob job = new() { Data = WithBad(4), Options = new() { BatchSize = 1, Shuffle = false, NonFinite = NonFiniteGradients.Stop } };
        Trainer trainer = job.Start();
        Assert.Equal(TrainingEnd.NonFinite, trainer.Fit(job.Data).End);
        Assert.Equal(4, trainer.Iteration);

        // Called again, it goes on behind the bad step.
        Assert.Equal(TrainingEnd.NonFinite, trainer.Fit(job.Data).End);
        Assert.Equal(TrainingEnd.Completed, trainer.Fit(job.Data).End);
        Bits.Equal(TrainingJob.Weights((job with { Data = WithBad(0) }).Run()), TrainingJob.Weights(trainer), "weights");
    }

    private static Trainer Start(TrainingJob job, TrainerOptions options) => (job with { Options = options }).Start();

    /// <summary>Four good samples, and behind the third one some that are no numbers.</summary>
    private static TrainingArrays WithBad(int count)
    {
        float[] good = TestNetworks.Noise(4 * T * I), y = TestNetworks.Noise(4 * T, seed: 2);
        if (count == 0)
        {
            return new TrainingArrays(good, y, 4, T, T);
        }

        float[] bad = [.. Enumerable.Repeat(float.NaN, T * I)], badTarget = [.. Enumerable.Repeat(float.PositiveInfinity, T)];
        return new TrainingArrays(
            (float[])[.. good[..(3 * T * I)], .. bad, .. good[..(T * I)], .. good[(3 * T * I)..]],
            (float[])[.. y[..(3 * T)], .. y[..T], .. badTarget, .. y[(3 * T)..]], 6, T, T);
    }

    private static float[] Moments(Trainer trainer) => [.. trainer.Updater.ExportMoments().SelectMany(TrainingJob.Flat)];
}
