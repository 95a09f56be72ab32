namespace FastRecurrent.Tests.Goldens;

/// <summary>
/// A recorded case in FastRecurrent's words: a network, its parameters, an input, and what some values of the run must be.
/// Every format's loader ends here. S counts the states: every recurrent layer in order, its reverse direction behind it.
/// </summary>
internal sealed record GoldenCase
{
    public required string Name { get; init; }

    public required ModelDefinition Definition { get; init; }

    /// <summary>By the names of <see cref="ParameterSet"/>, all of them.</summary>
    public required IReadOnlyDictionary<string, float[]> Parameters { get; init; }

    /// <summary>[T, N, I], or [N, T, I] where <see cref="Layout"/> says so.</summary>
    public required float[] X { get; init; }

    public required int Time { get; init; }

    public required int Batch { get; init; }

    public SequenceLayout Layout { get; init; }

    /// <summary>Each row's steps, or null.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>[S, N, R], or null for zeros.</summary>
    public float[]? InitialHidden { get; init; }

    /// <summary>[S, N, H], or null for zeros.</summary>
    public float[]? InitialCell { get; init; }

    /// <summary>How often the same input runs, each run from the state of the one before (Keras's stateful).</summary>
    public int Runs { get; init; } = 1;

    public required Tolerance Tolerance { get; init; }

    public required IReadOnlyList<Expectation> Expected { get; init; }

    /// <summary>Layer and direction of each state.</summary>
    public IEnumerable<(int Layer, bool Reverse)> States =>
        from layer in Enumerable.Range(0, Definition.Layers.Length)
        where Definition.Layers[layer] is RecurrentLayer
        from reverse in ((RecurrentLayer)Definition.Layers[layer]).Direction == Direction.Bidirectional ? new[] { false, true } : [false]
        select (layer, reverse);

    /// <summary>The model; a parameter that is missing, unknown or of another size is an error.</summary>
    public RecurrentModel CreateModel(KernelSet kernels)
    {
        ParameterSet parameters = new(Definition);
        Assert.Equal(parameters.Names.Order(), Parameters.Keys.Order());
        foreach ((string name, float[] values) in Parameters)
            values.CopyTo(Exactly(parameters[name], values.Length, name));
        return new RecurrentModel(Definition, parameters, kernels);
    }

    /// <summary>The whole sequence at once.</summary>
    public GoldenRun Run(KernelSet kernels)
    {
        RecurrentModel model = CreateModel(kernels);
        RecurrentState state = model.CreateState(Batch);
        bool isFromZero = InitialHidden is null && InitialCell is null;
        Restore(InitialHidden, (s, row) => state.Hidden(s.Layer, row, s.Reverse));
        Restore(InitialCell, (s, row) => state.Cell(s.Layer, row, s.Reverse));
        float[] y = new float[Definition.OutputTime(Time) * Batch * Definition.OutputSize];
        using SequenceRunner runner = model.CreateRunner(Time, Batch);
        for (int run = 0; run < Runs; run++)
        {
            RecurrentState? initial = run == 0 && isFromZero ? null : state;
            runner.Forward(X, Time, Batch, y, new SequenceOptions { Lengths = Lengths, InitialState = initial, FinalState = state, Layout = Layout });
        }

        return new GoldenRun(this, y, state);
    }

    /// <summary>Every row through a session of its own, one step at a time; y as <see cref="Run"/> gives it, time-major.</summary>
    public float[] Stream(KernelSet kernels)
    {
        Assert.True(Layout == SequenceLayout.TimeMajor && Lengths is null && InitialHidden is null && Runs == 1);
        RecurrentModel model = CreateModel(kernels);
        (int inputs, int outputs) = (Definition.InputSize, Definition.OutputSize);
        float[] y = new float[Time * Batch * outputs];
        for (int row = 0; row < Batch; row++)
        {
            using StreamingSession session = model.CreateSession();
            for (int t = 0; t < Time; t++)
            {
                int step = (t * Batch) + row;
                session.Step(X.AsSpan(step * inputs, inputs), y.AsSpan(step * outputs, outputs));
            }
        }

        return y;
    }

    private static Span<float> Exactly(Span<float> destination, int found, string name) =>
        destination.Length == found ? destination : throw new InvalidDataException($"{name} has {found} values; the model wants {destination.Length}.");

    private void Restore(float[]? values, StateRow destination)
    {
        ReadOnlySpan<float> rest = values;
        if (values is null)
            return;
        foreach ((int Layer, bool Reverse) s in States)
        {
            for (int row = 0; row < Batch; row++)
            {
                Span<float> into = destination(s, row);
                rest[..into.Length].CopyTo(into);
                rest = rest[into.Length..];
            }
        }

        Assert.True(rest.IsEmpty, $"{Name}: the initial state has {rest.Length} values too many");
    }

    private delegate Span<float> StateRow((int Layer, bool Reverse) state, int row);
}

/// <summary>Values that a run must have given, and how to find them in it.</summary>
internal sealed record Expectation(string What, float[] Recorded, Func<GoldenRun, float[]> Actual);

/// <summary>What the engine gave.</summary>
/// <param name="Case">What ran.</param>
/// <param name="Y">[T, N, O] or [N, T, O] as the case's layout says; [N, O] where the network ends in a vector.</param>
/// <param name="State">The final state.</param>
internal sealed record GoldenRun(GoldenCase Case, float[] Y, RecurrentState State)
{
    /// <summary>Final h, [S, N, R].</summary>
    public float[] Hidden => [.. Case.States.SelectMany(s => Rows(row => State.Hidden(s.Layer, row, s.Reverse).ToArray()))];

    /// <summary>Final c, [S, N, H]; empty where the cells have none.</summary>
    public float[] Cell => [.. Case.States
        .Where(s => ((RecurrentLayer)Case.Definition.Layers[s.Layer]).Cell.HasCellState)
        .SelectMany(s => Rows(row => State.Cell(s.Layer, row, s.Reverse).ToArray()))];

    /// <summary>Everything the run gave, as bits.</summary>
    public int[] Bits => [.. Y.Concat(Hidden).Concat(Cell).Select(BitConverter.SingleToInt32Bits)];

    private IEnumerable<float> Rows(Func<int, float[]> row) => Enumerable.Range(0, Case.Batch).SelectMany(row);
}
