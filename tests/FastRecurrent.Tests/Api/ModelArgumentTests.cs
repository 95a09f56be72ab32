using static FastRecurrent.Tests.TestNetworks;

namespace FastRecurrent.Tests.Api;

/// <summary>R18 for models, their parameters and their states, and for the choice of kernels.</summary>
public class ModelArgumentTests
{
    private const int I = 2, H = 5, O = 3;

    private static readonly ModelDefinition Definition = new ModelBuilder(I).Lstm(H).Gru(H).Dense(O).Build();
    private static readonly RecurrentModel Net = new(Definition, Parameters(Definition));
    private static readonly RecurrentModel WiderNet = Model(new ModelBuilder(I).Lstm(H).Gru(H + 1).Dense(O));
    private static readonly RecurrentModel Shallow = Model(new ModelBuilder(I).Lstm(H).Dense(O));
    private static readonly RecurrentModel Swapped = Model(new ModelBuilder(I).Gru(H).Lstm(H).Dense(O));

    private static readonly Refusals<RecurrentModel> ModelTable = new Refusals<RecurrentModel>()
        .Null("no definition", _ => new RecurrentModel(null!, new ParameterSet(Definition)), "definition")
        .Null("no parameters", _ => new RecurrentModel(Definition, null!), "parameters")
        .Null("no parameters for a kernel set", _ => new RecurrentModel(Definition, null!, KernelSet.Scalar), "parameters")
        .Argument("parameters of an equal but other definition", _ => new RecurrentModel(Definition, new ParameterSet(Rebuilt())), "another definition")
        .OutOfRange("an unknown kernel set", _ => new RecurrentModel(Definition, new ParameterSet(Definition), (KernelSet)5), "kernel set", "5")
        .OutOfRange("a state of 0 rows", m => m.CreateState(0), "batch", "'0'", "'1'")
        .OutOfRange("a state of -1 rows", m => m.CreateState(-1), "batch", "'-1'", "'1'")
        .OutOfRange("a state of more rows than memory can hold", m => m.CreateState(int.MaxValue), "make the sizes smaller")
        .OutOfRange("a session of 0 threads", m => m.CreateSession(0), "threads", "'0'", "'1'")
        .OutOfRange("a session of -1 threads", m => m.CreateSession(-1), "threads", "'-1'", "'1'")
        .OutOfRange("a batch of 0 sessions", m => m.CreateSessionBatch(0), "maxSessions", "'0'", "'1'")
        .OutOfRange("a batch of -1 sessions", m => m.CreateSessionBatch(-1), "maxSessions", "'-1'", "'1'")
        .OutOfRange("a batch of 0 threads", m => m.CreateSessionBatch(1, 0), "threads", "'0'", "'1'")
        .OutOfRange("a batch of more sessions than memory can hold", m => m.CreateSessionBatch(int.MaxValue), "make the sizes smaller")
        .OutOfRange("a pool that keeps 0 sessions", m => m.CreateSessionPool(0), "maxRetained", "'0'", "'1'")
        .OutOfRange("a pool that keeps -1 sessions", m => m.CreateSessionPool(-1), "maxRetained", "'-1'", "'1'")
        .Null("parameters for no definition", _ => new ParameterSet(null!), "definition")
        .Null("uniform parameters for no definition", _ => ParameterSet.Uniform(null!, 1), "definition")
        .Null("a parameter without a name", _ => new ParameterSet(Definition)[null!].Clear(), "name")
        .Null("the shape of a parameter without a name", _ => new ParameterSet(Definition).Shape(null!), "name")
        .Add<KeyNotFoundException>("a parameter that is not there", _ => new ParameterSet(Definition)["0.weight"].Clear(), "'0.weight'", "0.weight_ih")
        .Add<KeyNotFoundException>("the shape of a parameter that is not there", _ => new ParameterSet(Definition).Shape("9.bias_ih"), "'9.bias_ih'", "0.bias_ih")
        .Null("a kernel set without a name", _ => KernelSets.Parse(null!), "name")
        .Add<FormatException>("a kernel set with an empty name", _ => KernelSets.Parse(string.Empty), "''", "avx512, avx2, vector128, vector, scalar")
        .Add<FormatException>("a kernel set in capitals", _ => KernelSets.Parse("AVX2"), "'AVX2'", "avx512, avx2, vector128, vector, scalar")
        .OutOfRange("the name of an unknown kernel set", _ => KernelSets.Name((KernelSet)(-1)), "kernel set", "-1");

    private static readonly Refusals<RecurrentState> StateTable = new Refusals<RecurrentState>()
        .Argument("h of layer -1", s => s.Hidden(-1), "Layer -1", "0, 1")
        .Argument("h of a Dense layer", s => s.Hidden(2), "Layer 2", "0, 1")
        .Argument("h of a layer that is not there", s => s.Hidden(3), "Layer 3", "0, 1")
        .Argument("h of a direction that is not there", s => s.Hidden(0, 0, reverse: true), "Layer 0", "reverse")
        .OutOfRange("h of row -1", s => s.Hidden(0, -1), "-1", "rows 0 to 1")
        .OutOfRange("h of row N", s => s.Hidden(0, 2), "2", "rows 0 to 1")
        .Argument("c of layer -1", s => s.Cell(-1), "Layer -1", "0, 1")
        .Argument("c of a GRU", s => s.Cell(1), "Layer 1", "GruCell", "no c", "Hidden")
        .Argument("c of a direction that is not there", s => s.Cell(0, 0, reverse: true), "Layer 0", "reverse")
        .OutOfRange("c of row N", s => s.Cell(0, 2), "2", "rows 0 to 1")
        .Null("a copy of nothing", s => s.CopyFrom(null!), "source")
        .Argument("a copy of fewer rows", s => s.CopyFrom(NoisyState(Net, 1)), "1 rows", "2 rows")
        .Argument("a copy of more rows", s => s.CopyFrom(NoisyState(Net, 3)), "3 rows", "2 rows")
        .Argument("a copy of another H", s => s.CopyFrom(NoisyState(WiderNet, 2)), "GruCell(6)", "GruCell(5)")
        .Argument("a copy of fewer layers", s => s.CopyFrom(NoisyState(Shallow, 2)), "2 rows of LstmCell(5);", "LstmCell(5) + GruCell(5)")
        .Argument("a copy with c in another layer", s => s.CopyFrom(NoisyState(Swapped, 2)), "GruCell(5) + LstmCell(5)", "LstmCell(5) + GruCell(5)");

    public static TheoryData<string> ModelTitles => ModelTable.Titles;

    public static TheoryData<string> StateTitles => StateTable.Titles;

    public static TheoryData<string> Unstreamable => ["reverse", "bidirectional", "repeat", "vector"];

    [Theory]
    [MemberData(nameof(ModelTitles))]
    public void A_model_refuses(string title)
    {
        int[] before = Bits(Forward(Net, Noise(6 * I), 3, 2));
        ModelTable.Check(title, Net);
        Assert.Equal(before, Bits(Forward(Net, Noise(6 * I), 3, 2)));
    }

    [Theory]
    [MemberData(nameof(StateTitles))]
    public void A_state_refuses(string title)
    {
        RecurrentState state = NoisyState(Net, 2);
        int[] before = Bits(Net, state);
        StateTable.Check(title, state);
        Assert.Equal(before, Bits(Net, state));
    }

    [Theory]
    [MemberData(nameof(Unstreamable))]
    public void A_network_that_looks_ahead_refuses_to_stream_and_says_what_to_do(string kind)
    {
        RecurrentModel model = Model(kind switch
        {
            "reverse" => new ModelBuilder(I).Lstm(H).Recurrent(new LstmCell(H), Direction.Reverse),
            "bidirectional" => new ModelBuilder(I).Bidirectional(new GruCell(H)),
            "repeat" => new ModelBuilder(I).Lstm(H).LastStep().RepeatVector(3).Lstm(H),
            _ => ModelBuilder.FromVector(I).Dense(O),
        });
        Assert.False(model.Definition.CanStream);
        Action[] doors = [() => model.CreateSession(), () => model.CreateSessionBatch(2), () => model.CreateSessionPool()];
        Assert.All(doors, door =>
            Assert.Contains("CreateRunner", Assert.Throws<InvalidOperationException>(door).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("session")]
    [InlineData("batch")]
    public void A_session_or_batch_refuses_more_threads_than_can_be(string door)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(
            () => door == "session" ? (IDisposable)Net.CreateSession(int.MaxValue) : Net.CreateSessionBatch(1, int.MaxValue));
        Assert.Contains("threads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_of_a_kernel_set_can_be_read_back()
    {
        Assert.All(Enum.GetValues<KernelSet>(), set => Assert.Equal(set, KernelSets.Parse(KernelSets.Name(set))));
    }

    [Fact]
    public void An_unknown_kernel_set_is_not_native()
    {
        Assert.False(KernelSets.IsNative((KernelSet)77));
    }

    [Theory]
    [InlineData("avx1024")]
    [InlineData("Scalar")]
    [InlineData(" ")]
    public void A_forced_kernel_set_that_does_not_exist_is_named_with_its_variable(string forced)
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => KernelSets.Choose(forced));
        Assert.Contains($"{KernelSets.Variable} is '{forced}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("avx512, avx2, vector128, vector, scalar", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changing_parameters_after_a_model_was_made_does_not_change_the_model()
    {
        ParameterSet parameters = Parameters(Definition);
        RecurrentModel model = new(Definition, parameters);
        int[] before = Bits(Forward(model, Noise(6 * I), 3, 2));
        foreach (string name in parameters.Names)
        {
            parameters[name].Fill(float.NaN);
            model.ExportParameters()[name].Fill(float.NaN);
        }

        Assert.Equal(before, Bits(Forward(model, Noise(6 * I), 3, 2)));
        Assert.All(parameters.Names, name => Assert.Equal(Bits(Parameters(Definition)[name]), Bits(model.ExportParameters()[name])));
    }

    private static ModelDefinition Rebuilt() => new ModelBuilder(I).Lstm(H).Gru(H).Dense(O).Build();
}
