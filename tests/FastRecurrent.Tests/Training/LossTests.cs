using FsCheck.Fluent;

namespace FastRecurrent.Tests.Training;

/// <summary>Losses: values worked out by hand, gradients against central differences of the value.</summary>
public class LossTests
{
    private static readonly Dictionary<string, Loss> Losses = new()
    {
        ["MSE"] = Loss.MeanSquaredError,
        ["MAE"] = Loss.MeanAbsoluteError,
        ["Huber 0.7"] = Loss.Huber(0.7),
        ["Quantile"] = Loss.Quantile(0.1, 0.5, 0.9),
        ["Gaussian"] = Loss.GaussianNegativeLogLikelihood,
        ["Softmax"] = Loss.SoftmaxCrossEntropy,
        ["Binary"] = Loss.BinaryCrossEntropy,
    };

    public static TheoryData<string> Names => [.. Losses.Keys];

    [Fact]
    public void Mean_squared_error_by_hand()
    {
        Check(Loss.MeanSquaredError, [1, 2, 3], [1, 4, 0], 13.0 / 3, [0, -4f / 3, 2]);
    }

    [Fact]
    public void Mean_absolute_error_by_hand()
    {
        Check(Loss.MeanAbsoluteError, [1, 2, 3, -4], [1, 4, 0, -3.5f], 5.5 / 4, [0, -0.25f, 0.25f, -0.25f]);
    }

    [Fact]
    public void Huber_by_hand()
    {
        // d = 0.5, -2, 1, delta = 1: 0.125, 1.5, 0.5.
        Check(Loss.Huber(), [0.5f, -2, 1], [0, 0, 0], 2.125 / 3, [0.5f / 3, -1f / 3, 1f / 3]);
    }

    [Fact]
    public void Quantile_by_hand()
    {
        // Two targets, two quantiles: t = 3 against 1 and 4, t = 0 against 2 and 0.
        Check(Loss.Quantile(0.25, 0.75), [1, 4, 2, 0], [3, 0], ((0.25 * 2) + (0.25 * 1) + (0.75 * 2) + 0) / 4, [-0.0625f, 0.0625f, 0.1875f, 0], outputSize: 4);
    }

    [Fact]
    public void Gaussian_by_hand()
    {
        // m = 1, s = ln 4, t = 3: (ln 4 + 4 / 4) / 2; m = 0, s = 0, t = 1: 1/2.
        float s = (float)Math.Log(4);
        Check(Loss.GaussianNegativeLogLikelihood, [1, s, 0, 0], [3, 1], ((Math.Log(4) + 1) / 2 + 0.5) / 2, [-0.25f, 0, -0.5f, 0], outputSize: 4);
    }

    [Fact]
    public void Softmax_cross_entropy_by_hand()
    {
        // softmax(0, ln 3) = 1/4, 3/4.
        float ln3 = (float)Math.Log(3);
        Check(Loss.SoftmaxCrossEntropy, [0, ln3, 0, ln3], [0, 1], (Math.Log(4) - Math.Log(0.75)) / 2, [-0.375f, 0.375f, 0.125f, -0.125f], outputSize: 2, steps: 2);
    }

    [Fact]
    public void Binary_cross_entropy_by_hand()
    {
        // sigmoid(ln 3) = 3/4.
        float ln3 = (float)Math.Log(3);
        Check(Loss.BinaryCrossEntropy, [ln3, -ln3], [1, 0.5f], (-Math.Log(0.75) - (0.5 * Math.Log(0.75)) - (0.5 * Math.Log(0.25))) / 2, [-0.125f, -0.125f]);
    }

    [Fact]
    public void Logits_of_any_size_give_finite_cross_entropies()
    {
        float[] gradient = new float[2];
        Assert.Equal(2000, Loss.SoftmaxCrossEntropy.Evaluate([1000, -1000], [1], 1, 1, 2, gradient).Mean, 1e-9);
        Assert.Equal([1, -1], gradient);
        Assert.Equal(2000, Loss.SoftmaxCrossEntropy.Evaluate([-1000, 1000], [0], 1, 1, 2, gradient).Mean, 1e-9);
        Assert.Equal([-1, 1], gradient);
        Assert.Equal(750, Loss.BinaryCrossEntropy.Evaluate([1000, -500], [0, 1], 1, 1, 2, gradient).Mean, 1e-9);
        Assert.Equal([0.5f, -0.5f], gradient);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_gradient_is_the_slope_of_its_loss(string name) => Property.Holds(Gen.Choose(0, int.MaxValue), seed =>
    {
        const float Step = 1f / 512; // a power of two, so that y +- step is exact
        LossCase c = new(Losses[name], new Draw(seed));
        float[] gradient = new float[c.Y.Length];
        c.Evaluate(gradient);
        for (int i = 0; i < c.Y.Length; i++)
        {
            float y = c.Y[i];
            c.Y[i] = y + Step;
            double above = c.Evaluate([]).Mean;
            c.Y[i] = y - Step;
            double below = c.Evaluate([]).Mean;
            c.Y[i] = y;

            // Central differences of smooth losses err by step^2 / 6 times the third derivative; drawn values stay away from kinks.
            double slope = (above - below) / (2 * Step);
            Assert.True(Math.Abs(slope - gradient[i]) <= 2e-5 * Math.Max(1, Math.Abs(slope)), $"{name}, {seed}: dL/dy[{i}] is {gradient[i]}; wanted {slope}.");
        }
    }, count: 40);

    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_that_do_not_count_are_as_if_they_were_not_there(string name) => Property.Holds(Gen.Choose(0, int.MaxValue), seed =>
    {
        LossCase c = new(Losses[name], new Draw(seed));
        float[] gradient = new float[c.Y.Length];
        LossValue value = c.Evaluate(gradient);

        List<int> counted = [.. Enumerable.Range(0, c.Steps).Where(step => c.Weight(step) != 0)];
        if (counted.Count == 0)
        {
            Assert.Equal(default, value);
            Assert.All(gradient, g => Assert.Equal(0, g));
            return;
        }

        float[] y = [.. counted.SelectMany(step => c.Y[(step * c.OutputSize)..((step + 1) * c.OutputSize)])];
        float[] target = [.. counted.SelectMany(step => c.Target[(step * c.TargetSize)..((step + 1) * c.TargetSize)])];
        float[] dense = new float[y.Length];
        LossValue wanted = c.Loss.Evaluate(y, target, counted.Count, 1, c.OutputSize, dense, new() { Weights = [.. counted.Select(c.Weight)] });
        Assert.Equal(wanted, value);
        Bits.Equal(dense, [.. counted.SelectMany(step => gradient[(step * c.OutputSize)..((step + 1) * c.OutputSize)])], $"{name}, {seed}");
        foreach (int step in Enumerable.Range(0, c.Steps).Except(counted))
            Assert.All(gradient[(step * c.OutputSize)..((step + 1) * c.OutputSize)], g => Assert.Equal(0, g));

        // Whatever stands there.
        foreach (int step in Enumerable.Range(0, c.Steps).Except(counted))
        {
            c.Y.AsSpan(step * c.OutputSize, c.OutputSize).Fill(float.NaN);
            c.Target.AsSpan(step * c.TargetSize, c.TargetSize).Fill(float.NaN);
        }

        float[] again = new float[c.Y.Length];
        Assert.Equal(value, c.Evaluate(again));
        Bits.Equal(gradient, again, $"{name}, {seed}, NaN beside");
    }, count: 40);

    [Fact]
    public void A_weight_of_two_counts_a_step_twice()
    {
        LossValue once = Loss.MeanSquaredError.Evaluate([1, 3, 3], [0, 0, 0], 3, 1, 1, []);
        LossValue twice = Loss.MeanSquaredError.Evaluate([1, 3], [0, 0], 2, 1, 1, [], new() { Weights = [1, 2] });
        Assert.Equal(once, twice);
        Assert.Equal(3, twice.Weight);
    }

    [Fact]
    public void Values_of_batches_add_to_the_value_of_all()
    {
        LossValue a = Loss.MeanSquaredError.Evaluate([1, 3], [0, 0], 2, 1, 1, []);
        LossValue b = Loss.MeanSquaredError.Evaluate([5], [0], 1, 1, 1, []);
        LossValue all = Loss.MeanSquaredError.Evaluate([1, 3, 5], [0, 0, 0], 3, 1, 1, []);
        Assert.Equal(all.Mean, (a + b).Mean, 1e-12);
        Assert.Equal(3, LossValue.Add(a, b).Weight);
        Assert.Equal(default, LossValue.Add(default, default));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_value_that_is_not_a_number_shows(string name)
    {
        LossCase c = new(Losses[name], new Draw(1), isPlain: true);
        c.Y[0] = float.NaN;
        float[] gradient = new float[c.Y.Length];
        Assert.True(double.IsNaN(c.Evaluate(gradient).Mean));
        Assert.Contains(gradient, float.IsNaN);
    }

    [Fact]
    public void A_gradient_is_never_subnormal()
    {
        float[] gradient = new float[2];
        Loss.MeanSquaredError.Evaluate([1e-31f, 1], [0, 0], 1, 1, 2, gradient);
        Assert.Equal([0, 1], gradient);
    }

    private static void Check(Loss loss, float[] y, float[] target, double wanted, float[] gradient, int? outputSize = null, int steps = 1)
    {
        const double Rounding = 1e-7; // of y, target and gradient to float
        float[] found = new float[y.Length];
        LossValue value = loss.Evaluate(y, target, steps, 1, outputSize ?? y.Length, found);
        Assert.Equal(wanted, value.Mean, Rounding);
        Assert.Equal(value, loss.Evaluate(y, target, steps, 1, outputSize ?? y.Length, []));
        for (int i = 0; i < y.Length; i++)
            Assert.Equal(gradient[i], found[i], Rounding);
    }
}
