using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>R6 and R7 for single passes: the bits of every gradient, whatever the instruction set and the number of threads.</summary>
public class GradientDeterminismTests
{
    private const int I = 6, H = 40;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    public static TheoryData<string> OtherKernels => [.. Enum.GetNames<KernelSet>().Where(name => name != nameof(KernelSet.Scalar))];

    [Theory]
    [MemberData(nameof(OtherKernels))]
    public void Every_instruction_set_gives_the_same_gradients_in_every_case_of_the_catalogue(string kernels)
    {
        EngineGradients scalar = new(KernelSet.Scalar), other = new(Enum.Parse<KernelSet>(kernels));
        foreach (GradientCheckCase check in GradientCheck.Catalogue())
        {
            GradientProblem problem = GradientProblem.Draw(check.Definition, check.Parameters, check.Options);
            IReadOnlyDictionary<string, double[]> found = other.Gradients(problem);
            foreach ((string name, double[] wanted) in scalar.Gradients(problem))
                Assert.True(wanted.SequenceEqual(found[name]), $"{check.Name}: {name} differs on {kernels}");
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Any_number_of_threads_gives_the_gradients_of_one(string cell)
    {
        // 40 x 9 row-steps: at least 720,000 multiply-adds, work for three.
        Draw draw = new(3);
        GradientCase c = new(Network(CellCatalogue.Create(cell, H, draw), draw), Seed: 5, Time: 40, Batch: 9, IsRagged: draw.Bool());
        GradientValues one = c.Run(threads: 1);
        GradientValues.Same(one, c.Run(threads: 2), $"2 threads, {c}");
        GradientValues.Same(one, c.Run(threads: 3), $"3 threads, {c}");
    }

    /// <summary>Gradients between layers share two buffers: a worker must not write where another one that is layers above still reads.</summary>
    [Fact]
    public void Layers_of_any_widths_and_numbers_of_steps_give_the_gradients_of_one_thread()
    {
        foreach (bool isRagged in new[] { false, true })
        {
            ModelDefinition definition = new ModelBuilder(3).Gru(70).Dense(9).Lstm(33).Gru(50).Dense(8).Gru(20).FinalState().RepeatVector(25).Lstm(41).Gru(12).Dense(60).Build();
            GradientCase c = new(definition, Seed: 8, Time: 30, Batch: 8, isRagged);
            GradientValues one = c.Run(threads: 1);
            foreach (int threads in new[] { 2, 3, 8 })
                GradientValues.Same(one, c.Run(threads), $"{threads} threads, {c}");
        }
    }

    [Fact]
    public void Layers_that_learn_give_the_same_bits_on_any_instruction_set_and_number_of_threads()
    {
        ModelDefinition definition = new ModelBuilder(I).Dropout(0.2f).Dense(33, Activation.Tanh).LayerNorm().Lstm(H).BatchNorm().Gru(19).Dense(21).Softmax().Build();
        GradientCase c = new(definition, Seed: 6, Time: 30, Batch: 8, IsRagged: true);
        GradientValues one = c.Run();
        GradientValues.Same(one, c.Run(threads: 3), $"3 threads, {c}");
        foreach (KernelSet kernels in Enum.GetValues<KernelSet>())
            GradientValues.Same(one, c.Run(threads: 2, kernels), $"{kernels}, {c}");
    }

    [Fact]
    public void Batch_major_gives_the_gradients_of_time_major()
    {
        ModelDefinition definition = new ModelBuilder(I).Bidirectional(new GruCell(7)).Dense(5).Build();
        foreach (bool isRagged in new[] { false, true })
        {
            GradientCase c = new(definition, Seed: 8, Time: 6, Batch: 5, isRagged);
            using TrainableModel model = c.Model();
            float[] x = c.Inputs(), dy = c.OutputGradients();
            GradientValues wanted = c.Run(model, x);

            float[] y = new float[dy.Length], dx = new float[x.Length];
            model.IsTraining = false;
            model.Forward(Swap(x, c, I), c.Time, c.Batch, y, new() { Layout = SequenceLayout.BatchMajor, Lengths = c.Lengths() });
            model.Backward(Swap(dy, c, 5), new() { InputGradient = dx });
            model.Forward(x, c.Time, c.Batch, y, new() { Lengths = c.Lengths() });
            model.Backward(dy, new() { InputGradient = wanted.Dx });
            Bits.Equal(Swap(wanted.Dx, c, I), dx, $"dL/dx of {c}");
        }
    }

    /// <summary>[T, N, F] as [N, T, F].</summary>
    private static float[] Swap(float[] values, GradientCase c, int features) =>
    [
        .. from n in Enumerable.Range(0, c.Batch)
           from t in Enumerable.Range(0, c.Time)
           from k in Enumerable.Range(0, features)
           select values[(((t * c.Batch) + n) * features) + k],
    ];

    private static ModelDefinition Network(RecurrentCell cell, Draw draw) => new ModelBuilder(I)
        .Add(new RecurrentLayer(cell, (Direction)draw.Int(0, 2)) { Merge = (Merge)draw.Int(0, 3) })
        .LayerNorm().Dropout(0.1f)
        .Add(new RecurrentLayer(cell) { RecurrentDropout = 0.2f, HiddenZoneout = 0.1f })
        .Dense(3).Build();
}
