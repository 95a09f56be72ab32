using FastRecurrent.Cells;
using FastRecurrent.Kernels;
using FastRecurrent.Layers;

namespace FastRecurrent.Training;

/// <summary>Makes the layers that learn from a model's definition: the one place that knows which layer is which.</summary>
internal static class TrainingLayers
{
    /// <summary>The layers, in order; a recurrent layer and the LastStep or FinalState behind it are one.</summary>
    /// <param name="definition">The network.</param>
    /// <param name="parameters">The first weights.</param>
    /// <param name="sequences">The batch of the layers up to the first one that makes vectors.</param>
    /// <param name="vectors">The batch of the layers behind it; may be the same.</param>
    /// <param name="factory">Makes the kernels.</param>
    /// <param name="seed">Of the masks.</param>
    /// <param name="pieceSteps">The most steps of which a recurrent layer keeps at a time what its backward needs.</param>
    public static TrainingLayer[] Create(
        ModelDefinition definition, ParameterSet parameters, TrainingBatch sequences, TrainingBatch vectors, KernelFactory factory, ulong seed,
        int pieceSteps = int.MaxValue)
    {
        List<TrainingLayer> layers = [];
        int size = definition.InputSize;
        TrainingBatch batch = sequences;
        int time = batch.Limits.Time;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            LayerDefinition? next = i + 1 < definition.Layers.Length ? definition.Layers[i + 1] : null;
            TrainingLayer layer = Create(definition.Layers[i], next, i, size, time, pieceSteps, parameters, batch, factory, seed);
            layers.Add(layer);
            size = layer.OutputSize;
            time = layer.OutputTime(time);
            batch = layer.EndsRows ? vectors : batch;
            if (layer is RecurrentTraining && next is LastStepLayer or FinalStateLayer)
            {
                i++;
            }
        }

        return [.. layers];
    }

    private static TrainingLayer Create(
        LayerDefinition layer, LayerDefinition? next, int index, int size, int time, int pieceSteps,
        ParameterSet parameters, TrainingBatch batch, KernelFactory factory, ulong seed)
    {
        IParameterSource source = parameters.Source(index);
        switch (layer)
        {
            case RecurrentLayer recurrent:
                RequireDerivatives(index, recurrent.Cell.Constants);
                RequireDerivatives(index, recurrent.Reverse.Constants);
                RecurrentKernel first = factory.Recurrent(recurrent.Cell, size, source);
                RecurrentKernel[] kernels = recurrent.Direction == Direction.Bidirectional
                    ? [first, factory.Recurrent(recurrent.Reverse, size, parameters.Source(index, RecurrentLayer.ReverseSuffix))]
                    : [first];
                RecurrentOutput output = next switch
                {
                    LastStepLayer => RecurrentOutput.LastStep,
                    FinalStateLayer => RecurrentOutput.FinalState,
                    _ => RecurrentOutput.Sequence,
                };
                return new RecurrentTraining(index, recurrent, kernels, output, batch, time, pieceSteps, parameters, factory.VectorFloats, seed);
            case DenseLayer dense:
                RequireDerivative(index, dense.Activation);
                return new DenseTraining(index, factory.Dense(size, dense.Size, dense.Bias, dense.Activation, source), checked((long)time * batch.Limits.Batch), parameters, factory.VectorFloats);
            case DropoutLayer dropout:
                return new DropoutTraining(index, size, dropout.Rate, batch, seed);
            case SoftmaxLayer:
                return new RowTraining(index, factory.Softmax(size), factory.SoftmaxGradient(size), batch.Limits.Batch, parameters);
            case LayerNormLayer norm:
                return new RowTraining(
                    index, factory.LayerNorm(size, norm.Epsilon, source), factory.LayerNormGradient(size, norm.Epsilon), batch.Limits.Batch, parameters);
            case BatchNormLayer norm:
                return new BatchNormTraining(index, factory.BatchNorm(size, norm.Epsilon, source), factory.BatchNormGradient(size), norm.Epsilon, parameters);
            case LastStepLayer:
                return new LastStepTraining(index, size, batch);
            case RepeatVectorLayer repeat:
                return new RepeatVectorTraining(index, size, repeat.Steps);
            default:
                throw new NotSupportedException($"Layer {index} is a {layer.GetType().Name}, which cannot be trained.");
        }
    }

    private static void RequireDerivatives(int index, in CellConstants constants)
    {
        RequireDerivative(index, constants.Gate);
        RequireDerivative(index, constants.Candidate);
        RequireDerivative(index, constants.Output);
    }

    private static void RequireDerivative(int index, in Activation activation)
    {
        if (!ActivationDerivatives.Exists(activation))
        {
            throw new NotSupportedException(
                $"Layer {index} has a {activation.Kind} with alpha {activation.Alpha}: two inputs give the same value, and backward, which keeps the value, cannot tell them; use an alpha of at least 0.");
        }
    }
}
