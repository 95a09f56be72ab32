using FastRecurrent.Kernels;
using FastRecurrent.Layers;

namespace FastRecurrent.Training;

/// <summary>Makes the layers that learn from a model's definition: the one place that knows which layer is which.</summary>
internal static class TrainingLayers
{
    /// <summary>The layers, in order; a recurrent layer and the LastStep or FinalState behind it are one.</summary>
    public static TrainingLayer[] Create(ModelDefinition definition, ParameterSet parameters, TrainingBatch batch, KernelFactory factory, ulong seed)
    {
        List<TrainingLayer> layers = [];
        int size = definition.InputSize;
        bool isVector = definition.InputIsVector;
        int time = definition.InputIsVector ? 1 : batch.Limits.Time;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            LayerDefinition? next = i + 1 < definition.Layers.Length ? definition.Layers[i + 1] : null;
            TrainingLayer layer = Create(definition.Layers[i], next, i, size, checked((long)time * batch.Limits.Batch), parameters, batch, factory, seed);
            layers.Add(layer);
            size = layer.OutputSize;
            time = layer.OutputTime(time);
            isVector = layer.EndsRows && time == 1;
            if (layer is RecurrentTraining && next is LastStepLayer or FinalStateLayer)
            {
                i++;
            }
        }

        return [.. layers];
    }

    private static TrainingLayer Create(
        LayerDefinition layer, LayerDefinition? next, int index, int size, long rows, ParameterSet parameters, TrainingBatch batch, KernelFactory factory, ulong seed)
    {
        IParameterSource source = parameters.Source(index);
        switch (layer)
        {
            case RecurrentLayer recurrent:
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
                return new RecurrentTraining(index, recurrent, kernels, output, batch, parameters, factory.VectorFloats);
            case DenseLayer dense:
                return new DenseTraining(index, factory.Dense(size, dense.Size, dense.Bias, dense.Activation, source), rows, parameters, factory.VectorFloats);
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
}
