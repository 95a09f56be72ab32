using System.CommandLine;
using System.Runtime.Intrinsics.X86;
using FastRecurrent.Cli.Commands;
using FastRecurrent.Cli.Machine;
using FastRecurrent.Cli.Measurement;
using FastRecurrent.Kernels;
using FastRecurrent.Simd;

namespace FastRecurrent.Bench.Price;

/// <summary>
/// <c>--price</c>: what the numbers contract (one chain per sum, exact division, no subnormals) costs. Every line times the
/// engine's way and another way in turn; a line "the same again" says what the method itself gets wrong.
/// </summary>
internal static class PriceCommand
{
    private const int L2Bytes = 512 * 1024;
    private static readonly int[] Depths = [17, 33, 65, 129, 257];

    public static int Run(string[] arguments)
    {
        Option<double> seconds = NumberOptions.Seconds("--seconds", "How long to measure each contestant of a line", 0.5);
        RootCommand command = new("Measures the price of the numbers contract and prints it as a table.") { seconds };
        command.SetAction(parsed => Print(new Sampler(TimeSpan.FromSeconds(parsed.GetValue(seconds)), CancellationToken.None)));
        return command.Parse(arguments).Invoke();
    }

    private static int Print(Sampler sampler)
    {
        Console.WriteLine($"{Processor.Name}, {KernelSets.Name(KernelSets.Default)}. The engine's time, and as a ratio to it the time of other ways "
            + "(median and spread of neighbouring samples): below 1 the contract costs something.");
        IEnumerable<Question> questions = KernelSets.Default switch
        {
            KernelSet.Avx512 => Questions<Vector512F>(),
            KernelSet.Avx2 => Questions<Vector256F>(),
            _ => Questions<Vector128F>(),
        };
        string title = string.Empty;
        foreach (Question question in questions)
        {
            if (title != question.Title)
            {
                title = question.Title;
                Console.WriteLine($"\n| {title} | engine | the same again | {string.Join(" | ", question.Others.Select(other => other.Name))} |");
                Console.WriteLine($"|---|---:|---:|{string.Concat(question.Others.Select(_ => "---:|"))}");
            }

            Samples[] samples = sampler.Collect([question.Ours, question.Again, .. question.Others.Select(other => other.Work)]);
            IEnumerable<string> ratios = samples.Skip(1).Select(other => other.Over(samples[0]))
                .Select(ratio => $"{Format.Number(ratio.Median, "0.000")} ± {Format.Number(ratio.Spread, "0.000")}");
            Console.WriteLine($"| {question.Name} | {Format.Time(samples[0].Median)} | {string.Join(" | ", ratios)} |");
        }

        return ExitCode.Success;
    }

    private static IEnumerable<Question> Questions<TVector>()
        where TVector : unmanaged, ISimdVector<TVector> =>
        [
            .. Depths.SelectMany(depth => new[] { OnePanel<TVector>(depth, 0), OnePanel<TVector>(depth, L2Bytes) }),
            .. Depths.Select(TwoPanels<TVector>),
            .. TVector.HasWideRegisterFile ? Depths.Select(Tiles<TVector>) : [],
            Function<TVector, Flushed<Copy>>("copy, tiny values flushed", ("plain copy", new FunctionWork<TVector, Copy>())),
            Function<TVector, Flushed<Tanh>>("tanh, tiny values flushed", ("tanh alone", new FunctionWork<TVector, Tanh>())),
            .. Avx512F.IsSupported && TVector.Count == ReciprocalVector.Count
                ? new[]
                {
                    Function<TVector, Sigmoid>("sigmoid", ("reciprocal + Newton", new FunctionWork<ReciprocalVector, Sigmoid>())),
                    Function<TVector, Tanh>("tanh", ("reciprocal + Newton", new FunctionWork<ReciprocalVector, Tanh>())),
                }
                : [],
        ];

    /// <summary>One row, one panel: all there is where a layer has one vector of units. In L1, or many panels in turn.</summary>
    private static Question OnePanel<TVector>(int depth, int bytes)
        where TVector : unmanaged, ISimdVector<TVector> => new(
        "1 row, 1 panel of 4 vectors", bytes == 0 ? $"K {depth}, {Kilobytes<TVector>(depth)}" : $"K {depth}, {bytes / 1024} KB of panels in turn",
        new RowWork<TVector, One, None>(depth, bytes), new RowWork<TVector, One, None>(depth, bytes),
        ("one chain, unrolled", new RowWork<TVector, One, One>(depth, bytes)),
        ("two chains", new RowWork<TVector, One, Two>(depth, bytes)),
        ("four chains", new RowWork<TVector, One, Four>(depth, bytes)));

    /// <summary>One row, two panels side by side: how the engine runs small layers of more units.</summary>
    private static Question TwoPanels<TVector>(int depth)
        where TVector : unmanaged, ISimdVector<TVector> => new(
        "1 row, 2 panels of 4 vectors", $"K {depth}, {Kilobytes<TVector>(2 * depth)}",
        new RowWork<TVector, Two, None>(depth, 0), new RowWork<TVector, Two, None>(depth, 0),
        ("one chain, unrolled", new RowWork<TVector, Two, One>(depth, 0)),
        ("two chains", new RowWork<TVector, Two, Two>(depth, 0)));

    private static Question Tiles<TVector>(int depth)
        where TVector : unmanaged, ISimdVector<TVector> => new(
        "6 rows, 1 panel of 4 vectors: tile 6 x 4", $"K {depth}, {Kilobytes<TVector>(depth)}",
        new TileWork<TVector>(depth, 6, splits: false), new TileWork<TVector>(depth, 6, splits: false),
        ("two tiles 3 x 4, one chain", new TileWork<TVector>(depth, 3, splits: false)),
        ("two tiles 3 x 4, two chains", new TileWork<TVector>(depth, 3, splits: true)));

    private static Question Function<TVector, TFunction>(string name, (string Name, ITimed Work) other)
        where TVector : unmanaged, ISimdVector<TVector>
        where TFunction : IFunction =>
        new($"4096 floats in L1, {other.Name} in place of the engine's", name, new FunctionWork<TVector, TFunction>(), new FunctionWork<TVector, TFunction>(), other);

    private static string Kilobytes<TVector>(int depth)
        where TVector : unmanaged, ISimdVector<TVector> => $"{depth * 4 * TVector.Count * sizeof(float) / 1024} KB";

    private sealed record Question(string Title, string Name, ITimed Ours, ITimed Again, params (string Name, ITimed Work)[] Others);
}
