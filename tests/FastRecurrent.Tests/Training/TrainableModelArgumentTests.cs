using FastRecurrent.Tests.Api;

namespace FastRecurrent.Tests.Training;

/// <summary>R18 for the trainable model: what it must refuse, and that it goes on afterwards.</summary>
public sealed class TrainableModelArgumentTests : IDisposable
{
    private const int I = 2, O = 3, T = 4, N = 2;

    private static readonly ModelDefinition Definition = new ModelBuilder(I).Lstm(5).Dense(O).Build();
    private static readonly ParameterSet Parameters = ParameterSet.Uniform(Definition, seed: 1);
    private static readonly float[] X = new float[T * N * I];
    private static readonly float[] Y = new float[T * N * O];
    private static readonly RecurrentState OneRow = new RecurrentModel(Definition, Parameters).CreateState(1);
    private static readonly RecurrentState OtherSizes = TestNetworks.Model(new ModelBuilder(I).Lstm(6)).CreateState(N);

    private static readonly TrainableModel Other = new(Definition, Parameters, Options());

    private static readonly Refusals<TrainableModel> Calls = new Refusals<TrainableModel>()
        .Null("no definition", _ => new TrainableModel(null!, Parameters, Options()), "definition")
        .Null("no parameters", _ => new TrainableModel(Definition, null!, Options()), "parameters")
        .Null("no options", _ => new TrainableModel(Definition, Parameters, null!), "options")
        .Argument("another definition's parameters", _ => new TrainableModel(new ModelBuilder(I).Lstm(5).Dense(O).Build(), Parameters, Options()), "another definition")
        .OutOfRange("a MaxTime of 0", _ => new TrainableModel(Definition, Parameters, Options() with { MaxTime = 0 }), "MaxTime", "'0'")
        .OutOfRange("a MaxBatch of 0", _ => new TrainableModel(Definition, Parameters, Options() with { MaxBatch = 0 }), "MaxBatch", "'0'")
        .OutOfRange("0 threads", _ => new TrainableModel(Definition, Parameters, Options() with { Threads = 0 }), "threads", "'0'")
        .OutOfRange("RecomputeSteps of -2", _ => new TrainableModel(Definition, Parameters, Options() with { RecomputeSteps = -2 }), "RecomputeSteps", "-2")
        .OutOfRange("an unknown kernel set", _ => new TrainableModel(Definition, Parameters, Options() with { Kernels = (KernelSet)7 }), "kernel set", "7")
        .OutOfRange("T = 0", m => m.Forward(X, 0, N, Y), "time", "1 to 4")
        .OutOfRange("T beyond MaxTime", m => m.Forward(X, T + 1, N, Y), "time", "1 to 4")
        .OutOfRange("N = 0", m => m.Forward(X, T, 0, Y), "batch", "1 to 2")
        .OutOfRange("N beyond MaxBatch", m => m.Forward(X, T, N + 1, Y), "batch", "1 to 2")
        .Argument("x too short", m => m.Forward(X.AsSpan(1), T, N, Y), "x has 15", "T x N x I", "16")
        .Argument("y too long", m => m.Forward(X, T, N, new float[Y.Length + 1]), "y has 25", "T x N x O", "24")
        .Argument("y over x", m => m.Forward(X, 1, 1, X.AsSpan(0, O)), "x has 16")
        .Argument("y within x", m => m.Forward(X.AsSpan(0, I), 1, 1, X.AsSpan(1, O)), "overlaps")
        .Argument("too few lengths", m => m.Forward(X, T, N, Y, new() { Lengths = [1] }), "1 lengths", "2 rows")
        .OutOfRange("a length beyond T", m => m.Forward(X, T, N, Y, new() { Lengths = [1, T + 1] }), "row 1", "T = 4")
        .OutOfRange("a length below 0", m => m.Forward(X, T, N, Y, new() { Lengths = [-1, T] }), "row 0", "T = 4")
        .OutOfRange("an unknown layout", m => m.Forward(X, T, N, Y, new() { Layout = (SequenceLayout)2 }), "layout", "TimeMajor")
        .Argument("an initial state of too few rows", m => m.Forward(X, T, N, Y, new() { InitialState = OneRow }), "1 rows", "at least 2 rows")
        .Argument("a final state of other sizes", m => m.Forward(X, T, N, Y, new() { FinalState = OtherSizes }), "LstmCell(6)", "LstmCell(5)")
        .Add<InvalidOperationException>("Backward before Forward", m => m.Backward(Y), "no forward pass", "Forward before")
        .Add<InvalidOperationException>("Backward twice", m => BackwardTwice(m), "no forward pass")
        .Add<InvalidOperationException>("Backward after Load", m => AfterForward(m, () => m.Load(Parameters)), "no forward pass")
        .Add<InvalidOperationException>("Backward after an update", m => AfterForward(m, m.WeightsChanged), "no forward pass")
        .Add<InvalidOperationException>("Backward after an optimizer's step", m => AfterForward(m, m.Updated), "no forward pass")
        .Argument("a report of another model", m => Backward(m, Y, new() { HiddenGradients = Other.CreateHiddenGradientReport() }), "another model", "CreateHiddenGradientReport")
        .Argument("hidden gradients of a Dense layer", m => m.CreateHiddenGradientReport().Norms(1), "Layer 1", "layers with a state: 0")
        .Argument("hidden gradients of a direction that is not there", m => m.CreateHiddenGradientReport().Norms(0, reverse: true), "reverse")
        .Argument("dy too short", m => Backward(m, Y.AsSpan(1)), "dy has 23", "24")
        .Argument("dx too long", m => Backward(m, Y, new() { InputGradient = new float[X.Length + 1] }), "17", "T x N x I", "16")
        .Argument("dx over dy", m => Backward(m, Y, new() { InputGradient = Y.AsSpan(0, X.Length) }), "overlaps")
        .Argument("a final gradient of too few rows", m => Backward(m, Y, new() { FinalStateGradient = OneRow }), "final gradient", "1 rows", "at least 2 rows")
        .Argument("an initial gradient of other sizes", m => Backward(m, Y, new() { InitialStateGradient = OtherSizes }), "initial gradient", "LstmCell(6)")
        .Null("no parameters to load", m => m.Load(null!), "parameters")
        .Argument("another definition's parameters to load", m => m.Load(new ParameterSet(new ModelBuilder(I).Lstm(5).Dense(O).Build())), "another definition")
        .OutOfRange("a state of 0 rows", m => m.CreateState(0), "batch", "'0'");

    private readonly TrainableModel _model = new(Definition, Parameters, Options() with { Lengths = true });

    public static TheoryData<string> Titles => Calls.Titles;

    [Theory]
    [MemberData(nameof(Titles))]
    public void A_wrong_call_is_refused_with_what_was_found_and_what_was_wanted(string title)
    {
        Calls.Check(title, _model);
        _model.Forward(X, T, N, Y);
        _model.Backward(Y);
    }

    [Fact]
    public void A_second_caller_is_refused_wherever_weights_or_gradients_move()
    {
        _model.Forward(X, T, N, Y);
        Action[] calls =
        [
            () => _model.Forward(X, T, N, Y),
            () => _model.Backward(Y),
            () => _model.Load(Parameters),
            () => _model.ExportParameters(),
            () => _model.ExportGradients(),
            () => _model.ToModel(),
        ];
        _model.Enter();
        Assert.All(calls, call => Assert.Contains("Another thread", Assert.Throws<InvalidOperationException>(call).Message, StringComparison.Ordinal));
        _model.Exit();

        // Whoever was refused has not let anybody in, and has changed nothing.
        _model.Backward(Y);
        Bits.Equal(TrainingJob.Flat(Parameters), TrainingJob.Flat(_model.ExportParameters()), "weights");
    }

    [Fact]
    public void Lengths_have_to_be_announced()
    {
        using TrainableModel model = new(Definition, Parameters, Options());
        ArgumentException error = Assert.Throws<ArgumentException>(() => model.Forward(X, T, N, Y, new() { Lengths = [T, T] }));
        Assert.Contains("TrainableModelOptions.Lengths", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_after_a_refused_forward_needs_another_forward()
    {
        _model.Forward(X, T, N, Y);
        Assert.Throws<ArgumentException>(() => _model.Backward(Y.AsSpan(1)));
        _model.Backward(Y);
        Assert.Throws<InvalidOperationException>(() => _model.Backward(Y));
    }

    [Fact]
    public void A_disposed_model_refuses_to_run()
    {
        _model.Dispose();
        _model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _model.Forward(X, T, N, Y));
        Assert.Throws<ObjectDisposedException>(() => _model.Backward(Y));
    }

    [Fact]
    public void Sizes_beyond_memory_are_refused()
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new TrainableModel(Definition, Parameters, Options() with { MaxTime = int.MaxValue, MaxBatch = 1000 }));
        Assert.Contains("make the sizes smaller", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_activation_without_a_derivative_from_its_value_is_refused()
    {
        ModelDefinition definition = new ModelBuilder(I).Dense(O, Activation.LeakyRelu(-0.5f)).Build();
        Assert.Throws<NotSupportedException>(() => new TrainableModel(definition, new ParameterSet(definition), Options()));
    }

    public void Dispose() => _model.Dispose();

    private static TrainableModelOptions Options() => new() { MaxTime = T, MaxBatch = N, Threads = 1 };

    private static void BackwardTwice(TrainableModel model)
    {
        Backward(model, Y);
        model.Backward(Y);
    }

    private static void AfterForward(TrainableModel model, Action change)
    {
        model.Forward(X, T, N, new float[Y.Length]);
        change();
        model.Backward(Y);
    }

    private static void Backward(TrainableModel model, ReadOnlySpan<float> dy, BackwardOptions options = default)
    {
        model.Forward(X, T, N, new float[Y.Length]);
        model.Backward(dy, options);
    }
}
