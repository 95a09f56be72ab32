using FastRecurrent.Cells;
using FastRecurrent.Kernels;

namespace FastRecurrent;

/// <summary>Which way a recurrent layer reads its sequence.</summary>
public enum Direction
{
    /// <summary>From the first step to the last.</summary>
    Forward,

    /// <summary>From each row's own last step to the first; output t belongs to input t.</summary>
    Reverse,

    /// <summary>Both, with weights of their own, merged.</summary>
    Bidirectional,
}

/// <summary>How a bidirectional layer joins its two outputs.</summary>
public enum Merge
{
    /// <summary>[forward, reverse]: twice as many features.</summary>
    Concat,

    /// <summary>forward + reverse.</summary>
    Sum,

    /// <summary>forward * reverse.</summary>
    Multiply,

    /// <summary>(forward + reverse) / 2.</summary>
    Average,
}

/// <summary>
/// One layer of a network, without weights. Immutable; made by <see cref="ModelBuilder"/>. Shapes: a sequence is [T, N, F],
/// a vector is [N, F].
/// </summary>
public abstract record LayerDefinition
{
    private protected LayerDefinition()
    {
    }

    /// <summary>The layer's features for inputs of <paramref name="inputSize"/> features.</summary>
    public abstract int OutputSize(int inputSize);

    /// <summary>The parameters, named within the layer.</summary>
    internal virtual IEnumerable<ParameterShape> ParameterShapes(int inputSize) => [];

    /// <summary>Whether step t of the output needs no input behind step t.</summary>
    internal virtual bool IsCausal => true;

    /// <summary>Throws where an option is out of its range.</summary>
    internal virtual void Validate()
    {
    }

    private protected static void RequireEpsilon(float epsilon)
    {
        if (!float.IsFinite(epsilon) || epsilon <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Epsilon must be a finite value above 0.");
        }
    }

    private protected static void RequireRate(float rate, string name)
    {
        if (!(rate >= 0 && rate < 1))
        {
            throw new ArgumentOutOfRangeException(name, rate, $"{name} is a probability: at least 0 and below 1.");
        }
    }
}

/// <summary>A recurrent layer over a sequence: [T, N, I] to [T, N, R], or 2R where two directions are concatenated.</summary>
/// <param name="Cell">The cell of the forward direction, or of the only one.</param>
/// <param name="Direction">Which way the sequence is read.</param>
public sealed record RecurrentLayer(RecurrentCell Cell, Direction Direction = Direction.Forward) : LayerDefinition
{
    /// <summary>The suffix of the reverse direction's parameters, as in PyTorch.</summary>
    internal const string ReverseSuffix = "_reverse";

    /// <summary>How two directions are joined, default Concat.</summary>
    public Merge Merge { get; init; }

    /// <summary>The cell of the reverse direction of a bidirectional layer; null, the default, for the same as <see cref="Cell"/>.</summary>
    public RecurrentCell? ReverseCell { get; init; }

    /// <summary>
    /// The probability with which, in training, the products of a sequence's steps do not see a unit of h; the others are seen times
    /// 1 / (1 - rate). One choice a row and pass, the same at every step (Gal and Ghahramani 2016, "variational" dropout). The h that
    /// a GRU carries past the products, z * h, is not masked. Default 0: none.
    /// </summary>
    public float RecurrentDropout { get; init; }

    /// <summary>
    /// The probability with which, in training, a unit of h keeps its old value at a step; at inference h' = rate * old + (1 - rate) *
    /// new, the expectation (Krueger et al. 2017, zoneout). Default 0: none.
    /// </summary>
    public float HiddenZoneout { get; init; }

    /// <summary>The same for c; the step's h' comes from the new c all the same. Default 0: none.</summary>
    public float CellZoneout { get; init; }

    /// <summary>Whether a part of the old state stays at every step, at inference too.</summary>
    internal bool HasZoneout => HiddenZoneout > 0 || CellZoneout > 0;

    /// <summary>The cell of the reverse direction.</summary>
    internal RecurrentCell Reverse => ReverseCell ?? Cell;

    /// <inheritdoc/>
    public override int OutputSize(int inputSize) =>
        Direction == Direction.Bidirectional && Merge == Merge.Concat ? checked(Cell.OutputSize + Reverse.OutputSize) : Cell.OutputSize;

    internal override bool IsCausal => Direction == Direction.Forward;

    internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize)
    {
        IEnumerable<ParameterShape> first = Cell.ParameterShapes(inputSize);
        return Direction == Direction.Bidirectional
            ? first.Concat(Reverse.ParameterShapes(inputSize).Select(shape => shape with { Name = shape.Name + ReverseSuffix }))
            : first;
    }

    internal override void Validate()
    {
        ArgumentNullException.ThrowIfNull(Cell);
        Cell.Validate();
        Reverse.Validate();
        if (!Enum.IsDefined(Direction))
        {
            throw new ArgumentOutOfRangeException(nameof(Direction), Direction, "Unknown direction.");
        }

        if (!Enum.IsDefined(Merge))
        {
            throw new ArgumentOutOfRangeException(nameof(Merge), Merge, "Unknown merge.");
        }

        RequireRate(RecurrentDropout, nameof(RecurrentDropout));
        RequireRate(HiddenZoneout, nameof(HiddenZoneout));
        RequireRate(CellZoneout, nameof(CellZoneout));
        if (CellZoneout > 0 && !Cell.HasCellState && !(Direction == Direction.Bidirectional && Reverse.HasCellState))
        {
            throw new ArgumentException($"A {Cell.GetType().Name} carries no c that CellZoneout could keep; use HiddenZoneout.", nameof(CellZoneout));
        }

        if (Direction == Direction.Bidirectional && Merge != Merge.Concat && Cell.OutputSize != Reverse.OutputSize)
        {
            throw new ArgumentException(
                $"The directions give {Cell.OutputSize} and {Reverse.OutputSize} features; {Merge} needs equal sizes (Concat does not).", nameof(Merge));
        }
    }
}

/// <summary>y = a(W x + b), at every step of a sequence or on a vector.</summary>
/// <param name="Size">Output features, at least 1.</param>
/// <param name="Activation">a.</param>
public sealed record DenseLayer(int Size, Activation Activation) : LayerDefinition
{
    /// <summary>Whether b exists. Default true.</summary>
    public bool Bias { get; init; } = true;

    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => Size;

    internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize)
    {
        yield return new(DenseKernel.Weight, Size, inputSize);
        if (Bias)
        {
            yield return new(DenseKernel.Bias, 1, Size);
        }
    }

    internal override void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        Activation.Validate(nameof(Activation));
    }
}

/// <summary>
/// In training every value becomes 0 with a probability, and the others are multiplied by 1 / (1 - rate); at inference y = x
/// (Srivastava et al. 2014). What is dropped follows from the trainable model's seed, the pass, the layer, and the value's row,
/// step and feature alone.
/// </summary>
/// <param name="Rate">The probability, at least 0 and below 1.</param>
public sealed record DropoutLayer(float Rate) : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;

    internal override void Validate() => RequireRate(Rate, nameof(Rate));
}

/// <summary>y_i = exp(x_i) / sum_j exp(x_j) over the features of a step.</summary>
public sealed record SoftmaxLayer : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;
}

/// <summary>y = (x - mean) / sqrt(variance + epsilon) * weight + bias over the features of a step (Ba, Kiros and Hinton 2016).</summary>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record LayerNormLayer(float Epsilon = 1e-5f) : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;

    internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize) =>
        [new(NormNames.Weight, 1, inputSize), new(NormNames.Bias, 1, inputSize)];

    internal override void Validate() => RequireEpsilon(Epsilon);
}

/// <summary>
/// y = (x - running_mean) / sqrt(running_var + epsilon) * weight + bias, feature by feature: batch normalization at inference.
/// In training mean and variance are those of the batch's valid steps, and the running ones follow them with momentum 0.1,
/// the variance unbiased (Ioffe and Szegedy 2015; PyTorch's BatchNorm1d).
/// </summary>
/// <param name="Epsilon">Added to the variance.</param>
public sealed record BatchNormLayer(float Epsilon = 1e-5f) : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;

    internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize) =>
    [
        new(NormNames.Weight, 1, inputSize),
        new(NormNames.Bias, 1, inputSize),
        new(NormNames.RunningMean, 1, inputSize),
        new(NormNames.RunningVariance, 1, inputSize),
    ];

    internal override void Validate() => RequireEpsilon(Epsilon);
}

/// <summary>[T, N, F] to [N, F]: the output at each row's last step.</summary>
public sealed record LastStepLayer : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;
}

/// <summary>
/// [T, N, F] to [N, F]: the final h of each direction. It differs from <see cref="LastStepLayer"/> where a direction is
/// reversed: its final state is at step 0.
/// </summary>
public sealed record FinalStateLayer : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;
}

/// <summary>[N, F] to [T, N, F]: the same vector at every step.</summary>
/// <param name="Steps">T, at least 1.</param>
public sealed record RepeatVectorLayer(int Steps) : LayerDefinition
{
    /// <inheritdoc/>
    public override int OutputSize(int inputSize) => inputSize;

    internal override bool IsCausal => false;

    internal override void Validate() => ArgumentOutOfRangeException.ThrowIfLessThan(Steps, 1);
}
