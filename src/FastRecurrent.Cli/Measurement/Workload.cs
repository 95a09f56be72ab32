namespace FastRecurrent.Cli.Measurement;

/// <summary>The cells that can be measured; the peers have the same four.</summary>
internal enum CellKind
{
    Lstm,
    Gru,
    GruBefore,
    Rnn,
}

/// <summary>What one call is.</summary>
internal enum WorkloadMode
{
    /// <summary>One forward over [T, N, I] that gives all outputs and the final state.</summary>
    Infer,

    /// <summary>One step of a streaming session, T = N = 1.</summary>
    Step,

    /// <summary>A forward that keeps what backward needs, then all gradients: of input, weights, biases and initial state.</summary>
    Train,

    /// <summary>A whole iteration: forward, mean squared error, gradients of the parameters, clipping by the global norm, Adam.</summary>
    TrainStep,
}

/// <summary>What bounds a call that waits for its weights.</summary>
/// <param name="Bytes">Bytes of weights that one call has to read at least.</param>
/// <param name="ResidentBytes">Bytes of the weights that are read again and again, which decide on the cache level.</param>
internal readonly record struct WeightReading(double Bytes, long ResidentBytes);

/// <summary>What is measured: a network, its sizes and how it is run.</summary>
internal abstract record Workload
{
    // Backward has two products for each of forward's: one for the gradient of the factors' input, one for that of the weights.
    private const int ProductsOfTraining = 3;

    public required WorkloadMode Mode { get; init; }

    public int Time { get; init; } = 1;

    public int Batch { get; init; } = 1;

    public int Threads { get; init; } = 1;

    public required KernelSet Kernels { get; init; }

    public bool IsTraining => Mode is WorkloadMode.Train or WorkloadMode.TrainStep;

    /// <summary>Floating-point operations of one call, three times a forward's in training; activations, loss and optimizer not counted.</summary>
    public double Flops => 2.0 * MultiplyAdds * (IsTraining ? ProductsOfTraining : 1);

    /// <summary>Multiply-adds of the products of one forward.</summary>
    public abstract long MultiplyAdds { get; }

    /// <summary>Null where arithmetic, and not reading the weights, bounds the call.</summary>
    public virtual WeightReading? Reading => null;

    /// <summary>The network without weights.</summary>
    public abstract ModelDefinition Definition();

    /// <summary>The parameters that every contestant gets.</summary>
    public ParameterSet Parameters() => ParameterSet.Uniform(Definition(), seed: 1);

    /// <summary>The input that every contestant gets, [T, N, I].</summary>
    public float[] InputValues() => Values(stream: 0, checked(Time * Batch * Definition().InputSize));

    /// <summary>dL/dy in <see cref="WorkloadMode.Train"/>, the target in <see cref="WorkloadMode.TrainStep"/>: [T', N, O], or [N, O].</summary>
    public float[] OutputValues() => Values(stream: 1, OutputLength);

    /// <summary>Values of y.</summary>
    public int OutputLength
    {
        get
        {
            ModelDefinition definition = Definition();
            return checked(definition.OutputTime(Time) * Batch * definition.OutputSize);
        }
    }

    /// <summary>The call, as "train T50 N64".</summary>
    protected string Call => Mode == WorkloadMode.Step ? "step" : $"{WorkloadNames.Of(Mode)} T{Time} N{Batch}";

    /// <summary>The threads, as ", 2 threads"; nothing for one.</summary>
    protected string ThreadsText => Threads > 1 ? $", {Threads} threads" : string.Empty;

    private static float[] Values(ulong stream, int length)
    {
        CounterRandom random = new(seed: 2, stream);
        float[] values = new float[length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.Uniform((ulong)i, -1, 1);
        }

        return values;
    }
}
