namespace FastRecurrent.Tests.Training;

/// <summary>The updater on a real network: it learns, refuses what is not finite, clips, goes on from its moments, and allocates nothing.</summary>
[Collection(AloneCollection.Name)]
public class ParameterUpdaterTests
{
    private const int Time = 6, Rows = 4;

    [Fact]
    public void Training_makes_the_loss_small()
    {
        using Job job = new(new Adam { LearningRate = 0.01 });
        double first = job.Step();
        for (int step = 0; step < 400; step++)
            job.Step();
        Assert.True(job.Step() < first / 20, $"The loss went from {first}.");
        Assert.Equal(402, job.Updater.StepCount);
    }

    [Theory]
    [InlineData(NonFiniteGradients.Throw)]
    [InlineData(NonFiniteGradients.Skip)]
    [InlineData(NonFiniteGradients.Stop)]
    public void A_gradient_that_is_not_finite_changes_nothing(NonFiniteGradients choice)
    {
        // R12.
        using Job job = new(new Adam(), new() { NonFinite = choice });
        job.Step();
        ParameterSet before = job.Model.ExportParameters();
        ParameterSet[] moments = job.Updater.ExportMoments();
        job.Target[3] = float.PositiveInfinity;
        job.Backward();
        if (choice == NonFiniteGradients.Throw)
            Assert.Contains("layer", Assert.Throws<NotFiniteNumberException>(() => job.Updater.Step()).Message, StringComparison.Ordinal);
        else
            Assert.Equal(choice == NonFiniteGradients.Skip ? UpdateResult.Skipped : UpdateResult.Stopped, job.Updater.Step());

        Assert.False(job.Updater.Report().IsFinite);
        Assert.Equal(1, job.Updater.StepCount);
        Same(before, job.Model.ExportParameters());
        for (int i = 0; i < moments.Length; i++)
            Same(moments[i], job.Updater.ExportMoments()[i]);

        job.Target[3] = 0;
        job.Backward();
        Assert.Equal(UpdateResult.Applied, job.Updater.Step());
    }

    [Fact]
    public void Another_updater_goes_on_from_exported_moments_bit_for_bit()
    {
        Optimizer optimizer = Adagrad.Keras with { LearningRate = 0.05 };
        foreach (Optimizer each in new[] { optimizer, new Adam(), new Sgd { Momentum = 0.9 } })
        {
            using Job whole = new(each), parted = new(each);
            for (int step = 0; step < 5; step++)
            {
                whole.Step();
                parted.Step();
            }

            ParameterUpdater next = new(parted.Model, each);
            next.ImportMoments(parted.Updater.StepCount, parted.Updater.ExportMoments());
            parted.Updater = next;
            for (int step = 0; step < 5; step++)
            {
                whole.Step();
                parted.Step();
            }

            Same(whole.Model.ExportParameters(), parted.Model.ExportParameters());
            Assert.Throws<ArgumentException>(() => next.ImportMoments(1, new ParameterSet[3]));
        }
    }

    [Fact]
    public void Clipped_by_global_norm_a_step_is_no_longer_than_the_limit()
    {
        using Job job = new(new Sgd(), new() { Clipping = GradientClipping.ByGlobalNorm(1e-3) });
        ParameterSet before = job.Model.ExportParameters();
        job.Backward();
        Assert.Equal(UpdateResult.Applied, job.Updater.Step(1));
        GradientReport report = job.Updater.Report();
        Assert.True(report.GlobalNorm > 1e-3);
        ParameterSet gradients = job.Model.ExportGradients(), after = job.Model.ExportParameters();
        double factor = 1e-3 / report.GlobalNorm;
        foreach (string name in before.Names)
        {
            for (int i = 0; i < before[name].Length; i++)
                Assert.Equal(before[name][i] - (factor * gradients[name][i]), after[name][i], 1e-7);
        }
    }

    [Fact]
    public void The_report_holds_the_norms_of_the_exported_gradients()
    {
        using Job job = new(new Sgd());
        job.Step();
        GradientReport report = job.Updater.Report();
        ParameterSet gradients = job.Model.ExportGradients();
        Assert.Equal(job.Model.Definition.Layers.Length, report.LayerNorms.Length);
        for (int layer = 0; layer < report.LayerNorms.Length; layer++)
        {
            double square = gradients.Names.Where(name => name.StartsWith($"{layer}.", StringComparison.Ordinal))
                .Sum(name => gradients[name].ToArray().Sum(g => (double)g * g));
            Assert.Equal(Math.Sqrt(square), report.LayerNorms[layer], 1e-6);
        }
    }

    [Fact]
    public void Every_instruction_set_trains_the_same_bits()
    {
        ParameterSet[] trained = [.. Enum.GetValues<KernelSet>().Select(set =>
        {
            using Job job = new(new AdamW(), new() { Clipping = GradientClipping.ByGlobalNorm(0.1) }, set);
            for (int step = 0; step < 10; step++)
                job.Step();
            return job.Model.ExportParameters();
        })];
        Assert.All(trained, set => Same(trained[0], set));
    }

    [Fact]
    public void An_update_allocates_nothing()
    {
        using Job job = new(new Adam(), new() { Clipping = GradientClipping.ByGlobalNorm(0.1) });
        job.Backward();
        AllocationTests.Nothing(() => job.Updater.Step());
    }

    [Fact]
    public void Refused()
    {
        using Job job = new(new Sgd());
        Assert.Throws<ArgumentNullException>(() => new ParameterUpdater(null!, new Sgd()));
        Assert.Throws<ArgumentNullException>(() => new ParameterUpdater(job.Model, null!));
        Assert.Throws<ArgumentNullException>(() => new ParameterUpdater(job.Model, new Sgd(), new() { Clipping = null! }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterUpdater(job.Model, new Sgd(), new() { NonFinite = (NonFiniteGradients)9 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ParameterUpdater(job.Model, new Sgd { LearningRate = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => job.Updater.Step(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => job.Updater.Step(-1));
    }

    private static void Same(ParameterSet wanted, ParameterSet found)
    {
        foreach (string name in wanted.Names)
            Bits.Equal(wanted[name], found[name], name);
    }

    /// <summary>A small network that learns to repeat what it saw two steps before.</summary>
    private sealed class Job : IDisposable
    {
        private readonly float[] _x, _y, _gradient;

        public Job(Optimizer optimizer, ParameterUpdaterOptions? options = null, KernelSet? kernels = null)
        {
            ModelDefinition definition = new ModelBuilder(1).Lstm(9).Gru(5).Dense(1).Build();
            Model = new TrainableModel(
                definition, ParameterInitialization.Keras.Create(definition, 1), new() { MaxTime = Time, MaxBatch = Rows, Threads = 1, Kernels = kernels });
            Updater = new ParameterUpdater(Model, optimizer, options);
            _x = new Draw(1).Floats(Time * Rows, -1, 1);
            _y = new float[_x.Length];
            _gradient = new float[_x.Length];
            Target = new float[_x.Length];
            _x.AsSpan(0, _x.Length - (2 * Rows)).CopyTo(Target.AsSpan(2 * Rows));
        }

        public TrainableModel Model { get; }

        public ParameterUpdater Updater { get; set; }

        public float[] Target { get; }

        public double Backward()
        {
            Model.Forward(_x, Time, Rows, _y);
            LossValue loss = Loss.MeanSquaredError.Evaluate(_y, Target, Time, Rows, 1, _gradient);
            Model.Backward(_gradient);
            return loss.Mean;
        }

        public double Step()
        {
            double loss = Backward();
            Updater.Step();
            return loss;
        }

        public void Dispose() => Model.Dispose();
    }
}
