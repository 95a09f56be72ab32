using FastRecurrent.Kernels;
using FastRecurrent.Layers;

namespace FastRecurrent;

/// <summary>The packed layers of a model in order, and where each one's state lies. Immutable.</summary>
internal sealed class Network
{
    private readonly int[] _firstState;

    public Network(ModelDefinition definition, IWeights weights, KernelSet kernels)
    {
        KernelFactory factory = KernelFactory.For(kernels);
        List<LayerRunner> runners = [];
        int states = 0;
        List<int> firstState = [];
        List<int> sources = [];
        int size = definition.InputSize;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            LayerDefinition layer = definition.Layers[i];
            if (layer is DropoutLayer)
            {
                continue;
            }

            LayerDefinition? next = i + 1 < definition.Layers.Length ? definition.Layers[i + 1] : null;
            LayerRunner runner = Create(factory, layer, next, size, i, weights);
            firstState.Add(states);
            sources.Add(i);
            states += runner.StateCount;

            runners.Add(runner);
            size = layer.OutputSize(size);
            if (layer is RecurrentLayer && next is LastStepLayer or FinalStateLayer)
            {
                // The recurrent layer gives the vector itself.
                i++;
            }
        }

        if (runners.Count == 0)
        {
            firstState.Add(0);
            sources.Add(0);
            runners.Add(new IdentityRunner(size));
        }

        Runners = [.. runners];
        Sources = [.. sources];
        States = new StateLayout(definition);
        _firstState = [.. firstState];
        MultiplyAdds = runners.Sum(runner => runner.MultiplyAdds);
        CanShareColumns = runners.TrueForAll(runner => runner.CanShareColumns);
    }

    public LayerRunner[] Runners { get; }

    /// <summary>The index of each runner's layer in the definition.</summary>
    public int[] Sources { get; }

    public StateLayout States { get; }

    public long PackedBytes => Runners.Sum(runner => runner.PackedBytes);

    /// <summary>Multiply-adds of one row and step through all layers.</summary>
    public long MultiplyAdds { get; }

    public bool CanShareColumns { get; }

    /// <summary>The state blocks of one runner.</summary>
    public ReadOnlySpan<StateBlock> StatesOf(int runner, RecurrentState state) =>
        state.Blocks.Slice(_firstState[runner], Runners[runner].StateCount);

    private static LayerRunner Create(KernelFactory factory, LayerDefinition layer, LayerDefinition? next, int inputSize, int index, IWeights weights)
    {
        LayerWeights source = new(weights, index);
        switch (layer)
        {
            case RecurrentLayer recurrent:
                Zoneout zoneout = new(recurrent.HiddenZoneout, recurrent.CellZoneout);
                RecurrentKernel first = factory.Recurrent(recurrent.Cell, inputSize, source, zoneout);
                RecurrentKernel[] kernels = recurrent.Direction == Direction.Bidirectional
                    ? [first, factory.Recurrent(recurrent.Reverse, inputSize, new LayerWeights(weights, index, RecurrentLayer.ReverseSuffix), zoneout)]
                    : [first];
                RecurrentOutput output = next switch
                {
                    LastStepLayer => RecurrentOutput.LastStep,
                    FinalStateLayer => RecurrentOutput.FinalState,
                    _ => RecurrentOutput.Sequence,
                };
                return new RecurrentRunner(recurrent, kernels, output);
            case DenseLayer dense:
                return new DenseRunner(factory.Dense(inputSize, dense.Size, dense.Bias, dense.Activation, source));
            case LayerNormLayer norm:
                return new RowRunner(factory.LayerNorm(inputSize, norm.Epsilon, source));
            case BatchNormLayer norm:
                return new RowRunner(factory.BatchNorm(inputSize, norm.Epsilon, source));
            case SoftmaxLayer:
                return new RowRunner(factory.Softmax(inputSize));
            case RepeatVectorLayer repeat:
                return new RepeatVectorRunner(inputSize, repeat.Steps);
            case LastStepLayer:
                return new LastStepRunner(inputSize);
            default:
                throw new NotSupportedException($"Layer {index} is a {layer.GetType().Name}, which no runner exists for.");
        }
    }
}
