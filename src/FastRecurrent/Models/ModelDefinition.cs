using System.Collections.Immutable;
using FastRecurrent.Cells;

namespace FastRecurrent;

/// <summary>A network without weights: what <see cref="ModelBuilder"/> builds and <see cref="RecurrentModel"/> runs. Immutable.</summary>
public sealed class ModelDefinition
{
    // What an array and its alignment take beyond its values.
    private const int AlignmentSlack = 128;

    internal ModelDefinition(int inputSize, IEnumerable<LayerDefinition> layers, bool startsWithVector)
    {
        InputSize = inputSize;
        InputIsVector = startsWithVector;
        Layers = [.. layers];
        if (Layers.IsEmpty)
        {
            throw new ArgumentException("A model needs at least one layer; none was added.", nameof(layers));
        }

        bool isVector = startsWithVector;
        int size = inputSize;
        List<NamedShape> shapes = [];
        for (int i = 0; i < Layers.Length; i++)
        {
            LayerDefinition layer = Layers[i];
            RequireFit(i, layer, isVector);
            try
            {
                foreach (ParameterShape shape in layer.ParameterShapes(size))
                {
                    _ = checked((shape.Rows * shape.Columns) + AlignmentSlack);
                    shapes.Add(new(i, shape));
                }

                size = layer.OutputSize(size);
                _ = checked(size + AlignmentSlack);
            }
            catch (OverflowException error)
            {
                throw new ArgumentException(
                    $"Layer {i} ({layer.GetType().Name}) for {size} input features has more weights in one matrix than memory can hold ({int.MaxValue} values); make the sizes smaller.", error);
            }

            isVector = layer switch
            {
                LastStepLayer or FinalStateLayer => true,
                RepeatVectorLayer => false,
                _ => isVector,
            };
        }

        OutputSize = size;
        OutputIsVector = isVector;
        Shapes = [.. shapes];
    }

    /// <summary>I: features of one input step.</summary>
    public int InputSize { get; }

    /// <summary>Features of one output step.</summary>
    public int OutputSize { get; }

    /// <summary>True where the input is [N, I] and not [T, N, I].</summary>
    public bool InputIsVector { get; }

    /// <summary>True where the output is [N, O] and not [T, N, O].</summary>
    public bool OutputIsVector { get; }

    /// <summary>The layers, input first.</summary>
    public ImmutableArray<LayerDefinition> Layers { get; }

    /// <summary>Whether the network can be fed step by step: no reverse direction and no RepeatVector.</summary>
    public bool CanStream => !InputIsVector && Layers.All(layer => layer.IsCausal);

    /// <summary>The number of trainable and running values.</summary>
    public long ParameterCount => Shapes.Sum(shape => (long)shape.Shape.Rows * shape.Shape.Columns);

    internal ImmutableArray<NamedShape> Shapes { get; }

    /// <summary>T of the output for an input of <paramref name="time"/> steps; 1 where the output is a vector.</summary>
    public int OutputTime(int time)
    {
        if (OutputIsVector)
        {
            return 1;
        }

        foreach (LayerDefinition layer in Layers)
        {
            time = layer is RepeatVectorLayer repeat ? repeat.Steps : time;
        }

        return time;
    }

    /// <summary>Null where another definition describes the same network, so that weights of one fit the other; else what differs first, in words.</summary>
    internal string? DifferenceTo(ModelDefinition other)
    {
        if (ReferenceEquals(this, other))
        {
            return null;
        }

        if (InputSize != other.InputSize || InputIsVector != other.InputIsVector)
        {
            return $"it takes {InputSize} features of a {(InputIsVector ? "vector" : "sequence")}, not {other.InputSize} of a {(other.InputIsVector ? "vector" : "sequence")}";
        }

        int common = Layers.AsSpan().CommonPrefixLength(other.Layers.AsSpan());
        return common == Layers.Length && common == other.Layers.Length
            ? null
            : $"layer {common} is {Name(this)}, not {Name(other)}";

        string Name(ModelDefinition definition) => common < definition.Layers.Length ? definition.Layers[common].ToString() : "missing";
    }

    private void RequireFit(int index, LayerDefinition layer, bool isVector)
    {
        bool wantsSequence = layer is RecurrentLayer or LastStepLayer or FinalStateLayer;
        if (wantsSequence && isVector)
        {
            throw new ArgumentException($"Layer {index} ({layer.GetType().Name}) needs a sequence, but gets a vector; put RepeatVector before it.");
        }

        if (layer is RepeatVectorLayer && !isVector)
        {
            throw new ArgumentException($"Layer {index} (RepeatVectorLayer) needs a vector, but gets a sequence; put LastStep or FinalState before it.");
        }

        if (layer is FinalStateLayer && (index == 0 || Layers[index - 1] is not RecurrentLayer))
        {
            throw new ArgumentException($"Layer {index} (FinalStateLayer) must follow a recurrent layer directly.");
        }
    }

    /// <summary>A parameter's layer and shape.</summary>
    internal readonly record struct NamedShape(int Layer, ParameterShape Shape)
    {
        public string Name => $"{Layer}.{Shape.Name}";
    }
}
