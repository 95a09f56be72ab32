using FastRecurrent.Cli.Measurement;
using FastRecurrent.Cli.Peers;

namespace FastRecurrent.Tests.Measurement;

/// <summary>What the training modes of <c>bench</c> time is what they say: the same work as the peer's, or a whole iteration.</summary>
public class TrainingWorkTests
{
    [OneDnnFact]
    public void The_peer_computes_the_same_outputs_and_gradients()
    {
        const double Tolerance = 1e-4; // single precision on both sides, sums of a few dozen terms; native-ref holds the peer to the same
        foreach (CellKind cell in Enum.GetValues<CellKind>())
        {
            StackWorkload workload = Work(WorkloadMode.Train) with { Cell = cell, Layers = 2 };
            using EngineWork ours = EngineWork.Create(workload);
            using OneDnnWork? peer = OneDnnWork.Create(workload);
            ours.Run(2);
            peer!.Run(2);
            float[] expected = peer.Results(), actual = ours.Results();
            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance * Math.Max(1, Math.Abs(expected[i])), $"{cell}, value {i}: {actual[i]}, the peer's is {expected[i]}");
        }
    }

    [Fact]
    public void A_training_result_holds_the_gradients_of_input_parameters_and_initial_state()
    {
        const int T = 4, N = 3, I = 5, H = 7, Gates = 4;
        using EngineWork work = EngineWork.Create(Work(WorkloadMode.Train));
        work.Run(1);
        float[] results = work.Results();
        Assert.Equal((T * N * H) + (T * N * I) + (Gates * H * (I + H + 2)) + (2 * N * H), results.Length);
        Assert.True(results.Count(value => value == 0) < 3, "a gradient was not computed");
    }

    [Fact]
    public void An_iteration_trains()
    {
        StackWorkload workload = Work(WorkloadMode.TrainStep);
        float[] target = workload.OutputValues();
        using EngineWork work = EngineWork.Create(workload);
        work.Run(1);
        double before = Error();
        work.Run(100);
        Assert.InRange(Error(), 0, 0.95 * before);

        double Error() => work.Results().Zip(target, (y, t) => (double)(y - t) * (y - t)).Sum();
    }

    [Theory]
    [InlineData(WorkloadMode.Train)]
    [InlineData(WorkloadMode.TrainStep)]
    public void A_training_call_counts_as_three_forwards(object mode)
    {
        StackWorkload forward = Work(WorkloadMode.Infer);
        Assert.Equal(2.0 * 4 * 3 * 4 * 7 * (5 + 7), forward.Flops);
        Assert.Equal(3 * forward.Flops, (forward with { Mode = (WorkloadMode)mode }).Flops);
    }

    private static StackWorkload Work(WorkloadMode mode) => new()
    {
        Cell = CellKind.Lstm,
        Mode = mode,
        Time = 4,
        Batch = 3,
        Input = 5,
        Hidden = 7,
        Kernels = KernelSets.Default,
    };

    /// <summary>A fact that needs oneDNN; without it the runner shows it as skipped, with the reason.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class OneDnnFactAttribute : FactAttribute
    {
        public OneDnnFactAttribute() => Skip = OneDnn.Instance is null ? "absent: oneDNN, or the library that calls it" : null;
    }
}
