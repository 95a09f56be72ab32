namespace FastRecurrent.Tests.Training;

/// <summary>R12 for batch normalization: a refused batch leaves the running statistics as they were, to the bit, as if it had never been.</summary>
public class RefusedStatisticsTests
{
    private const int I = TrainingJob.I, T = TrainingJob.T;

    // A loss of 1e77 is finite; the sum of six gradients of 1e38 is not.
    private const float TooLarge = 3e38f;

    private static readonly ModelDefinition Definition = new ModelBuilder(I).BatchNorm().Gru(3).BatchNorm().Dense(1).Build();

    public static TheoryData<NonFiniteGradients> Choices => [.. Enum.GetValues<NonFiniteGradients>()];

    public static TheoryData<NonFiniteGradients, float> BadTargets => new()
    {
        { NonFiniteGradients.Throw, float.NaN },
        { NonFiniteGradients.Throw, TooLarge },
        { NonFiniteGradients.Skip, float.NaN },
        { NonFiniteGradients.Skip, TooLarge },
        { NonFiniteGradients.Stop, float.NaN },
        { NonFiniteGradients.Stop, TooLarge },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public void A_refused_update_takes_the_batchs_statistics_back(NonFiniteGradients choice)
    {
        using TrainableModel model = Model(), other = Model();
        ParameterUpdater updater = new(model, new Adam(), new() { NonFinite = choice }), otherUpdater = new(other, new Adam());
        float[] x = TestNetworks.Noise(T * I), dy = TestNetworks.Noise(T, seed: 2), bad = [.. dy];
        bad[2] = float.NaN;
        Step(updater, model, x, dy);
        ParameterSet before = model.ExportParameters();

        // The batch itself is good: only what comes back from its outputs is not.
        model.Forward(TestNetworks.Noise(T * I, seed: 3), T, 1, new float[T]);
        Assert.False(Bits.Same(before["0.running_mean"], model.ExportParameters()["0.running_mean"]), "the statistics did not move: the test proves nothing");
        model.Backward(bad);
        Refuse(updater, choice);
        Same(before, model.ExportParameters());
        Refuse(updater, choice);
        Same(before, model.ExportParameters());

        Step(updater, model, x, dy);
        Step(otherUpdater, other, x, dy);
        Step(otherUpdater, other, x, dy);
        Same(other.ExportParameters(), model.ExportParameters());
    }

    [Theory]
    [MemberData(nameof(BadTargets))]
    public void A_training_step_that_is_refused_is_as_if_it_had_not_been(NonFiniteGradients choice, float bad)
    {
        Trainer trainer = Start(choice), other = Start(choice);
        float[] x = TestNetworks.Noise(T * I), target = TestNetworks.Noise(T, seed: 2), badTarget = [.. Enumerable.Repeat(bad, T)];
        trainer.Step(x, target, T, 1);
        ParameterSet before = trainer.Model.ExportParameters();
        if (choice == NonFiniteGradients.Throw)
        {
            Assert.Throws<NotFiniteNumberException>(() => trainer.Step(TestNetworks.Noise(T * I, seed: 3), badTarget, T, 1));
        }
        else
        {
            TrainingStep step = trainer.Step(TestNetworks.Noise(T * I, seed: 3), badTarget, T, 1);
            Assert.Equal(choice == NonFiniteGradients.Skip ? UpdateResult.Skipped : UpdateResult.Stopped, step.Result);
            Assert.Equal(float.IsFinite(bad), double.IsFinite(step.Loss.Mean));
        }

        Same(before, trainer.Model.ExportParameters());
        trainer.Step(x, target, T, 1);
        other.Step(x, target, T, 1);
        other.Step(x, target, T, 1);
        Same(other.Model.ExportParameters(), trainer.Model.ExportParameters());
    }

    [Fact]
    public void An_evaluation_between_a_batch_and_its_refusal_changes_nothing()
    {
        using TrainableModel model = Model();
        ParameterUpdater updater = new(model, new Adam(), new() { NonFinite = NonFiniteGradients.Skip });
        float[] x = TestNetworks.Noise(T * I), dy = TestNetworks.Noise(T, seed: 2), bad = [.. dy];
        bad[2] = float.NaN;
        Step(updater, model, x, dy);
        ParameterSet before = model.ExportParameters();
        model.Forward(TestNetworks.Noise(T * I, seed: 3), T, 1, new float[T]);
        model.Backward(bad);
        model.IsTraining = false;
        model.Forward(x, T, 1, new float[T]);
        Assert.Equal(UpdateResult.Skipped, updater.Step());
        Same(before, model.ExportParameters());

        // A batch that was accepted stays so, whatever is refused behind an evaluation.
        model.IsTraining = true;
        Step(updater, model, TestNetworks.Noise(T * I, seed: 4), dy);
        before = model.ExportParameters();
        model.IsTraining = false;
        model.Forward(x, T, 1, new float[T]);
        model.Backward(bad);
        Assert.Equal(UpdateResult.Skipped, updater.Step());
        Same(before, model.ExportParameters());
    }

    [Fact]
    public void A_refused_step_as_at_inference_takes_no_accepted_batch_back()
    {
        Trainer trainer = Start(NonFiniteGradients.Skip);
        float[] x = TestNetworks.Noise(T * I);
        trainer.Step(x, TestNetworks.Noise(T, seed: 2), T, 1);
        ParameterSet before = trainer.Model.ExportParameters();
        trainer.Model.IsTraining = false;
        Assert.Equal(UpdateResult.Skipped, trainer.Step(x, [.. Enumerable.Repeat(float.NaN, T)], T, 1).Result);
        Same(before, trainer.Model.ExportParameters());
    }

    [Fact]
    public void An_update_is_refused_while_another_caller_is_in_the_model()
    {
        using TrainableModel model = Model();
        ParameterUpdater updater = new(model, new Adam());
        float[] dy = TestNetworks.Noise(T, seed: 2);
        model.Forward(TestNetworks.Noise(T * I), T, 1, new float[T]);
        model.Backward(dy);
        ParameterSet before = model.ExportParameters();
        model.Enter();
        Assert.Throws<InvalidOperationException>(() => updater.Step());
        model.Exit();
        Same(before, model.ExportParameters());

        // What a refused update leaves behind does not keep the next caller out.
        dy[0] = float.NaN;
        model.Forward(TestNetworks.Noise(T * I), T, 1, new float[T]);
        model.Backward(dy);
        Assert.Throws<NotFiniteNumberException>(() => updater.Step());
        model.Forward(TestNetworks.Noise(T * I), T, 1, new float[T]);
    }

    [Fact]
    public void Neither_do_steps_move_them_in_which_nothing_counts_or_whose_arguments_do_not_fit()
    {
        Trainer trainer = Start(NonFiniteGradients.Throw);
        float[] x = TestNetworks.Noise(T * I), target = TestNetworks.Noise(T, seed: 2);
        trainer.Step(x, target, T, 1);
        ParameterSet before = trainer.Model.ExportParameters();
        Assert.Equal(UpdateResult.Skipped, trainer.Step(TestNetworks.Noise(T * I, seed: 3), target, T, 1, new() { Weights = new float[T] }).Result);
        Same(before, trainer.Model.ExportParameters());
        Assert.Throws<ArgumentException>(() => trainer.Step(TestNetworks.Noise(T * I, seed: 3), target.AsSpan(1), T, 1));
        Same(before, trainer.Model.ExportParameters());
    }

    [Fact]
    public void Evaluation_between_a_forward_pass_and_its_refusal_is_no_reason_to_take_more_back()
    {
        using TrainableModel model = Model();
        ParameterUpdater updater = new(model, new Adam(), new() { NonFinite = NonFiniteGradients.Skip });
        float[] x = TestNetworks.Noise(T * I), bad = [.. Enumerable.Repeat(float.NaN, T)];
        model.Forward(x, T, 1, new float[T]);
        ParameterSet moved = model.ExportParameters();
        model.IsTraining = false;
        model.Forward(x, T, 1, new float[T]);
        model.Backward(bad);
        Assert.Equal(UpdateResult.Skipped, updater.Step());
        Same(moved, model.ExportParameters());

        // Loaded statistics are not taken back either.
        ParameterSet loaded = ParameterSet.Uniform(Definition, seed: 9);
        loaded["0.running_mean"][0] = 5;
        model.Load(loaded);
        Assert.Equal(UpdateResult.Skipped, updater.Step());
        Same(loaded, model.ExportParameters());
    }

    /// <summary>A forward pass alone moves the statistics: no update needs to come that would take them back.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(TooLarge)]
    public void Statistics_that_are_not_finite_never_get_in(float bad)
    {
        using TrainableModel model = Model();
        float[] x = TestNetworks.Noise(T * I);
        x[I] = bad; // of one feature; that of the other is a number
        ParameterSet before = model.ExportParameters();
        model.Forward(x, T, 1, new float[T]);
        ParameterSet after = model.ExportParameters();
        foreach (string name in (string[])["0.running_mean", "0.running_var"])
        {
            Assert.Equal(before[name][0], after[name][0]);
            Assert.NotEqual(before[name][1], after[name][1]);
        }

        Assert.All(TrainingJob.Flat(after), value => Assert.True(float.IsFinite(value)));
    }

    private static TrainableModel Model() => new(Definition, ParameterSet.Uniform(Definition, seed: 4), new() { MaxTime = T, MaxBatch = 1, Threads = 1 });

    private static Trainer Start(NonFiniteGradients choice) => new TrainingJob { Definition = Definition, Options = new() { BatchSize = 1, NonFinite = choice } }.Start();

    private static void Step(ParameterUpdater updater, TrainableModel model, float[] x, float[] dy)
    {
        model.Forward(x, T, 1, new float[T]);
        model.Backward(dy);
        Assert.Equal(UpdateResult.Applied, updater.Step());
    }

    private static void Refuse(ParameterUpdater updater, NonFiniteGradients choice)
    {
        if (choice == NonFiniteGradients.Throw)
        {
            Assert.Throws<NotFiniteNumberException>(() => updater.Step());
        }
        else
        {
            Assert.Equal(choice == NonFiniteGradients.Skip ? UpdateResult.Skipped : UpdateResult.Stopped, updater.Step());
        }
    }

    private static void Same(ParameterSet wanted, ParameterSet found) => Assert.All(wanted.Names, name => Bits.Equal(wanted[name], found[name], name));
}
