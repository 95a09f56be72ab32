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
}

/// <summary>What is measured: a network, its sizes and how it is run.</summary>
internal sealed record Workload
{
    private const int BytesPerWeight = sizeof(float);

    public required CellKind Cell { get; init; }

    public required WorkloadMode Mode { get; init; }

    public int Time { get; init; } = 1;

    public int Batch { get; init; } = 1;

    public required int Input { get; init; }

    public required int Hidden { get; init; }

    public int Layers { get; init; } = 1;

    /// <summary>Outputs of a Dense head at every step; 0 for none.</summary>
    public int Dense { get; init; }

    public int Threads { get; init; } = 1;

    public required KernelSet Kernels { get; init; }

    public int Gates => Cell switch
    {
        CellKind.Lstm => 4,
        CellKind.Gru or CellKind.GruBefore => 3,
        _ => 1,
    };

    /// <summary>Features of an output step.</summary>
    public int Output => Dense > 0 ? Dense : Hidden;

    /// <summary>Weights, biases aside: the multiply-adds of one row and step, G*H*(I+H) a layer and H*K in the head.</summary>
    public long Weights
    {
        get
        {
            long deeper = (long)(Layers - 1) * Gates * Hidden * (2L * Hidden);
            return ((long)Gates * Hidden * ((long)Input + Hidden)) + deeper + ((long)Hidden * Dense);
        }
    }

    /// <summary>Floating-point operations of one call, activations not counted.</summary>
    public double Flops => 2.0 * Weights * Time * Batch;

    /// <summary>
    /// Bytes of weights that one call has to read at least: all of them in a step; in a sequence the recurrent ones at every
    /// step, the others once, since W x needs no state and can be computed for all steps together.
    /// </summary>
    public double WeightBytesRead
    {
        get
        {
            double recurrent = (double)Layers * Gates * Hidden * Hidden;
            return BytesPerWeight * ((recurrent * Time) + Weights - recurrent);
        }
    }

    /// <summary>Bytes of the weights that are read again and again, which decide on the cache level: those of a step, or of a layer's recurrence.</summary>
    public long ResidentBytes => BytesPerWeight * (Mode == WorkloadMode.Step ? Weights : (long)Gates * Hidden * Hidden);

    /// <summary>Whether reading the weights, and not arithmetic, is what bounds the call: one tile of rows or fewer on one thread.</summary>
    public bool IsBoundByBandwidth => Batch <= 6 && Threads == 1;

    /// <summary>As "lstm x2 infer T50 N64 I128 H128 + Dense(1), 2 threads".</summary>
    public override string ToString()
    {
        string call = Mode == WorkloadMode.Step ? "step" : $"infer T{Time} N{Batch}";
        string layers = Layers > 1 ? $" x{Layers}" : string.Empty;
        string dense = Dense > 0 ? $" + Dense({Dense})" : string.Empty;
        string threads = Threads > 1 ? $", {Threads} threads" : string.Empty;
        return $"{WorkloadNames.Of(Cell)}{layers} {call} I{Input} H{Hidden}{dense}{threads}";
    }

    /// <summary>The network without weights.</summary>
    public ModelDefinition Definition()
    {
        ModelBuilder builder = new(Input);
        for (int layer = 0; layer < Layers; layer++)
        {
            builder.Recurrent(Cell switch
            {
                CellKind.Lstm => new LstmCell(Hidden),
                CellKind.Gru => new GruCell(Hidden),
                CellKind.GruBefore => new GruCell(Hidden) { ResetAfter = false },
                _ => new SimpleRnnCell(Hidden),
            });
        }

        return (Dense > 0 ? builder.Dense(Dense) : builder).Build();
    }

    /// <summary>The parameters that every contestant gets.</summary>
    public ParameterSet Parameters() => ParameterSet.Uniform(Definition(), seed: 1);

    /// <summary>The input that every contestant gets, [T, N, I].</summary>
    public float[] InputValues()
    {
        CounterRandom random = new(seed: 2, stream: 0);
        float[] x = new float[checked(Time * Batch * Input)];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = random.Uniform((ulong)i, -1, 1);
        }

        return x;
    }
}
