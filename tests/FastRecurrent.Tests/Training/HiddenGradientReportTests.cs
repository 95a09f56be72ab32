using FastRecurrent.Training.Reference;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>The norms of dL/dh, step by step: known cases, the reference's, and what every gradient must be: the same bits whoever computes it.</summary>
public class HiddenGradientReportTests
{
    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1.5)]
    public void A_linear_network_with_a_scaled_orthogonal_recurrence_decays_or_grows_by_the_scale_a_step(double scale)
    {
        const int T = 12, N = 3, H = 8;
        ModelDefinition definition = new ModelBuilder(2).Recurrent(new SimpleRnnCell(H) { Activation = Activation.Linear }).LastStep().Build();
        ParameterSet parameters = (ParameterInitialization.Keras with { Recurrent = Initializer.Orthogonal(scale) }).Create(definition, seed: 3);
        using TrainableModel model = new(definition, parameters, new() { MaxTime = T + 2, MaxBatch = N, Threads = 1 });
        HiddenGradientReport report = model.CreateHiddenGradientReport();
        Assert.True(report.Norms(0).IsEmpty);
        float[] dy = TestNetworks.Noise(N * H);
        model.Forward(TestNetworks.Noise(T * N * 2), T, N, new float[N * H]);
        model.Backward(dy, new() { HiddenGradients = report });
        double last = Math.Sqrt(dy.Sum(value => (double)value * value));
        Assert.Equal(T, report.Norms(0).Length);
        for (int t = 0; t < T; t++)
        {
            double wanted = last * Math.Pow(scale, T - 1 - t);
            Assert.InRange(report.Norms(0)[t] / wanted, 1 - 1e-5, 1 + 1e-5);
        }
    }

    [Fact]
    public void What_reaches_the_first_step_vanishes_in_a_plain_network_and_lives_in_an_LSTM_whose_forget_gates_are_open()
    {
        const int T = 60;
        double plain = Kept(new SimpleRnnCell(16), forgetBias: 1), gated = Kept(new LstmCell(16), forgetBias: 4), closed = Kept(new LstmCell(16), forgetBias: -2);
        Assert.True(plain < 1e-6, $"plain: {plain:g3}");
        Assert.True(closed < 1e-6, $"forget gates closed: {closed:g3}");
        Assert.True(gated > 1e-3, $"forget gates open: {gated:g3}");

        static double Kept(RecurrentCell cell, float forgetBias)
        {
            ModelDefinition definition = new ModelBuilder(1).Recurrent(cell).LastStep().Dense(1).Build();
            ParameterInitialization start = ParameterInitialization.Keras with { Recurrent = Initializer.Orthogonal(0.7), ForgetBias = forgetBias };
            using TrainableModel model = new(definition, start.Create(definition, seed: 1), new() { MaxTime = T, MaxBatch = 1, Threads = 1 });
            HiddenGradientReport report = model.CreateHiddenGradientReport();
            model.Forward(TestNetworks.Noise(T), T, 1, new float[1]);
            model.Backward([1], new() { HiddenGradients = report });
            return report.Norms(0)[0] / report.Norms(0)[T - 1];
        }
    }

    [Fact]
    public void Every_norm_of_every_case_of_the_catalogue_equals_the_references()
    {
        EngineGradients engine = new(KernelSets.Default);
        foreach (GradientCheckCase check in GradientCheck.Catalogue())
        {
            GradientProblem problem = GradientProblem.Draw(check.Definition, check.Parameters, check.Options);
            engine.Gradients(problem);
            Same(problem, engine, check.Name);
        }
    }

    [Fact]
    public void Norms_of_random_networks_of_any_shape_equal_the_references() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        ModelBuilder builder = new(draw.Int(1, 5));
        for (int layers = draw.Int(1, 2); layers > 0; layers--)
        {
            string name = CellCatalogue.Names[draw.Int(0, CellCatalogue.Names.Count - 1)];
            builder.Add(new RecurrentLayer(CellCatalogue.Create(name, draw.Int(1, 9), draw), (Direction)draw.Int(0, 2))
            {
                Merge = (Merge)draw.Int(0, 3),
                RecurrentDropout = draw.Bool() ? 0.3f : 0,
                HiddenZoneout = draw.Bool() ? 0.3f : 0,
            });
        }

        builder = draw.Int(0, 2) switch { 0 => builder, 1 => builder.LastStep(), _ => builder.FinalState().RepeatVector(4).Gru(3).Dense(2) };
        ModelDefinition definition = builder.Build();
        GradientCheckOptions options = new() { Time = draw.Int(1, 9), Batch = draw.Int(1, 5), VaryLengths = draw.Bool(), IsTraining = draw.Bool(), Seed = (ulong)seed };
        GradientProblem problem = GradientProblem.Draw(definition, Weights.Draw(definition, draw), options);
        EngineGradients engine = new(KernelSets.Default, threads: draw.Int(1, 3));
        engine.Gradients(problem);
        Same(problem, engine, $"{options} of {string.Join(" > ", definition.Layers)}");
    }, count: 60);

    [Fact]
    public void Norms_are_the_same_bits_on_any_threads_instruction_set_and_pieces_and_gradients_do_not_notice_them()
    {
        ModelDefinition definition = new ModelBuilder(6).Lstm(40).Gru(30).Dense(3).Build();
        GradientCase c = new(definition, Seed: 9, Time: 40, Batch: 8, IsRagged: true);
        (double[] wanted, float[] gradients) = Run();
        Bits.Equal([.. c.Run().Gradients.Names.SelectMany(name => c.Run().Gradients[name].ToArray())], gradients, "gradients without a report");
        foreach (int threads in new[] { 2, 3 })
            Assert.Equal(wanted, Run(threads).Norms);
        foreach (int steps in new[] { 1, 7, TrainableModelOptions.SquareRootSteps })
            Assert.Equal(wanted, Run(recomputeSteps: steps).Norms);
        foreach (KernelSet kernels in Enum.GetValues<KernelSet>())
            Assert.Equal(wanted, Run(kernels: kernels).Norms);

        (double[] Norms, float[] Gradients) Run(int threads = 1, KernelSet? kernels = null, int recomputeSteps = 0)
        {
            using TrainableModel model = c.Model(threads, kernels, recomputeSteps);
            HiddenGradientReport report = model.CreateHiddenGradientReport();
            model.Forward(c.Inputs(), c.Time, c.Batch, new float[c.Time * c.Batch * 3], new() { Lengths = c.Lengths() });
            model.Backward(c.OutputGradients(), new() { HiddenGradients = report });

            // A pass without it leaves it alone.
            double[] norms = [.. report.Norms(0), .. report.Norms(1)];
            model.Forward(c.Inputs().AsSpan(0, (c.Time - 1) * 6), c.Time - 1, 1, new float[(c.Time - 1) * 3]);
            model.Backward(new float[(c.Time - 1) * 3]);
            Assert.True(norms.SequenceEqual([.. report.Norms(0), .. report.Norms(1)]));
            GradientValues values = c.Run(model, c.Inputs());
            return (norms, [.. values.Gradients.Names.SelectMany(name => values.Gradients[name].ToArray())]);
        }
    }

    private static void Same(GradientProblem problem, EngineGradients engine, string what)
    {
        ReferenceNetwork network = new(problem.Definition, problem.Parameters);
        network.Forward(problem.Run);
        network.Backward(problem.OutputGradient, problem.FinalGradient);
        double bound = GradientCheck.FloatBound(problem.Definition, problem.Run.Time, problem.Run.Batch);
        foreach (((int layer, bool reverse), double[] found) in engine.HiddenNorms)
        {
            ReferenceSequence gradient = network.HiddenGradient(layer, reverse);
            double[] wanted = new double[gradient.Time];
            foreach ((int t, int n) in gradient.Steps)
            {
                foreach (double value in gradient[t, n])
                    wanted[t] += value * value;
            }

            ReferenceCase.Near($"norms of layer {layer}, reverse {reverse}, {what}", [.. wanted.Select(Math.Sqrt)], found, bound);
        }
    }
}
