using FastRecurrent.Tests.Api;
using FastRecurrent.Threading;
using FastRecurrent.Training;

namespace FastRecurrent.Tests.Training;

/// <summary>
/// Optimizers: first steps by hand with the frameworks' defaults, many steps against a plain one in double precision, the same
/// bits for every instruction set and any number of threads.
/// </summary>
public class OptimizerTests
{
    // Weights of magnitude 1 take this many roundings to float over the steps of these tests.
    private const double Tolerance = 2e-6;

    private static readonly KernelSet[] Vectorized = [KernelSet.Avx512, KernelSet.Avx2, KernelSet.Vector128, KernelSet.Vector];

    private static readonly Dictionary<string, Optimizer> Optimizers = new()
    {
        ["SGD"] = new Sgd { LearningRate = 0.05, WeightDecay = 0.1 },
        ["SGD, momentum"] = new Sgd { LearningRate = 0.02, Momentum = 0.9, WeightDecay = 0.1 },
        ["SGD, Nesterov"] = new Sgd { LearningRate = 0.02, Momentum = 0.8, Nesterov = true },
        ["RMSProp"] = new RmsProp { WeightDecay = 0.01 },
        ["RMSProp, Keras"] = RmsProp.Keras with { LearningRate = 0.01, Epsilon = 1e-3 },
        ["Adagrad"] = new Adagrad(),
        ["Adagrad, Keras"] = Adagrad.Keras with { LearningRate = 0.05, Epsilon = 1e-2, WeightDecay = 0.1 },
        ["Adam"] = new Adam { WeightDecay = 0.1, Epsilon = 1e-3 },
        ["Adam, Keras"] = Adam.Keras with { Epsilon = 1e-3 },
        ["AdamW"] = new AdamW { WeightDecay = 0.5 },
        ["AdamW on vectors too"] = AdamW.Keras with { DecayVectors = true, WeightDecay = 0.5, Beta1 = 0.7, Beta2 = 0.9 },
    };

    private static readonly Refusals<Optimizer> Calls = new Refusals<Optimizer>()
        .OutOfRange("A negative rate", _ => new Adam { LearningRate = -1 }.Validate(), "LearningRate")
        .OutOfRange("A rate that is NaN", _ => new Adam { LearningRate = double.NaN }.Validate(), "LearningRate")
        .OutOfRange("A negative decay", _ => new Sgd { WeightDecay = -1 }.Validate(), "WeightDecay")
        .OutOfRange("Momentum 1", _ => new Sgd { Momentum = 1 }.Validate(), "Momentum", "below 1")
        .Argument("Nesterov without momentum", _ => new Sgd { Nesterov = true }.Validate(), "momentum")
        .OutOfRange("Beta1 = 1", _ => new Adam { Beta1 = 1 }.Validate(), "Beta1")
        .OutOfRange("Beta2 = 1", _ => new AdamW { Beta2 = 1 }.Validate(), "Beta2")
        .OutOfRange("Adam without epsilon", _ => new Adam { Epsilon = 0 }.Validate(), "Epsilon")
        .OutOfRange("AdamW without epsilon", _ => new AdamW { Epsilon = 0 }.Validate(), "Epsilon")
        .OutOfRange("RMSProp without epsilon", _ => new RmsProp { Epsilon = 0 }.Validate(), "Epsilon")
        .OutOfRange("RMSProp that forgets nothing", _ => new RmsProp { Decay = 1 }.Validate(), "Decay")
        .OutOfRange("Adagrad without epsilon", _ => new Adagrad { Epsilon = 0 }.Validate(), "Epsilon")
        .OutOfRange("Adagrad from below 0", _ => new Adagrad { InitialAccumulator = -1 }.Validate(), "InitialAccumulator");

    public static TheoryData<string> Names => [.. Optimizers.Keys];

    public static TheoryData<string> Titles => Calls.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void Refused(string title) => Calls.Check(title, new Sgd());

    [Fact]
    public void First_steps_by_hand_with_the_defaults_of_the_frameworks()
    {
        // w = 1, g = 0.5.
        Steps(new Sgd(), [0.9995, 0.999]);
        Steps(Sgd.Keras, [0.995, 0.99]);
        Steps(new Sgd { LearningRate = 0.1, Momentum = 0.9 }, [0.95, 0.95 - 0.095]);
        Steps(new Sgd { LearningRate = 0.1, Momentum = 0.9, Nesterov = true }, [1 - 0.095, 1 - 0.095 - (0.1 * (0.5 + (0.9 * 0.95)))]);

        // sqrt(0.01 * 0.25) = 0.05; Keras sqrt(0.1 * 0.25 + 1e-7).
        Steps(new RmsProp(), [1 - (0.01 * 0.5 / 0.05)]);
        Steps(RmsProp.Keras, [1 - (0.001 * 0.5 / Math.Sqrt(0.0250001))]);

        // sqrt(0.25), then sqrt(0.5); Keras starts from 0.1.
        Steps(new Adagrad(), [0.99, 0.99 - (0.01 * 0.5 / Math.Sqrt(0.5))]);
        Steps(Adagrad.Keras, [1 - (0.001 * 0.5 / Math.Sqrt(0.3500001))]);

        // With equal gradients the corrected moments are g and g^2 at every step.
        Steps(new Adam(), [0.999, 0.998]);
        Steps(Adam.Keras, [1 - (0.001 * 0.5 / (0.5 + (1e-7 / Math.Sqrt(0.001))))]);

        // 1 - 0.001 * 0.01, then Adam's step.
        Steps(new AdamW(), [0.99999 - 0.001, ((0.99999 - 0.001) * 0.99999) - 0.001]);
        Steps(AdamW.Keras, [0.999996 - (0.001 * 0.5 / (0.5 + (1e-7 / Math.Sqrt(0.001))))]);
    }

    [Fact]
    public void The_rate_of_a_documented_example_of_Keras()
    {
        // RMSprop(0.1) on w^2 / 2 from 10 gives 9.683772.
        FakeBlocks blocks = new(1, 1);
        blocks.Weights(0)[0] = 10;
        blocks.Gradients(0)[0] = 10;
        new OptimizerRun(RmsProp.Keras, blocks.Blocks, KernelSets.Default, null).Step(0.1, blocks.Ones());
        Assert.Equal(9.683772f, blocks.Weights(0)[0], 1e-6f);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Many_steps_equal_a_plain_optimizer_in_double_precision(string name)
    {
        Optimizer optimizer = Optimizers[name];
        FakeBlocks blocks = new(3, 37, 5, 16, 1);
        OptimizerRun run = new(optimizer, blocks.Blocks, KernelSets.Default, null);
        double[][] plain = [.. Enumerable.Range(0, blocks.Count).Select(i => blocks.Weights(i).ToArray().Select(w => (double)w).ToArray())];
        PlainOptimizer[][] plainState = [.. plain.Select(weights => weights.Select(_ => new PlainOptimizer(optimizer)).ToArray())];
        float[] scales = [1, 0.25f, 0.5f, 2];
        const float Limit = 0.75f;
        for (int step = 0; step < 30; step++)
        {
            double rate = optimizer.LearningRate * (1 - (step / 40.0));
            blocks.DrawGradients();
            run.Step(rate, scales, Limit);
            for (int i = 0; i < plain.Length; i++)
            {
                bool decays = i % 2 == 0 || optimizer.DecayVectors;
                for (int k = 0; k < plain[i].Length; k++)
                {
                    double gradient = Math.Clamp(blocks.Gradients(i)[k] * scales[i], -Limit, Limit);
                    plain[i][k] = plainState[i][k].Next(plain[i][k], gradient, rate, decays);
                    Assert.True(Math.Abs(plain[i][k] - blocks.Weights(i)[k]) <= Tolerance * Math.Max(1, Math.Abs(plain[i][k])),
                        $"{name}, step {step}, block {i}, weight {k} is {blocks.Weights(i)[k]}; wanted {plain[i][k]}.");
                }
            }
        }

        Assert.Equal(30, run.StepCount);
        Assert.All(blocks.Padding(), value => Assert.Equal(0, BitConverter.SingleToInt32Bits(value)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_set_gives_the_bits_of_the_scalar_one(string name)
    {
        float[] wanted = Run(Optimizers[name], KernelSet.Scalar, null, 1, 15, 16, 17, 70);
        foreach (KernelSet set in Vectorized)
            Bits.Equal(wanted, Run(Optimizers[name], set, null, 1, 15, 16, 17, 70), $"{set}, {name}");
    }

    [Fact]
    [Trait("Category", "arm64")]
    public void Every_platform_gives_the_recorded_bits()
    {
        float[] all = [.. Optimizers.Values.SelectMany(optimizer => Run(optimizer, KernelSets.Default, null, 16, 33))];
        Assert.Equal(555_737_961_594_243_491UL, Bits.Hash(all));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Any_number_of_threads_gives_the_bits_of_one(int threads)
    {
        // Shares of workers begin and end within blocks.
        int[] lengths = [50_000, 17, 90_001, 3, 33_333];
        float[] wanted = Run(Optimizers["Adam"], KernelSets.Default, null, lengths);
        using WorkerPool pool = new(threads);
        Bits.Equal(wanted, Run(Optimizers["Adam"], KernelSets.Default, pool, lengths), $"{threads} threads");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Moments_never_become_subnormal(string name)
    {
        // R11: a hundred thousand steps without a gradient, and gradients whose squares are tiny.
        Optimizer optimizer = Optimizers[name];
        FakeBlocks blocks = new(5, 64);
        OptimizerRun run = new(optimizer, blocks.Blocks, KernelSets.Default, null);
        blocks.DrawGradients();
        run.Step(1e-3, blocks.Ones());
        blocks.Gradients(0).Fill(1e-20f);
        run.Step(1e-3, blocks.Ones());
        blocks.Gradients(0).Clear();
        for (int step = 0; step < 100_000; step++)
        {
            run.Step(1e-3, blocks.Ones());
            if (step % 1000 == 0)
                Assert.DoesNotContain(blocks.Everything(run, optimizer), float.IsSubnormal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_that_takes_over_moments_and_count_goes_on_bit_for_bit(string name)
    {
        Optimizer optimizer = Optimizers[name];
        FakeBlocks whole = new(7, 40, 9), parted = new(7, 40, 9);
        OptimizerRun run = new(optimizer, whole.Blocks, KernelSets.Default, null), first = new(optimizer, parted.Blocks, KernelSets.Default, null);
        Steps(run, whole, 5);
        Steps(first, parted, 5);
        OptimizerRun second = new(optimizer, parted.Blocks, KernelSets.Default, null) { StepCount = first.StepCount };
        for (int moment = 0; moment < optimizer.MomentNames.Count; moment++)
        {
            for (int i = 0; i < parted.Count; i++)
                first.Moment(moment)[i].Span.CopyTo(second.Moment(moment)[i].Span);
        }

        Steps(run, whole, 5);
        Steps(second, parted, 5);
        Bits.Equal(whole.Everything(run, optimizer), parted.Everything(second, optimizer), name);

        second.Reset();
        Assert.Equal(0, second.StepCount);
        for (int moment = 0; moment < optimizer.MomentNames.Count; moment++)
            Assert.All(second.Moment(moment)[0].Span.ToArray(), value => Assert.Equal(optimizer.InitialMoment, value));
    }

    [Fact]
    public void Vectors_do_not_decay_unless_asked()
    {
        FakeBlocks blocks = new(9, 1, 1), all = new(9, 1, 1);
        float[] before = [blocks.Weights(0)[0], blocks.Weights(1)[0]];
        new OptimizerRun(new AdamW(), blocks.Blocks, KernelSets.Default, null).Step(0.1, blocks.Ones());
        Assert.Equal(before[0] * 0.999f, blocks.Weights(0)[0], 1e-6f);
        Assert.Equal(before[1], blocks.Weights(1)[0]);
        new OptimizerRun(new AdamW { DecayVectors = true }, all.Blocks, KernelSets.Default, null).Step(0.1, all.Ones());
        Assert.Equal(before[1] * 0.999f, all.Weights(1)[0], 1e-6f);
    }

    private static void Steps(Optimizer optimizer, double[] wanted)
    {
        FakeBlocks blocks = new(1, 1);
        blocks.Weights(0)[0] = 1;
        OptimizerRun run = new(optimizer, blocks.Blocks, KernelSets.Default, null);
        foreach (double weight in wanted)
        {
            blocks.Gradients(0)[0] = 0.5f;
            run.Step(optimizer.LearningRate, blocks.Ones());
            Assert.Equal(weight, blocks.Weights(0)[0], 1.5e-7);
        }
    }

    private static void Steps(OptimizerRun run, FakeBlocks blocks, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            blocks.DrawGradients();
            run.Step(0.01, blocks.Ones());
        }
    }

    private static float[] Run(Optimizer optimizer, KernelSet set, WorkerPool? pool, params int[] lengths)
    {
        FakeBlocks blocks = new(11, lengths);
        OptimizerRun run = new(optimizer, blocks.Blocks, set, pool);
        Steps(run, blocks, 6);
        return blocks.Everything(run, optimizer);
    }
}
