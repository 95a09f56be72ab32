using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>R18 for whole sequences: a refused run says what it found and wanted, and leaves outputs, states and the next run as they were.</summary>
public class RunnerArgumentTests
{
    private const int T = 3, N = 2, I = 2, H = 5, O = 3; // the runner takes T up to 4 and N up to 3

    private static readonly RecurrentModel Net = Model(new ModelBuilder(I).Lstm(H).Dense(O));
    private static readonly RecurrentModel WiderNet = Model(new ModelBuilder(I).Lstm(H + 1).Dense(O));
    private static readonly RecurrentModel GruNet = Model(new ModelBuilder(I).Gru(H).Dense(O));
    private static readonly RecurrentModel DeeperNet = Model(new ModelBuilder(I).Lstm(H).Lstm(H).Dense(O));

    private static readonly Refusals<Door> Table = new Refusals<Door>()
        .OutOfRange("T = 0", d => d.Runner.Forward(d.X, 0, N, d.Y), "time", "0", "1 to 4")
        .OutOfRange("T = 0 and no values", d => d.Runner.Forward([], 0, N, []), "time", "0", "1 to 4")
        .OutOfRange("a negative T", d => d.Runner.Forward(d.X, -1, N, d.Y), "time", "-1", "1 to 4")
        .OutOfRange("the smallest T of all", d => d.Runner.Forward(d.X, int.MinValue, N, d.Y), "time", "1 to 4")
        .OutOfRange("a T above the runner's", d => d.Runner.Forward(new float[5 * N * I], 5, N, new float[5 * N * O]), "time", "5", "1 to 4")
        .OutOfRange("the largest T of all", d => d.Runner.Forward(d.X, int.MaxValue, N, d.Y), "time", "1 to 4")
        .OutOfRange("N = 0", d => d.Runner.Forward(d.X, T, 0, d.Y), "batch", "0", "1 to 3")
        .OutOfRange("N = 0 and no values", d => d.Runner.Forward([], T, 0, []), "batch", "0", "1 to 3")
        .OutOfRange("a negative N", d => d.Runner.Forward(d.X, T, -2, d.Y), "batch", "-2", "1 to 3")
        .OutOfRange("an N above the runner's", d => d.Runner.Forward(new float[T * 4 * I], T, 4, new float[T * 4 * O]), "batch", "4", "1 to 3")
        .OutOfRange("T and N both negative, so that their product fits", d => d.Runner.Forward(d.X, -T, -N, d.Y), "time", "-3", "1 to 4")
        .Argument("a short x", d => d.Runner.Forward(d.X.AsSpan(1), T, N, d.Y), "x has 11", "3 x 2 x 2 = 12")
        .Argument("a long x", d => d.Runner.Forward(new float[13], T, N, d.Y), "x has 13", "3 x 2 x 2 = 12")
        .Argument("an empty x", d => d.Runner.Forward([], T, N, d.Y), "x has 0", "= 12")
        .Argument("a null x", d => d.Runner.Forward(null, T, N, d.Y), "x has 0", "= 12")
        .Argument("a short y", d => d.Runner.Forward(d.X, T, N, d.Y.AsSpan(1)), "y has 17", "3 x 2 x 3 = 18")
        .Argument("a long y", d => d.Runner.Forward(d.X, T, N, new float[19]), "y has 19", "3 x 2 x 3 = 18")
        .Argument("an empty y", d => d.Runner.Forward(d.X, T, N, []), "y has 0", "= 18")
        .Argument("a null y", d => d.Runner.Forward(d.X, T, N, null), "y has 0", "= 18")
        .Argument("x ending where y begins, plus one", d => d.Runner.Forward(d.Both.AsSpan(0, 12), T, N, d.Both.AsSpan(11, 18)), "overlaps")
        .Argument("y ending where x begins, plus one", d => d.Runner.Forward(d.Both.AsSpan(17, 12), T, N, d.Both.AsSpan(0, 18)), "overlaps")
        .Argument("x inside y", d => d.Runner.Forward(d.Both.AsSpan(3, 12), T, N, d.Both.AsSpan(0, 18)), "overlaps")
        .Argument("one length for two rows", d => d.Run(new() { Lengths = [T] }), "1 lengths", "2 rows")
        .Argument("three lengths for two rows", d => d.Run(new() { Lengths = [T, T, T] }), "3 lengths", "2 rows")
        .OutOfRange("a negative length", d => d.Run(new() { Lengths = [T, -1] }), "-1", "row 1", "0 to T = 3")
        .OutOfRange("a length above T", d => d.Run(new() { Lengths = [T + 1, T] }), "4", "row 0", "0 to T = 3")
        .OutOfRange("the largest length of all", d => d.Run(new() { Lengths = [0, int.MaxValue] }), "row 1", "0 to T = 3")
        .OutOfRange("an unknown layout", d => d.Run(new() { Layout = (SequenceLayout)2 }), "layout", "2", "TimeMajor")
        .Argument("an initial state of one row", d => d.Run(new() { InitialState = Net.CreateState(1), FinalState = d.Final }), "initial", "1 rows", "at least 2 rows")
        .Argument("a final state of one row", d => d.Run(new() { InitialState = d.Initial, FinalState = Net.CreateState(1) }), "final", "1 rows", "at least 2 rows")
        .Argument("an initial state of another H", d => d.Run(new() { InitialState = WiderNet.CreateState(2), FinalState = d.Final }), "LstmCell(6)", "LstmCell(5)")
        .Argument("a final state of another H", d => d.Run(new() { InitialState = d.Initial, FinalState = WiderNet.CreateState(2) }), "LstmCell(6)", "LstmCell(5)")
        .Argument("an initial state without c", d => d.Run(new() { InitialState = GruNet.CreateState(2) }), "GruCell(5)", "LstmCell(5)")
        .Argument("a final state of a deeper network", d => d.Run(new() { FinalState = DeeperNet.CreateState(2) }), "LstmCell(5) + LstmCell(5)");

    public static TheoryData<string> Titles => Table.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void A_run_refuses(string title)
    {
        using Door door = new(), twin = new();
        door.Run();
        twin.Run();
        float[] outputs = [.. door.Y];
        int[] initial = Bits(Net, door.Initial), final = Bits(Net, door.Final);

        Table.Check(title, door);

        Assert.Equal(outputs, door.Y);
        Assert.Equal(initial, Bits(Net, door.Initial));
        Assert.Equal(final, Bits(Net, door.Final));
        door.Run(new() { InitialState = door.Final, FinalState = door.Final });
        twin.Run(new() { InitialState = twin.Final, FinalState = twin.Final });
        Assert.Equal(Bits(twin.Y), Bits(door.Y));
        Assert.Equal(Bits(Net, twin.Final), Bits(Net, door.Final));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_disposed_runner_refuses_to_run_and_may_be_disposed_again(int threads)
    {
        Door door = new(threads);
        door.Runner.Dispose();
        door.Runner.Dispose();
        float[] before = [.. door.Y];
        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => door.Run());
        Assert.Contains(nameof(SequenceRunner), error.Message, StringComparison.Ordinal);
        Assert.Equal(before, door.Y);
        Assert.Equal((4, 3, threads), (door.Runner.MaxTime, door.Runner.MaxBatch, door.Runner.Threads));
    }

    [Theory]
    [InlineData(0, 1, 1, "maxTime")]
    [InlineData(-1, 1, 1, "maxTime")]
    [InlineData(1, 0, 1, "maxBatch")]
    [InlineData(1, int.MinValue, 1, "maxBatch")]
    [InlineData(1, 1, 0, "threads")]
    [InlineData(1, 1, -8, "threads")]
    public void A_runner_refuses_sizes_below_1(int maxTime, int maxBatch, int threads, string name)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => Net.CreateRunner(maxTime, maxBatch, threads));
        Assert.Equal(name, error.ParamName);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1, int.MaxValue)]
    public void A_runner_refuses_sizes_that_no_memory_can_hold(int maxTime, int maxBatch)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => DeeperNet.CreateRunner(maxTime, maxBatch));
        Assert.Contains("make the sizes smaller", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_without_state_refuses_a_batch_that_no_memory_can_hold()
    {
        // No buffer between layers and no state: only the lengths grow with N.
        RecurrentModel dense = Model(new ModelBuilder(1).Dense(1));
        Assert.ThrowsAny<ArgumentException>(() => dense.CreateRunner(1, int.MaxValue));
    }

    [Fact]
    public void A_runner_refuses_more_threads_than_can_be()
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => Net.CreateRunner(1, 1, int.MaxValue));
        Assert.Contains("threads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_refuses_sizes_whose_product_overflows()
    {
        // 2^20 x 2^12 x 1 = 2^32, which is 0 in 32 bits: an empty x would seem to fit.
        using SequenceRunner runner = Model(new ModelBuilder(1).Dense(1)).CreateRunner(1 << 20, 1 << 12);
        ArgumentException error = Assert.Throws<ArgumentException>(() => runner.Forward([], 1 << 20, 1 << 12, []));
        Assert.Contains("1048576 x 4096 x 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("more than a span can hold", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_takes_a_vector_has_one_input_step()
    {
        RecurrentModel model = Model(ModelBuilder.FromVector(I).RepeatVector(4).Lstm(H).Dense(O));
        using SequenceRunner runner = model.CreateRunner(8, 1);
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => runner.Forward(new float[2 * I], 2, 1, new float[4 * O]));
        Assert.Equal("time", error.ParamName);
        ArgumentException wrongOutput = Assert.Throws<ArgumentException>(() => runner.Forward(new float[I], 1, 1, new float[O]));
        Assert.Contains("4 x 1 x 3 = 12", wrongOutput.Message, StringComparison.Ordinal);
    }

    /// <summary>A runner with everything a run takes.</summary>
    private sealed class Door(int threads = 1) : IDisposable
    {
        public SequenceRunner Runner { get; } = Net.CreateRunner(maxTime: 4, maxBatch: 3, threads);

        public float[] X { get; } = Noise(T * N * I);

        public float[] Y { get; } = new float[T * N * O];

        /// <summary>Room for x and y that touch.</summary>
        public float[] Both { get; } = Noise(T * N * (I + O));

        public RecurrentState Initial { get; } = NoisyState(Net, N);

        public RecurrentState Final { get; } = NoisyState(Net, 3, seed: 50);

        public void Run() => Run(new() { InitialState = Initial, FinalState = Final });

        public void Run(SequenceOptions options) => Runner.Forward(X, T, N, Y, options);

        public void Dispose() => Runner.Dispose();
    }
}
