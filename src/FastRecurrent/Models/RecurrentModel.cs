namespace FastRecurrent;

/// <summary>
/// A network with its weights, packed for one instruction set. Immutable and thread-safe: any number of sessions and
/// runners on any threads share it. It holds the weights once; <see cref="ExportParameters"/> unpacks them.
/// </summary>
public sealed class RecurrentModel
{
    private readonly Dictionary<string, float[]> _vectors = [];

    /// <summary>Packs the parameters for the best instruction set, or the one that <see cref="KernelSets.Variable"/> forces.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The parameters belong to another definition.</exception>
    public RecurrentModel(ModelDefinition definition, ParameterSet parameters)
        : this(definition, parameters, KernelSets.Default)
    {
    }

    /// <summary>Packs the parameters for a given instruction set; one that this processor lacks is emulated, slowly.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The parameters belong to another definition.</exception>
    public RecurrentModel(ModelDefinition definition, ParameterSet parameters, KernelSet kernels)
        : this(definition, (IWeights)Checked(definition, parameters), kernels)
    {
    }

    /// <summary>Packs weights from wherever they are, without a copy in logical order; they fit the definition.</summary>
    internal RecurrentModel(ModelDefinition definition, IWeights weights, KernelSet kernels)
    {
        Definition = definition;
        Kernels = kernels;
        Network = new Network(definition, weights, kernels);
        foreach (ModelDefinition.NamedShape shape in definition.Shapes)
        {
            if (IsKeptApart(definition.Layers[shape.Layer], shape.Shape.Name))
            {
                _vectors.Add(shape.Name, weights.Values(shape.Name).ToArray());
            }
        }
    }

    /// <summary>The network's description.</summary>
    public ModelDefinition Definition { get; }

    /// <summary>The instruction set that the weights are packed for.</summary>
    public KernelSet Kernels { get; }

    /// <summary>Bytes that the weights take, packed, with padding, and with the vectors kept for export.</summary>
    public long Bytes => Network.PackedBytes + (_vectors.Values.Sum(values => (long)values.Length) * sizeof(float));

    /// <summary>Multiply-adds of one row and step through all layers.</summary>
    public long MultiplyAddsPerStep => Network.MultiplyAdds;

    internal Network Network { get; }

    /// <summary>A copy of the weights in logical order, bit for bit what the model was made from.</summary>
    public ParameterSet ExportParameters()
    {
        ParameterSet set = new(Definition);
        for (int i = 0; i < Network.Runners.Length; i++)
        {
            int layer = Network.Sources[i];
            Network.Runners[i].Unpack(name => set.Values($"{layer}.{name}"));
        }

        foreach ((string name, float[] values) in _vectors)
        {
            values.CopyTo(set[name]);
        }

        return set;
    }

    /// <summary>A zero state for <paramref name="batch"/> rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The batch is below 1.</exception>
    public RecurrentState CreateState(int batch = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        return new RecurrentState(Network.States, batch);
    }

    /// <summary>
    /// A runner for whole sequences, up to T = <paramref name="maxTime"/> and N = <paramref name="maxBatch"/>. All memory is
    /// allocated here; running allocates nothing.
    /// </summary>
    /// <param name="maxTime">The longest T, at least 1.</param>
    /// <param name="maxBatch">The largest N, at least 1.</param>
    /// <param name="threads">How many threads may work at once, the caller included; default 1.</param>
    /// <exception cref="ArgumentException">A size is below 1, or the sizes ask for more memory than one buffer can hold.</exception>
    public SequenceRunner CreateRunner(int maxTime, int maxBatch, int threads = 1) => new(this, maxTime, maxBatch, threads);

    /// <summary>A streaming session with a zero state.</summary>
    /// <param name="threads">How many threads may share a step of a large network, the caller included; default 1.</param>
    /// <exception cref="InvalidOperationException">The network cannot be fed step by step (see <see cref="ModelDefinition.CanStream"/>).</exception>
    public StreamingSession CreateSession(int threads = 1) => new(this, threads);

    /// <summary>A stepper for up to <paramref name="maxSessions"/> independent sessions at once.</summary>
    /// <exception cref="InvalidOperationException">The network cannot be fed step by step.</exception>
    public SessionBatch CreateSessionBatch(int maxSessions, int threads = 1) => new(this, maxSessions, threads);

    /// <summary>A pool of sessions for concurrent callers.</summary>
    /// <param name="maxRetained">How many idle sessions the pool keeps; default twice the processors.</param>
    /// <exception cref="InvalidOperationException">The network cannot be fed step by step.</exception>
    public SessionPool CreateSessionPool(int? maxRetained = null) => new(this, maxRetained ?? (2 * Environment.ProcessorCount));

    internal void RequireStreaming()
    {
        if (!Definition.CanStream)
        {
            throw new InvalidOperationException(
                "This network cannot be fed step by step: it has a reverse or bidirectional layer, a RepeatVector layer, or takes a vector. Use CreateRunner.");
        }
    }

    private static ParameterSet Checked(ModelDefinition definition, ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.Definition == definition
            ? parameters
            : throw new ArgumentException("These parameters were made for another definition; make them with new ParameterSet(definition).", nameof(parameters));
    }

    /// <summary>
    /// Whether the packed form does not hold a parameter as it is: it adds two biases that start the same chain, and divides in
    /// advance for batch normalization. These are vectors, small beside the matrices.
    /// </summary>
    private static bool IsKeptApart(LayerDefinition layer, string name) => layer switch
    {
        RecurrentLayer recurrent => (recurrent.Cell is not LayerNormCell || recurrent.Reverse is not LayerNormCell)
            && name.StartsWith("bias_", StringComparison.Ordinal),
        LayerNormLayer or BatchNormLayer => true,
        _ => false,
    };
}
