using FastRecurrent.Threading;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>R9 for what follows the backward pass: a loss and an optimizer's step allocate nothing.</summary>
[Collection(AloneCollection.Name)]
public class TrainingAllocationTests
{
    [Fact]
    public void A_loss_allocates_nothing()
    {
        const int Time = 5, Rows = 3, Outputs = 6;
        float[] y = new Draw(1).Floats(Time * Rows * Outputs, 0, 1), gradient = new float[y.Length], weights = new Draw(2).Floats(Time * Rows, 0, 1);
        float[] target = new float[y.Length];
        int[] lengths = [5, 0, 3];
        Loss[] losses =
        [
            Loss.MeanSquaredError, Loss.MeanAbsoluteError, Loss.Huber(), Loss.Quantile(0.1, 0.9), Loss.GaussianNegativeLogLikelihood,
            Loss.SoftmaxCrossEntropy, Loss.BinaryCrossEntropy,
        ];
        AllocationTests.Nothing(() =>
        {
            foreach (Loss loss in losses)
            {
                loss.Evaluate(
                    y, target.AsSpan(0, Time * Rows * loss.TargetSize(Outputs)), Time, Rows, Outputs, gradient, new() { Weights = weights, Lengths = lengths });
            }
        });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_step_of_an_optimizer_allocates_nothing(int threads)
    {
        FakeBlocks blocks = new(1, 70_000, 16, 33);
        using WorkerPool pool = new(threads);
        OptimizerRun[] runs =
        [
            .. new Optimizer[] { new Sgd(), new Sgd { Momentum = 0.9 }, new RmsProp(), new Adagrad(), new Adam(), new AdamW() }
                .Select(optimizer => new OptimizerRun(optimizer, blocks.Blocks, KernelSets.Default, pool)),
        ];
        double[] squaredNorms = [4, 9, 16];
        float[] scales = new float[3];
        GradientClipping clipping = GradientClipping.ByGlobalNorm(1);
        LearningRateSchedule schedule = new WarmUpSchedule(100, new CosineSchedule(10));
        blocks.DrawGradients();
        AllocationTests.Nothing(
            () =>
            {
                if (NonFiniteGuard.AreFinite(squaredNorms))
                    clipping.Scales(squaredNorms, scales);
                foreach (OptimizerRun run in runs)
                    run.Step(1e-6 * schedule.Factor(3, 17), scales, clipping.ValueLimit);
            },
            allThreads: threads > 1);
    }
}
