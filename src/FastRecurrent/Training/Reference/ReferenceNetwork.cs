namespace FastRecurrent.Training.Reference;

/// <summary>What a pass runs on.</summary>
internal sealed record ReferenceRun
{
    /// <summary>[T, N, I], or [N, I] where the network's input is a vector (T = 1).</summary>
    public required double[] X { get; init; }

    public required int Time { get; init; }

    public required int Batch { get; init; }

    /// <summary>Null, or each row's number of steps, 0..T.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>Null for zeros.</summary>
    public ReferenceState? Initial { get; init; }

    /// <summary>Whether batch normalization uses the batch's own statistics.</summary>
    public bool IsTraining { get; init; }

    /// <summary>Null for none. They apply in any mode: they are given, not drawn.</summary>
    public ReferenceMasks? Masks { get; init; }
}

/// <summary>What a pass gives: y [T, N, O] or [N, O], and the state behind each row's last step.</summary>
internal sealed record ReferenceOutput(double[] Y, ReferenceState Final);

/// <summary>The gradients by what is no parameter: x, shaped as x, and the initial state.</summary>
internal sealed record ReferenceGradient(double[] X, ReferenceState Initial);

/// <summary>
/// The definition of everything the engine computes, forward and backward, in double precision and plain loops: one row, one
/// step, one value at a time, to be read beside the equations. Slow on purpose. One caller at a time.
/// </summary>
internal sealed class ReferenceNetwork
{
    private readonly ModelDefinition _definition;
    private readonly List<(int Index, ReferenceLayer Layer)> _layers = [];
    private readonly KinkDistance _kinks = new();
    private ReferenceContext? _context;
    private ReferenceSequence _output = null!;

    /// <summary>Takes over the parameters' values; change them through <see cref="Parameters"/>.</summary>
    public ReferenceNetwork(ModelDefinition definition, ParameterSet parameters)
    {
        _definition = definition;
        Parameters = new ReferenceParameters(definition, parameters);
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            bool givesFinalState = i + 1 < definition.Layers.Length && definition.Layers[i + 1] is FinalStateLayer;
            ReferenceParameters.LayerParameters own = Parameters.Of(i);
            ReferenceLayer? layer = definition.Layers[i] switch
            {
                RecurrentLayer recurrent => new ReferenceRecurrent(recurrent, i, givesFinalState, Parameters, _kinks),
                FinalStateLayer => null,
                DenseLayer dense => new ReferenceDense(dense, own, _kinks),
                DropoutLayer => new ReferenceDropout(),
                SoftmaxLayer => new ReferenceSoftmax(),
                LayerNormLayer norm => new ReferenceLayerNorm(norm, own),
                BatchNormLayer norm => new ReferenceBatchNorm(norm, own),
                LastStepLayer => new ReferenceLastStep(),
                RepeatVectorLayer repeat => new ReferenceRepeatVector(repeat.Steps),
                _ => throw new NotSupportedException($"The reference has no {definition.Layers[i].GetType().Name}."),
            };
            if (layer is not null)
            {
                _layers.Add((i, layer));
            }
        }
    }

    /// <summary>The parameters by the names of <see cref="ParameterSet"/>, with the gradients of the last backward pass.</summary>
    public ReferenceParameters Parameters { get; }

    /// <summary>How close the last forward pass came to a point without a derivative.</summary>
    public double KinkDistance => _kinks.Smallest;

    public ReferenceOutput Forward(ReferenceRun run)
    {
        ReferenceState State() => new(_definition, run.Batch);
        _kinks.Reset();
        _context = new ReferenceContext(run, run.Initial ?? State(), State(), State(), State());
        _output = new ReferenceSequence(run.Time, run.Batch, _definition.InputSize, run.Lengths, run.X);
        foreach ((int index, ReferenceLayer layer) in _layers)
        {
            ReferenceSequence x = _output.Times(run.Masks?.Input.GetValueOrDefault(index));
            _output = layer.Forward(x, _context).Times(run.Masks?.Output.GetValueOrDefault(index));
        }

        return new ReferenceOutput(_output.Values, _context.Final);
    }

    /// <summary>
    /// The gradients of the last forward pass: the parameters' in <see cref="Parameters"/>, which are set anew, and those by x and the
    /// initial state, which are returned.
    /// </summary>
    /// <param name="outputGradient">dy, shaped as y; not read behind a row's end.</param>
    /// <param name="finalGradient">The gradients by the final state; null for zeros.</param>
    public ReferenceGradient Backward(double[] outputGradient, ReferenceState? finalGradient = null)
    {
        ReferenceContext context = _context ?? throw new InvalidOperationException("There is no forward pass to go back through; call Forward first.");
        ReferenceRun run = context.Run;
        context = context with
        {
            InitialGradient = new ReferenceState(_definition, run.Batch),
            FinalGradient = finalGradient ?? new ReferenceState(_definition, run.Batch),
        };
        foreach (ReferenceParameter parameter in Parameters.All)
        {
            Array.Clear(parameter.Gradient);
        }

        ReferenceSequence gradient = new(_output.Time, _output.Batch, _output.Features, _output.Lengths, outputGradient);
        foreach ((int index, ReferenceLayer layer) in Enumerable.Reverse(_layers))
        {
            gradient = layer.Backward(gradient.Times(run.Masks?.Output.GetValueOrDefault(index)), context).Times(run.Masks?.Input.GetValueOrDefault(index));
        }

        return new ReferenceGradient(gradient.Values, context.InitialGradient);
    }

    /// <summary>dL/dh of a recurrent layer behind every step of the last backward pass, [T, N, R].</summary>
    public ReferenceSequence HiddenGradient(int layer, bool reverse) => _layers
        .Where(entry => entry.Index == layer).Select(entry => entry.Layer).OfType<ReferenceRecurrent>().Single().HiddenGradient(reverse);

    /// <summary>The running mean and variance of a BatchNorm layer behind the last forward pass.</summary>
    public (double[] Mean, double[] Variance) RunningStatistics(int layer) => _layers
        .Where(entry => entry.Index == layer).Select(entry => entry.Layer).OfType<ReferenceBatchNorm>().Single().Running;
}
