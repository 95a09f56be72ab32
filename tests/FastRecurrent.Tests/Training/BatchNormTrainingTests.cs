using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>The running statistics of batch normalization: they follow in training, as the reference says, and only there.</summary>
public class BatchNormTrainingTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 5)]
    [InlineData(30, 9)]
    public void The_running_statistics_follow_as_in_the_reference(int time, int batch)
    {
        ModelDefinition definition = new ModelBuilder(21).BatchNorm().Build();
        ParameterSet parameters = Weights.Draw(definition, new Draw(1));
        int[] lengths = [.. Enumerable.Range(0, batch).Select(row => Math.Max(1, time - row))];
        float[] x = new Draw(2).Floats(time * batch * 21, -2, 5), y = new float[x.Length];
        using TrainableModel model = new(definition, parameters, new() { MaxTime = time, MaxBatch = batch, Lengths = true });
        model.Forward(x, time, batch, y, new() { Lengths = lengths });

        ReferenceNetwork network = new(definition, parameters);
        ReferenceRun run = new() { X = ReferenceCase.Doubles(x), Time = time, Batch = batch, Lengths = lengths, IsTraining = true };
        double[] wanted = network.Forward(run).Y;
        ParameterSet after = model.ExportParameters();
        ReferenceCase.Near("y", wanted, ReferenceCase.Doubles(y), 1e-5);
        ReferenceCase.Near("running mean", network.RunningStatistics(0).Mean, ReferenceCase.Doubles(after["0.running_mean"].ToArray()), 1e-6);
        ReferenceCase.Near("running variance", network.RunningStatistics(0).Variance, ReferenceCase.Doubles(after["0.running_var"].ToArray()), 1e-6);

        // Evaluation and batches without a step leave them.
        model.Forward(x, time, batch, y, new() { Lengths = new int[batch] });
        model.Backward(new float[y.Length]);
        model.IsTraining = false;
        model.Forward(x, time, batch, y);
        Bits.Equal(after["0.running_mean"], model.ExportParameters()["0.running_mean"], "running mean");
        Bits.Equal(after["0.running_var"], model.ExportParameters()["0.running_var"], "running variance");

        // The same numbers as at inference.
        float[] inference = new float[y.Length];
        using SequenceRunner runner = model.ToModel().CreateRunner(time, batch);
        runner.Forward(x, time, batch, inference);
        Bits.Equal(inference, y, "y in evaluation");

        model.Load(parameters);
        Bits.Equal(parameters["0.running_mean"], model.ExportParameters()["0.running_mean"], "running mean as loaded");
    }

    [Fact]
    public void The_gradients_of_a_batch_without_a_step_are_zero()
    {
        ModelDefinition definition = new ModelBuilder(3).BatchNorm().Lstm(4).LayerNorm().Dense(2).Build();
        using TrainableModel model = new(definition, Weights.Draw(definition, new Draw(1)), new() { MaxTime = 3, MaxBatch = 2, Lengths = true });
        float[] x = new Draw(2).Floats(3 * 2 * 3, -1, 1), dx = new Draw(3).Floats(x.Length, -1, 1), y = new float[3 * 2 * 2];
        model.Forward(x, 3, 2, y);
        model.Backward(new Draw(4).Floats(y.Length, -1, 1));
        model.Forward(x, 3, 2, y, new() { Lengths = [0, 0] });
        model.Backward(new Draw(4).Floats(y.Length, -1, 1), new() { InputGradient = dx });
        Assert.All(dx, value => Assert.Equal(0, value));
        ParameterSet gradients = model.ExportGradients();
        Assert.All(gradients.Names, name => Assert.All(gradients[name].ToArray(), value => Assert.Equal(0, value)));
    }
}
