using FastRecurrent.Kernels;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>A long trace goes back stretch by stretch; the bits are those of a run whose pieces go back one at a time.</summary>
public class BackwardStretchTests
{
    private const int I = 5, H = 20, Time = 150, Batch = 90;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_has_the_gradients_of_a_run_without_stretches(string cell)
    {
        RecurrentCell made = CellCatalogue.Create(cell, H, new Draw(1));
        Check(new ModelBuilder(I).Recurrent(made).Build());
        Check(new ModelBuilder(I).Recurrent(made, Direction.Reverse).LastStep().Build());
    }

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void Both_directions_have_the_gradients_of_a_run_without_stretches(Merge merge)
    {
        RecurrentLayer layer = new(new LstmCell(H)) { Direction = Direction.Bidirectional, Merge = merge };
        RecurrentLayer masked = layer with { RecurrentDropout = 0.3f, HiddenZoneout = 0.2f, CellZoneout = 0.2f };
        Check(new ModelBuilder(I).Add(layer).Add(layer).Dense(2).Build());
        Check(new ModelBuilder(I).Add(masked).LastStep().Build());
        Check(new ModelBuilder(I).Add(masked).BatchNorm().Dense(2).Build());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_has_them(int threads)
    {
        RecurrentLayer reverse = new(new LstmCell(H)) { Direction = Direction.Reverse, RecurrentDropout = 0.2f };
        Check(new ModelBuilder(I).Gru(H).Add(reverse).Bidirectional(new LstmCell(H) { Peepholes = true }).FinalState().Build(), threads);
    }

    [Fact]
    public void Norms_of_hidden_gradients_are_those_of_a_run_without_stretches()
    {
        GradientCase c = Case(new ModelBuilder(I).Gru(H).Dense(1).Build());
        Assert.Equal(Norms(recomputeSteps: 40), Norms(recomputeSteps: 0));

        double[] Norms(int recomputeSteps)
        {
            using TrainableModel model = c.Model(recomputeSteps: recomputeSteps);
            HiddenGradientReport report = model.CreateHiddenGradientReport();
            float[] dy = c.OutputGradients();
            model.Forward(c.Inputs(), Time, Batch, new float[dy.Length]);
            model.Backward(dy, new() { HiddenGradients = report });
            return [.. report.Norms(0)];
        }
    }

    [Theory]
    [InlineData(50, 64, 128, 4, 13)] // 256 rows
    [InlineData(50, 300, 128, 1, 50)] // a step has more rows
    [InlineData(500, 8, 128, 32, 16)]
    [InlineData(200, 100, 32, 7, 29)] // short rows: half a megabyte of them
    [InlineData(50, 12, 128, 50, 1)] // the trace is near as it is
    [InlineData(50, 64, 512, 50, 1)] // the weights are too large
    public void Stretches_cover_all_steps_last_first(int time, int batch, int hidden, int length, int count)
    {
        ModelDefinition definition = new ModelBuilder(hidden).Lstm(hidden).Build();
        RecurrentKernel kernel = KernelFactory.For(KernelSet.Scalar).Recurrent(new LstmCell(hidden), hidden, new ParameterSet(definition).Source(0));
        BackwardStretches stretches = new(kernel, kernel.CreateGradient());
        StepRows steps = new(time);
        steps.SetDense(time, batch);
        Assert.Equal(count, stretches.Count(steps));
        int end = time;
        for (int stretch = 0; stretch < count; stretch++)
        {
            Assert.Equal((Math.Max(0, end - length), end), stretches.Of(steps, stretch));
            end -= length;
        }

        Assert.InRange(end, 1 - length, 0);
    }

    // A model with room for more keeps all steps of any layer: what has too little room would go back in pieces, which have no stretches.
    private static GradientCase Case(ModelDefinition definition) => new(definition, Seed: 7, Time, Batch, IsRagged: false) { Room = 4 };

    /// <summary>Pieces of 40 steps, computed again, are too short for stretches.</summary>
    private static void Check(ModelDefinition definition, int threads = 1)
    {
        GradientCase c = Case(definition);
        GradientValues.Same(c.Run(recomputeSteps: 40), c.Run(threads), $"{definition.Layers[0]}");
    }
}
