using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>What exists in training only, on examples that can be worked out by hand; the gradients are the catalogue's business.</summary>
public class ReferenceTrainingFormTests
{
    [Fact]
    public void Batch_norm_uses_the_statistics_of_the_valid_steps_and_lets_the_running_ones_follow()
    {
        ModelDefinition definition = new ModelBuilder(1).BatchNorm(epsilon: 1e-5f).Build();
        ReferenceNetwork network = new(definition, new ParameterSet(definition));

        // [T = 3, N = 2]; the second row has one step. Valid: 1, 2, 3 and 6; mean 3, variance 14 / 4, unbiased 14 / 3.
        ReferenceRun run = new() { X = [1, 6, 2, 1000, 3, double.NaN], Time = 3, Batch = 2, Lengths = [3, 1], IsTraining = true };
        double[] y = network.Forward(run).Y;
        double scale = 1 / Math.Sqrt(3.5 + (double)1e-5f);
        Near([-2 * scale, 3 * scale, -1 * scale, 0, 0, 0], y);
        Near([0.3], network.RunningStatistics(0).Mean);
        Near([0.9 + (0.1 * 14 / 3)], network.RunningStatistics(0).Variance);
        Near([0], network.Parameters["0.running_mean"].Value);

        // In inference the running statistics are used, and stay.
        Near([1 / Math.Sqrt(1 + (double)1e-5f)], network.Forward(run with { IsTraining = false }).Y[..1]);
        Near([0], network.RunningStatistics(0).Mean);
    }

    [Fact]
    public void Zoneout_keeps_the_old_state_where_its_mask_is_1()
    {
        (ModelDefinition definition, ReferenceRun run) = Lstm(time: 3);
        double[] keep = [1, 1, 1, 1, 1, 1];
        ReferenceOutput kept = Run(definition, run, new DirectionMasks { ZoneoutHidden = keep, ZoneoutCell = keep });
        Assert.Equal([0.5, -0.25, 0.5, -0.25, 0.5, -0.25], kept.Y);
        Assert.Equal(run.Initial!.Cell(0, false), kept.Final.Cell(0, false));

        // h kept at the last step alone: the output of the step before once more; c goes on.
        ReferenceOutput free = Run(definition, run, DirectionMasks.None);
        ReferenceOutput last = Run(definition, run, new DirectionMasks { ZoneoutHidden = [0, 0, 0, 0, 1, 1] });
        Assert.Equal([.. free.Y[..4], .. free.Y[2..4]], last.Y);
        Assert.Equal(free.Final.Cell(0, false), last.Final.Cell(0, false));
    }

    [Fact]
    public void Recurrent_dropout_of_everything_leaves_steps_that_see_no_h()
    {
        (ModelDefinition definition, ReferenceRun run) = Lstm(time: 1);
        ReferenceOutput dropped = Run(definition, run, new DirectionMasks { Recurrent = [0, 0] });
        run.Initial!.Hidden(0, false).AsSpan().Clear();
        Assert.Equal(Run(definition, run, DirectionMasks.None).Y, dropped.Y);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Recurrent_dropout_leaves_the_h_that_a_gru_carries_on(bool resetAfter)
    {
        // With all weights 0 and no biases z = 1/2 and n = 0: h' = h / 2.
        ModelDefinition definition = new ModelBuilder(1).Recurrent(new GruCell(2) { ResetAfter = resetAfter }).Build();
        ReferenceState initial = new(definition, 1);
        initial.Hidden(0, false)[1] = 0.8;
        ReferenceMasks masks = new() { Directions = { [(0, false)] = new DirectionMasks { Recurrent = [0, 0] } } };
        double[] y = new ReferenceNetwork(definition, new ParameterSet(definition))
            .Forward(new ReferenceRun { X = [1], Time = 1, Batch = 1, Initial = initial, Masks = masks }).Y;
        Assert.Equal([0, 0.4], y);
    }

    [Fact]
    public void Dropout_multiplies_a_layers_input_and_output()
    {
        ModelDefinition definition = new ModelBuilder(2).Dense(2).Build();
        ParameterSet parameters = new(definition);
        ((float[])[1, 2, 3, 4]).CopyTo(parameters["0.weight"]);
        ReferenceMasks masks = new() { Input = { [0] = [2, 0] }, Output = { [0] = [0, 4] } };
        ReferenceNetwork network = new(definition, parameters);
        Assert.Equal([0, 4 * 3 * 2 * 5], network.Forward(new ReferenceRun { X = [5, 7], Time = 1, Batch = 1, Masks = masks }).Y);
        Assert.Equal([2 * 3 * 4, 0], network.Backward([1, 1]).X);
    }

    [Fact]
    public void Backward_before_forward_is_refused()
    {
        (ModelDefinition definition, _) = Lstm(time: 1);
        Assert.Throws<InvalidOperationException>(() => new ReferenceNetwork(definition, new ParameterSet(definition)).Backward([1, 1]));
    }

    [Fact]
    public void Backward_sets_the_gradients_anew()
    {
        (ModelDefinition definition, ReferenceRun run) = Lstm(time: 2);
        ReferenceNetwork network = new(definition, ParameterSet.Uniform(definition, seed: 1));
        network.Forward(run);
        network.Backward([1, 2, 3, 4]);
        double[] first = [.. network.Parameters["0.weight_ih"].Gradient];
        network.Backward([1, 2, 3, 4]);
        Assert.Equal(first, network.Parameters["0.weight_ih"].Gradient);
        Assert.Contains(first, gradient => gradient != 0);
    }

    private static (ModelDefinition Definition, ReferenceRun Run) Lstm(int time)
    {
        ModelDefinition definition = new ModelBuilder(1).Lstm(2).Build();
        ReferenceState initial = new(definition, 1);
        ((double[])[0.5, -0.25]).CopyTo(initial.Hidden(0, false), 0);
        ((double[])[1, -1]).CopyTo(initial.Cell(0, false), 0);
        return (definition, new ReferenceRun { X = [.. Enumerable.Range(1, time).Select(step => step / 4.0)], Time = time, Batch = 1, Initial = initial });
    }

    private static ReferenceOutput Run(ModelDefinition definition, ReferenceRun run, DirectionMasks direction) =>
        new ReferenceNetwork(definition, ParameterSet.Uniform(definition, seed: 1))
            .Forward(run with { Masks = new ReferenceMasks { Directions = { [(0, false)] = direction } } });

    private static void Near(double[] wanted, double[] found)
    {
        Assert.Equal(wanted.Length, found.Length);
        for (int i = 0; i < wanted.Length; i++)
            Assert.Equal(wanted[i], found[i], 1e-12);
    }
}
