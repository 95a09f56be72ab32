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
        Check(new ModelBuilder(I).Recurrent(made).Build(), isRagged: false);
        Check(new ModelBuilder(I).Recurrent(made, Direction.Reverse).LastStep().Build(), isRagged: true);
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
        foreach (bool isRagged in new[] { false, true })
        {
            Check(new ModelBuilder(I).Add(layer).Add(layer).Dense(2).Build(), isRagged);
            Check(new ModelBuilder(I).Add(masked).LastStep().Build(), isRagged);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_number_of_threads_has_them(int threads)
    {
        RecurrentLayer reverse = new(new LstmCell(H)) { Direction = Direction.Reverse };
        foreach (bool isRagged in new[] { false, true })
            Check(new ModelBuilder(I).Gru(H).Add(reverse).Bidirectional(new LstmCell(H) { Peepholes = true }).FinalState().Build(), isRagged, threads);
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

    /// <summary>Pieces that are computed again have no stretches.</summary>
    private static void Check(ModelDefinition definition, bool isRagged, int threads = 1)
    {
        GradientCase c = new(definition, Seed: 7, Time, Batch, isRagged);
        GradientValues.Same(c.Run(recomputeSteps: 40), c.Run(threads), $"ragged {isRagged}, {definition.Layers[0]}");
    }
}
