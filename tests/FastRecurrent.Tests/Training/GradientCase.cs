namespace FastRecurrent.Tests.Training;

/// <summary>A network with data for one forward and one backward pass, all drawn from a seed.</summary>
internal sealed record GradientCase(ModelDefinition Definition, int Seed, int Time, int Batch, bool IsRagged)
{
    private ParameterSet? _parameters;

    /// <summary>How many times as long a sequence the model has room for.</summary>
    public int Room { get; init; } = 1;

    public ParameterSet Parameters => _parameters ??= Weights.Draw(Definition, new Draw(Seed, stream: 2));

    /// <summary>[T, N, I].</summary>
    public float[] Inputs() => new Draw(Seed, stream: 3).Floats((Definition.InputIsVector ? 1 : Time) * Batch * Definition.InputSize, -1.5f, 1.5f);

    /// <summary>dL/dy.</summary>
    public float[] OutputGradients() => new Draw(Seed, stream: 6).Floats(Definition.OutputTime(Time) * Batch * Definition.OutputSize, -1, 1);

    /// <summary>[N], 0..T; null where every row has all steps.</summary>
    public int[]? Lengths()
    {
        Draw draw = new(Seed, stream: 4);
        return IsRagged ? [.. Enumerable.Range(0, Batch).Select(_ => draw.Int(0, Time))] : null;
    }

    public TrainableModel Model(int threads = 1, KernelSet? kernels = null, int recomputeSteps = 0) => new(Definition, Parameters, new TrainableModelOptions
    {
        MaxTime = Time * Room,
        MaxBatch = Batch,
        Threads = threads,
        Lengths = IsRagged,
        Kernels = kernels,
        RecomputeSteps = recomputeSteps,
        Seed = (ulong)Seed,
    });

    /// <summary>A new model's first pass.</summary>
    public GradientValues Run(int threads = 1, KernelSet? kernels = null, int recomputeSteps = 0)
    {
        using TrainableModel model = Model(threads, kernels, recomputeSteps);
        return Run(model, Inputs());
    }

    public GradientValues Run(TrainableModel model, float[] x, SequenceLayout layout = SequenceLayout.TimeMajor)
    {
        RecurrentState initial = State(model, stream: 5), final = model.CreateState(Batch);
        RecurrentState finalGradient = State(model, stream: 7), initialGradient = model.CreateState(Batch);
        float[] dy = OutputGradients(), y = new float[dy.Length], dx = new float[x.Length];
        model.Forward(x, Definition.InputIsVector ? 1 : Time, Batch, y, new() { InitialState = initial, FinalState = final, Lengths = Lengths(), Layout = layout });
        model.Backward(dy, new() { InputGradient = dx, FinalStateGradient = finalGradient, InitialStateGradient = initialGradient });
        ParameterSet gradients = model.ExportGradients();
        return new GradientValues(y, Rows(final), dx, Rows(initialGradient), gradients);
    }

    public override string ToString() => $"T {Time}, N {Batch}, ragged {IsRagged}, seed {Seed}: {string.Join(" > ", Definition.Layers)}";

    private RecurrentState State(TrainableModel model, int stream)
    {
        RecurrentState state = model.CreateState(Batch);
        Draw draw = new(Seed, stream);
        for (int row = 0; row < Batch; row++)
            States.ForEach(Definition, state, row, values => draw.Fill(values, -1, 1));
        return state;
    }

    private float[][] Rows(RecurrentState state) => [.. Enumerable.Range(0, Batch).Select(row => States.Row(Definition, state, row))];
}

/// <summary>What a forward and a backward pass give: y, the final states row by row, dL/dx, dL/d(initial state) row by row, and the parameters' gradients.</summary>
internal sealed record GradientValues(float[] Y, float[][] Final, float[] Dx, float[][] Initial, ParameterSet Gradients)
{
    public float[] All => [.. Y, .. Final.SelectMany(row => row), .. Dx, .. Initial.SelectMany(row => row), .. Gradients.Names.SelectMany(name => Gradients[name].ToArray())];

    /// <summary>Fails with the name of the first part that differs.</summary>
    public static void Same(GradientValues wanted, GradientValues found, string what)
    {
        Bits.Equal(wanted.Y, found.Y, $"y, {what}");
        Bits.Equal([.. wanted.Final.SelectMany(row => row)], [.. found.Final.SelectMany(row => row)], $"final state, {what}");
        Bits.Equal(wanted.Dx, found.Dx, $"dL/dx, {what}");
        Bits.Equal([.. wanted.Initial.SelectMany(row => row)], [.. found.Initial.SelectMany(row => row)], $"dL/d(initial state), {what}");
        for (int i = 0; i < wanted.Gradients.Names.Length; i++)
        {
            string name = wanted.Gradients.Names[i];
            Bits.Equal(wanted.Gradients[name], found.Gradients[found.Gradients.Names[i]], $"{name}, {what}");
        }
    }
}
