namespace FastRecurrent.Cli.Measurement;

/// <summary>Layers of one cell and, if wanted, a Dense head at every step: what <c>bench</c> measures and the peers can run (but for the head).</summary>
internal sealed record StackWorkload : Workload
{
    private const int BytesPerWeight = sizeof(float);

    public required CellKind Cell { get; init; }

    public required int Input { get; init; }

    public required int Hidden { get; init; }

    public int Layers { get; init; } = 1;

    /// <summary>Outputs of a Dense head at every step; 0 for none.</summary>
    public int Dense { get; init; }

    public override long MultiplyAdds => Weights * Time * Batch;

    // One tile of rows or fewer on one thread waits for its weights.
    public override WeightReading? Reading =>
        Batch <= 6 && Threads == 1 && !IsTraining ? new(WeightBytesRead, ResidentBytes) : null;

    private int Gates => Cell switch
    {
        CellKind.Lstm => 4,
        CellKind.Gru or CellKind.GruBefore => 3,
        _ => 1,
    };

    // Biases aside: the multiply-adds of one row and step, G*H*(I+H) a layer and H*K in the head.
    private long Weights
    {
        get
        {
            long deeper = (long)(Layers - 1) * Gates * Hidden * (2L * Hidden);
            return ((long)Gates * Hidden * ((long)Input + Hidden)) + deeper + ((long)Hidden * Dense);
        }
    }

    // All weights in a step; in a sequence the recurrent ones at every step, the others once, since W x needs no state and can be
    // computed for all steps together.
    private double WeightBytesRead
    {
        get
        {
            double recurrent = (double)Layers * Gates * Hidden * Hidden;
            return BytesPerWeight * ((recurrent * Time) + Weights - recurrent);
        }
    }

    // Those of a step, or of a layer's recurrence.
    private long ResidentBytes => BytesPerWeight * (Mode == WorkloadMode.Step ? Weights : (long)Gates * Hidden * Hidden);

    /// <summary>As "lstm x2 infer T50 N64 I128 H128 + Dense(1), 2 threads".</summary>
    public override string ToString()
    {
        string layers = Layers > 1 ? $" x{Layers}" : string.Empty;
        string dense = Dense > 0 ? $" + Dense({Dense})" : string.Empty;
        return $"{WorkloadNames.Of(Cell)}{layers} {Call} I{Input} H{Hidden}{dense}{ThreadsText}";
    }

    public override ModelDefinition Definition()
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
}
