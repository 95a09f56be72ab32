using FastRecurrent.Training.Reference;
using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>R4, R11 and R12 of the engine's gradients, on networks and shapes that nobody chose.</summary>
public class GradientPropertyTests
{
    /// <summary>Without kinks: in a large network some value is always so near to one that float and double fall on different sides.</summary>
    private static readonly string[] SmoothCells =
    [
        "SimpleRnn Tanh", "SimpleRnn Softsign", "Lstm", "Lstm without bias", "Lstm peepholes", "Lstm coupled", "Lstm coupled peepholes", "Lstm projection",
        "Gru", "Gru without bias", "Gru before", "Gru before without bias",
    ];

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Fact]
    public void Gradients_of_random_networks_of_any_shape_equal_the_reference() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        ModelDefinition definition = Network(draw, maxSize: 70, canMixRows: true);
        GradientCheckOptions options = new()
        {
            Time = draw.Int(1, 9),
            Batch = draw.Int(1, 9),
            VaryLengths = draw.Bool(),
            IsTraining = draw.Bool(),
            Seed = (ulong)seed,
        };
        GradientProblem problem = GradientProblem.Draw(definition, Weights.Draw(definition, draw), options);
        foreach (GradientCheckResult result in GradientCheck.Compare("random", problem, new EngineGradients(KernelSets.Default, threads: draw.Int(1, 3))))
        {
            double bound = GradientCheck.FloatBound(definition, options.Time, options.Batch);
            Assert.True(result.MaxRelativeError <= bound, $"{result}, bound {bound:g3}, with {options} of {string.Join(" > ", definition.Layers)}");
        }
    });

    [Fact]
    public void The_sum_of_each_rows_gradients_is_the_batchs() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        ModelDefinition definition = Network(draw, maxSize: 40, canMixRows: false);
        GradientCase c = new(definition, seed, draw.Int(1, 8), draw.Int(2, 7), draw.Bool());
        using TrainableModel model = c.Model();
        model.IsTraining = false;
        float[] x = c.Inputs(), dy = c.OutputGradients(), y = new float[dy.Length], dx = new float[x.Length];
        model.Forward(x, c.Time, c.Batch, y, new() { Lengths = c.Lengths() });
        model.Backward(dy, new() { InputGradient = dx });
        ParameterSet batch = model.ExportGradients();
        Dictionary<string, double[]> sums = batch.Names.ToDictionary(name => name, name => new double[batch[name].Length]);
        for (int row = 0; row < c.Batch; row++)
        {
            float[] rowX = Row(x, row, c.Batch, definition.InputSize), rowDy = Row(dy, row, c.Batch, definition.OutputSize);
            float[] rowDx = new float[rowX.Length];
            int[]? lengths = c.Lengths() is { } all ? [all[row]] : null;
            model.Forward(rowX, c.Time, 1, new float[rowDy.Length], new() { Lengths = lengths });
            model.Backward(rowDy, new() { InputGradient = rowDx });
            Bits.Equal(Row(dx, row, c.Batch, definition.InputSize), rowDx, $"dL/dx of row {row} alone, {c}");
            ParameterSet gradients = model.ExportGradients();
            foreach ((string name, double[] sum) in sums)
            {
                for (int i = 0; i < sum.Length; i++)
                    sum[i] += gradients[name][i];
            }
        }

        double bound = GradientCheck.FloatBound(definition, c.Time, c.Batch);
        foreach ((string name, double[] sum) in sums)
            ReferenceCase.Near($"{name} of {c}", sum, ReferenceCase.Doubles(batch[name].ToArray()), bound);
    }, count: 40);

    [Fact]
    public void A_poisoned_row_leaves_the_other_rows_gradients_as_they_are() => Property.Holds(Gen.Choose(0, int.MaxValue - 1), seed =>
    {
        Draw draw = new(seed);
        GradientCase c = new(Network(draw, maxSize: 40, canMixRows: false), seed, draw.Int(1, 6), draw.Int(2, 9), draw.Bool());
        int row = draw.Int(0, c.Batch - 1), I = c.Definition.InputSize;
        GradientValues clean = c.Run(threads: 2);
        float[] x = c.Inputs();
        for (int t = 0; t < c.Time; t++)
            x[(((t * c.Batch) + row) * I) + draw.Int(0, I - 1)] = float.NaN;
        using TrainableModel model = c.Model(threads: 2);
        GradientValues poisoned = c.Run(model, x);
        for (int other = 0; other < c.Batch; other++)
        {
            if (other != row)
            {
                Bits.Equal(Row(clean.Dx, other, c.Batch, I), Row(poisoned.Dx, other, c.Batch, I), $"dL/dx of row {other} beside {row}, {c}");
                Bits.Equal(clean.Initial[other], poisoned.Initial[other], $"dL/d(initial state) of row {other} beside {row}, {c}");
            }
        }

        // The next pass starts anew.
        model.ForwardCount = 0;
        GradientValues.Same(clean, c.Run(model, c.Inputs()), $"after the poison, {c}");
    }, count: 40);

    [Theory]
    [MemberData(nameof(Cells))]
    public void Gradients_that_vanish_are_0_and_never_subnormal(string cell)
    {
        const int Time = 80;
        Draw draw = new(2);
        ModelDefinition definition = new ModelBuilder(3)
            .Add(new RecurrentLayer(CellCatalogue.Create(cell, 19, draw), Direction.Bidirectional)).LayerNorm().LastStep().Softmax().Build();
        GradientCase c = new(definition, Seed: 4, Time, Batch: 3, IsRagged: false);
        foreach (string name in c.Parameters.Names.Where(name => name.Contains("weight_hh", StringComparison.Ordinal)))
        {
            foreach (ref float value in c.Parameters[name])
                value *= 0.05f;
        }

        Assert.DoesNotContain(c.Run().All, float.IsSubnormal);
    }

    /// <summary>Rows of a dense batch are read where they lie, those of one with lengths are copied; a step may hold more rows than a block.</summary>
    [Theory]
    [InlineData(2, 600)]
    [InlineData(3, 257)]
    [InlineData(258, 1)]
    [InlineData(90, 3)]
    public void Lengths_that_are_all_T_give_the_bits_of_no_lengths(int time, int batch)
    {
        const int I = 1;
        ModelDefinition definition = new ModelBuilder(I).Lstm(5).Recurrent(new GruCell(1) { ResetAfter = false }).Gru(17).Dense(5).Build();
        ParameterSet parameters = Weights.Draw(definition, new Draw(3));
        float[] x = new Draw(4).Floats(time * batch * I, -1, 1), dy = new Draw(5).Floats(time * batch * 5, -1, 1);
        ParameterSet dense = Gradients(null), copied = Gradients([.. Enumerable.Repeat(time, batch)]);
        Assert.All(dense.Names, name => Bits.Equal(copied[name], dense[name], name));

        ParameterSet Gradients(int[]? lengths)
        {
            using TrainableModel model = new(definition, parameters, new() { MaxTime = time, MaxBatch = batch, Threads = 2, Lengths = true });
            RecurrentState initial = model.CreateState(batch);
            for (int row = 0; row < batch; row++)
                States.ForEach(definition, initial, row, values => new Draw(6 + row).Fill(values, -1, 1));
            model.Forward(x, time, batch, new float[dy.Length], new() { InitialState = initial, Lengths = lengths });
            model.Backward(dy);
            return model.ExportGradients();
        }
    }

    /// <summary>Deltas just above the limit of what is flushed, times tiny weights.</summary>
    [Theory]
    [MemberData(nameof(Cells))]
    public void What_leaves_the_first_step_is_0_and_never_subnormal(string cell)
    {
        const float Tiny = 1e-10f;
        ModelDefinition definition = new ModelBuilder(3).Recurrent(CellCatalogue.Create(cell, 5, new Draw(2))).Build();
        ParameterSet parameters = Weights.Draw(definition, new Draw(3));
        foreach (string name in parameters.Names.Where(name => name.Contains("weight_", StringComparison.Ordinal) && !name.Contains("norm", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameters[name])
                value *= Tiny;
        }

        using TrainableModel model = new(definition, parameters, new() { MaxTime = 2, MaxBatch = 2, Threads = 1 });
        int outputs = 2 * 2 * definition.OutputSize;
        RecurrentState initial = model.CreateState(2), initialGradient = model.CreateState(2);
        float[] x = new Draw(4).Floats(2 * 2 * 3, -1, 1);
        model.Forward(x, 2, 2, new float[outputs], new() { InitialState = initial });
        model.Backward(new Draw(5).Floats(outputs, -1e-28f, 1e-28f), new() { InitialStateGradient = initialGradient });
        Assert.DoesNotContain(States.Row(definition, initialGradient, 0), float.IsSubnormal);
    }

    private static float[] Row(float[] values, int row, int batch, int features) =>
        [.. values.Chunk(features).Where((_, index) => index % batch == row).SelectMany(chunk => chunk)];

    private static ModelDefinition Network(Draw draw, int maxSize, bool canMixRows)
    {
        ModelBuilder builder = new(draw.Bool() ? draw.Int(1, 4) : draw.Int(1, maxSize));
        int layers = draw.Int(1, 2);
        for (int i = 0; i < layers; i++)
        {
            RecurrentCell cell = CellCatalogue.Create(SmoothCells[draw.Int(0, SmoothCells.Length - 1)], draw.Int(1, maxSize), draw);
            builder.Dropout(Rate(draw)).Add(new RecurrentLayer(cell, (Direction)draw.Int(0, 2))
            {
                Merge = (Merge)draw.Int(0, 3),
                RecurrentDropout = Rate(draw),
                HiddenZoneout = Rate(draw),
                CellZoneout = cell.HasCellState ? Rate(draw) : 0,
            });
        }

        switch (draw.Int(0, 3))
        {
            case 1: builder.LastStep(); break;
            case 2: builder.FinalState(); break;
            case 3: builder.LastStep().RepeatVector(draw.Int(1, 12)).Gru(draw.Int(1, 9)); break;
        }

        int outputs = draw.Bool() ? draw.Int(1, 4) : draw.Int(5, maxSize);
        return draw.Int(0, canMixRows ? 4 : 3) switch
        {
            0 => builder.Build(),
            1 => builder.Dense(outputs, Activation.Softplus).Build(),
            2 => builder.LayerNorm(1e-1f).Dense(outputs).Build(),
            3 => builder.Dense(outputs).Softmax().Build(),
            _ => builder.BatchNorm(1e-1f).Dense(outputs, Activation.Sigmoid).Build(),
        };
    }

    private static float Rate(Draw draw) => draw.Int(0, 3) == 0 ? 0.3f : 0;
}
