using Xunit.Abstractions;

namespace FastRecurrent.Tests;

/// <summary>
/// R5: the errors of the functions behind the activations, against double precision. The normal suite takes samples of every
/// binade and every float of the binades where the functions bend; with FASTRECURRENT_FULL_SWEEP=1 every test takes all 2^32
/// floats (minutes, on all cores). The figures are printed and stand in docs/numerics.md.
/// </summary>
public class ActivationAccuracyTests(ITestOutputHelper output)
{
    // The promises: for tanh and sigmoid those of the reliability board, for the others what SimdMath documents.
    private const double TanhUlp = 5;
    private const double SigmoidAbsolute = 1e-7;
    private const double SigmoidRelative = 4.6e-7;
    private const double ExpUlp = 1.7;
    private const double EluUlp = 1.3;
    private const double SoftplusUlp = 2.6;

    [Fact]
    public void Tanh_is_within_5_ulp() => Assert.InRange(Measure<TanhFunction>(Floats.WhereItBends(isSigned: false)).Ulp, 0, TanhUlp);

    [Fact]
    public void Sigmoid_is_within_1e_7_absolute_and_5e_7_relative()
    {
        Worst worst = Measure<SigmoidFunction>(Floats.WhereItBends(isSigned: true));
        Assert.InRange(worst.Absolute, 0, SigmoidAbsolute);
        Assert.InRange(worst.Relative, 0, SigmoidRelative);
    }

    [Fact]
    public void Exp_is_within_its_documented_error() => Assert.InRange(Measure<ExpFunction>(Floats.EverySeventeenth()).Ulp, 0, ExpUlp);

    [Fact]
    public void Elu_is_within_its_documented_error() => Assert.InRange(Measure<EluFunction>(Floats.EverySeventeenth()).Ulp, 0, EluUlp);

    [Fact]
    public void Softplus_is_within_its_documented_error() => Assert.InRange(Measure<SoftplusFunction>(Floats.EverySeventeenth()).Ulp, 0, SoftplusUlp);

    [Fact]
    public void Tanh_is_odd_bit_for_bit_and_within_minus_1_and_1() => Floats.ForEachBlock(Floats.WhereItBends(isSigned: false), x =>
    {
        float[] positive = VectorFunctions.Apply<TanhFunction>(KernelSets.Default, x);
        float[] negative = VectorFunctions.Apply<TanhFunction>(KernelSets.Default, Array.ConvertAll(x, value => -value));
        for (int i = 0; i < x.Length; i++)
        {
            bool isOdd = BitConverter.SingleToInt32Bits(-positive[i]) == BitConverter.SingleToInt32Bits(negative[i]);
            if (!float.IsNaN(x[i]) && !(isOdd && Math.Abs(positive[i]) <= 1))
                Assert.Fail($"tanh(-{x[i]:g9}) = {negative[i]:g9}, tanh({x[i]:g9}) = {positive[i]:g9}");
        }
    });

    [Fact]
    public void Sigmoid_is_within_0_and_1_and_never_subnormal() => Floats.ForEachBlock(Floats.WhereItBends(isSigned: true), x =>
    {
        float[] y = VectorFunctions.Apply<SigmoidFunction>(KernelSets.Default, x);
        for (int i = 0; i < x.Length; i++)
        {
            if (!float.IsNaN(x[i]) && (y[i] is not (>= 0 and <= 1) || float.IsSubnormal(y[i])))
                Assert.Fail($"sigmoid({x[i]:g9}) = {y[i]:g9}");
        }
    });

    [Theory]
    [Trait("Category", "arm64")]
    [MemberData(nameof(Sets))]
    public void Infinities_saturate_and_nan_stays(KernelSet set)
    {
        float[] x = [float.NegativeInfinity, float.PositiveInfinity];
        Assert.Equal([-1, 1], VectorFunctions.Apply<TanhFunction>(set, x));
        Assert.Equal([0, 1], VectorFunctions.Apply<SigmoidFunction>(set, x));
        Assert.Equal([0, float.PositiveInfinity], VectorFunctions.Apply<ExpFunction>(set, x));
        Assert.Equal([-1, float.PositiveInfinity], VectorFunctions.Apply<EluFunction>(set, x));
        Assert.Equal([0, float.PositiveInfinity], VectorFunctions.Apply<SoftplusFunction>(set, x));

        float[] nan = [.. Enumerable.Repeat(float.NaN, 19)];
        Assert.All(VectorFunctions.Apply<TanhFunction>(set, nan), y => Assert.True(float.IsNaN(y)));
        Assert.All(VectorFunctions.Apply<SigmoidFunction>(set, nan), y => Assert.True(float.IsNaN(y)));
        Assert.All(VectorFunctions.Apply<ExpFunction>(set, nan), y => Assert.True(float.IsNaN(y)));
        Assert.All(VectorFunctions.Apply<EluFunction>(set, nan), y => Assert.True(float.IsNaN(y)));
        Assert.All(VectorFunctions.Apply<SoftplusFunction>(set, nan), y => Assert.True(float.IsNaN(y)));
    }

    public static TheoryData<KernelSet> Sets => [.. Enum.GetValues<KernelSet>()];

    [Fact]
    public void Every_vector_width_gives_the_same_bits()
    {
        SameBits<TanhFunction>();
        SameBits<SigmoidFunction>();
        SameBits<ExpFunction>();
        SameBits<EluFunction>();
        SameBits<SoftplusFunction>();
    }

    [Fact]
    public void The_measure_sees_an_error_of_half_a_unit_in_the_last_place()
    {
        Worst worst = default;
        worst.Take(1, 1.5f, 1.5 + (0.5 / (1 << 23)));
        Assert.Equal(0.5, worst.Ulp, precision: 6);
    }

    private static void SameBits<TFunction>()
        where TFunction : struct, IVectorFunction
    {
        // NaN of NaN may have other bits from one width to the next; that it stays NaN is tested above.
        foreach (float[] block in Floats.Sampled())
        {
            float[] x = Array.FindAll(block, value => !float.IsNaN(value));
            float[] wanted = VectorFunctions.Apply<TFunction>(KernelSet.Scalar, x);
            foreach (KernelSet set in Enum.GetValues<KernelSet>())
                Bits.Equal(wanted, VectorFunctions.Apply<TFunction>(set, x), $"{typeof(TFunction).Name}, {set}");
        }
    }

    private Worst Measure<TFunction>(IEnumerable<float[]> blocks)
        where TFunction : struct, IVectorFunction
    {
        Worst worst = default;
        Lock gate = new();
        Floats.ForEachBlock(blocks, x =>
        {
            float[] y = VectorFunctions.Apply<TFunction>(KernelSets.Default, x);
            Worst own = default;
            for (int i = 0; i < x.Length; i++)
            {
                if (!float.IsNaN(x[i]))
                    own.Take(x[i], y[i], TFunction.Exact(x[i]));
            }

            lock (gate)
                worst.Take(own);
        });
        output.WriteLine($"{typeof(TFunction).Name}, {KernelSets.Default}: {worst}");
        return worst;
    }
}
