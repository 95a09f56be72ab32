using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

public class ReferenceLossTests
{
    private const int Steps = 6;
    private const int Features = 3;
    private const double Step = 1e-6;

    private static readonly double[] SomeWeights = [0, 1, 0.5, 2, 0, 0.25];

    private static readonly int[] Classes = [0, 2, 1, 1, 0, 2];

    private delegate double Loss(double[] y, double[]? weights, double[] dy);

    /// <summary>Every loss by name, how many values of y it has, and what it computes on fixed targets.</summary>
    private static readonly Dictionary<string, (int Size, Loss Of)> Losses = new()
    {
        ["mean squared error"] = (18, (y, weights, dy) => ReferenceLoss.MeanSquaredError(y, Targets, Features, weights, dy)),
        ["mean absolute error"] = (18, (y, weights, dy) => ReferenceLoss.MeanAbsoluteError(y, Targets, Features, weights, dy)),
        ["huber"] = (18, (y, weights, dy) => ReferenceLoss.Huber(y, Targets, Features, weights, dy, 0.4)),
        ["quantile 0.9"] = (18, (y, weights, dy) => ReferenceLoss.Quantile(y, Targets, Features, weights, dy, 0.9)),
        ["gaussian"] = (36, (y, weights, dy) => ReferenceLoss.GaussianNegativeLogLikelihood(y, Targets, Features, weights, dy)),
        ["softmax cross-entropy"] = (18, (y, weights, dy) => ReferenceLoss.SoftmaxCrossEntropy(y, Classes, Features, weights, dy)),
        ["binary cross-entropy"] = (18, (y, weights, dy) => ReferenceLoss.BinaryCrossEntropy(y, Targets, Features, weights, dy)),
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    private static double[] Targets => ReferenceCase.Doubles(new Draw(7).Floats(Steps * Features, 0, 1));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_equals_the_difference_quotients(string name)
    {
        (int size, Loss loss) = Losses[name];
        foreach (double[]? weights in new[] { null, SomeWeights })
        {
            double[] y = ReferenceCase.Gradients(seed: 11, stream: 0, size), dy = new double[size], unused = new double[size], quotients = new double[size];
            loss(y, weights, dy);
            for (int i = 0; i < size; i++)
            {
                double value = y[i];
                y[i] = value + Step;
                double above = loss(y, weights, unused);
                y[i] = value - Step;
                double below = loss(y, weights, unused);
                y[i] = value;
                quotients[i] = (above - below) / (2 * Step);
            }

            Assert.True(dy.Max(Math.Abs) > 1e-3);
            for (int i = 0; i < size; i++)
                Assert.True(Math.Abs(quotients[i] - dy[i]) <= 1e-6 * dy.Max(Math.Abs), $"{name}[{i}]: {dy[i]} for a quotient of {quotients[i]}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_of_weight_0_counts_nothing_and_all_of_weight_0_give_0(string name)
    {
        (int size, Loss loss) = Losses[name];
        int perStep = size / Steps;
        double[] y = ReferenceCase.Gradients(seed: 11, stream: 0, size), dy = new double[size], other = new double[size];
        double value = loss(y, SomeWeights, dy);
        Assert.All(dy[..perStep], slope => Assert.Equal(0, slope));
        y[0] = 100;
        Assert.Equal(value, loss(y, SomeWeights, other));
        Assert.Equal(dy, other);

        Assert.Equal(0, loss(y, new double[Steps], dy));
        Assert.All(dy, slope => Assert.Equal(0, slope));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_count_in_proportion_only(string name)
    {
        (int size, Loss loss) = Losses[name];
        double[] y = ReferenceCase.Gradients(seed: 11, stream: 0, size), dy = new double[size];
        Assert.Equal(loss(y, SomeWeights, dy), loss(y, [.. SomeWeights.Select(weight => 8 * weight)], dy), 1e-14);
        Assert.Equal(loss(y, null, dy), loss(y, [3, 3, 3, 3, 3, 3], dy), 1e-14);
    }

    [Fact]
    public void Small_examples_by_hand()
    {
        double[] dy = new double[2];
        Assert.Equal((1.0 + 4) / 2, ReferenceLoss.MeanSquaredError([3, 1], [2, 3], 2, null, dy));
        Assert.Equal([1, -2], dy);
        Assert.Equal((1.0 + 2) / 2, ReferenceLoss.MeanAbsoluteError([3, 1], [2, 3], 1, null, dy));
        Assert.Equal([0.5, -0.5], dy);
        Assert.Equal(((0.25 / 2) + (1 * (2 - 0.5))) / 2, ReferenceLoss.Huber([2.5, 1], [2, 3], 1, null, dy, 1));
        Assert.Equal([0.25, -0.5], dy);
        Assert.Equal(((0.9 * 2) + (0.1 * 1)) / 2, ReferenceLoss.Quantile([1, 4], [3, 3], 1, null, dy, 0.9), 1e-15);
        Assert.Equal(-0.45, dy[0], 1e-15);
        Assert.Equal(0.05, dy[1], 1e-15);
        Assert.Equal((Math.Log(4) + (1.0 / 4)) / 2, ReferenceLoss.GaussianNegativeLogLikelihood([1, Math.Log(4)], [2], 1, null, dy), 1e-15);
        Assert.Equal(-Math.Log(0.25), ReferenceLoss.SoftmaxCrossEntropy([0, Math.Log(3)], [0], 2, null, dy), 1e-15);
        Assert.Equal(-0.75, dy[0], 1e-15);
        Assert.Equal(0.75, dy[1], 1e-15);
        Assert.Equal((Math.Log(2) - Math.Log(0.75)) / 2, ReferenceLoss.BinaryCrossEntropy([0, -Math.Log(3)], [1, 0], 1, null, dy), 1e-15);
        Assert.Equal(-0.25, dy[0], 1e-15);
        Assert.Equal(0.125, dy[1], 1e-15);
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        double[] dy = new double[2];
        Assert.Equal(2000, ReferenceLoss.SoftmaxCrossEntropy([1000, -1000], [1], 2, null, dy));
        Assert.Equal(500, ReferenceLoss.BinaryCrossEntropy([1000, -1000], [0, 0], 1, null, dy));
    }
}
