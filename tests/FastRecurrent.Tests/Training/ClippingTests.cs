using FastRecurrent.Tests.Api;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>Clipping, the refusal of gradients that are not finite, and the report of norms.</summary>
public class ClippingTests
{
    private static readonly Refusals<object> Calls = new Refusals<object>()
        .OutOfRange("By value, 0", _ => GradientClipping.ByValue(0), "GradientClipping.None")
        .OutOfRange("By norm, negative", _ => GradientClipping.ByNorm(-1), "-1")
        .OutOfRange("By global norm, NaN", _ => GradientClipping.ByGlobalNorm(double.NaN), "NaN");

    public static TheoryData<string> Titles => Calls.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void Refused(string title) => Calls.Check(title, new object());

    [Fact]
    public void None_and_value_scale_nothing()
    {
        Assert.Equal([1, 1], Scales(GradientClipping.None, 9, 1e30));
        Assert.Equal([1, 1], Scales(GradientClipping.ByValue(0.1), 9, 1e30));
        Assert.Equal(float.MaxValue, GradientClipping.None.ValueLimit);
        Assert.Equal(float.MaxValue, GradientClipping.ByNorm(1).ValueLimit);
        Assert.Equal(0.5f, GradientClipping.ByValue(0.5).ValueLimit);
        Assert.Equal(float.MaxValue, GradientClipping.ByValue(1e300).ValueLimit);
    }

    [Fact]
    public void By_norm_scales_each_block_that_is_too_long()
    {
        Assert.Equal([1, 0.5f, 1], Scales(GradientClipping.ByNorm(2), 4, 16, 1));
    }

    [Fact]
    public void By_global_norm_scales_all_blocks_by_the_same()
    {
        // sqrt(9 + 16) = 5.
        Assert.Equal([0.5f, 0.5f], Scales(GradientClipping.ByGlobalNorm(2.5), 9, 16));
        Assert.Equal([1, 1], Scales(GradientClipping.ByGlobalNorm(5), 9, 16));
        Assert.Equal([1, 1], Scales(GradientClipping.ByGlobalNorm(5), 0, 0));
    }

    [Fact]
    public void Clipped_by_value_every_gradient_is_clamped()
    {
        FakeBlocks blocks = new(1, 3);
        float[] before = blocks.Weights(0).ToArray();
        new float[] { 3, -0.5f, -7 }.CopyTo(blocks.Gradients(0));
        GradientClipping clipping = GradientClipping.ByValue(1);
        new OptimizerRun(new Sgd(), blocks.Blocks, KernelSets.Default, null).Step(1, blocks.Ones(), clipping.ValueLimit);
        Bits.Equal([before[0] - 1, before[1] + 0.5f, before[2] + 1], blocks.Weights(0), "weights");
    }

    [Fact]
    public void Norms_that_are_not_finite_are_found_before_anything_changes()
    {
        Assert.True(NonFiniteGuard.AreFinite([0, 1e77, 3]));
        Assert.False(NonFiniteGuard.AreFinite([0, double.NaN]));
        Assert.False(NonFiniteGuard.AreFinite([double.PositiveInfinity, 1]));
    }

    [Fact]
    public void The_refusal_skips_stops_or_throws_with_the_layers_names()
    {
        ModelDefinition definition = new ModelBuilder(3).Lstm(4).LastStep().Dense(2).Build();
        FakeBlocks blocks = new(1, 1, 1, 1, 1, 1);
        GradientReport report = new(3, blocks.Blocks, [1, 1, 1, 1, double.NaN]);
        Assert.False(report.IsFinite);
        Assert.Equal([2], report.NonFiniteLayers);
        Assert.Equal(UpdateResult.Skipped, NonFiniteGuard.Refuse(NonFiniteGradients.Skip, report, definition, 7));
        Assert.Equal(UpdateResult.Stopped, NonFiniteGuard.Refuse(NonFiniteGradients.Stop, report, definition, 7));
        NotFiniteNumberException error = Assert.Throws<NotFiniteNumberException>(() => NonFiniteGuard.Refuse(NonFiniteGradients.Throw, report, definition, 7));
        Assert.Contains("Step 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 (DenseLayer)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_adds_the_blocks_of_a_layer()
    {
        // Blocks 0 and 1 are layer 0, block 2 is layer 1; layer 2 has no parameters.
        GradientReport report = new(3, new FakeBlocks(1, 1, 1, 1).Blocks, [9, 16, 144]);
        Assert.Equal([5.0, 12.0, 0.0], report.LayerNorms.ToArray());
        Assert.Equal(13, report.GlobalNorm);
        Assert.True(report.IsFinite);
        Assert.Empty(report.NonFiniteLayers);
    }

    private static float[] Scales(GradientClipping clipping, params double[] squaredNorms)
    {
        float[] scales = new float[squaredNorms.Length];
        clipping.Scales(squaredNorms, scales);
        return scales;
    }
}
