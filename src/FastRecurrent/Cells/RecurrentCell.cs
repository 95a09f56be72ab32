using FastRecurrent.Cells;

namespace FastRecurrent;

/// <summary>
/// The description of a recurrent cell: its equations and sizes, without weights. Immutable. H is the hidden size, R the
/// size of h as the next step sees it (H, or the projection size P), G the number of gates.
/// </summary>
public abstract record RecurrentCell
{
    private protected RecurrentCell(int hiddenSize)
    {
        if (hiddenSize <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(hiddenSize), hiddenSize, "A cell needs a hidden size of at least 1.");
        }

        HiddenSize = hiddenSize;
    }

    /// <summary>H, the number of units.</summary>
    public int HiddenSize { get; }

    /// <summary>Whether bias_ih and bias_hh exist. Default true.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>
    /// Clamps the input of every activation to [-GateClip, GateClip] (ONNX's attribute <c>clip</c>). 0, the default: no clamp.
    /// </summary>
    public float GateClip { get; init; }

    /// <summary>R, the size of h: H, or the projection size.</summary>
    public virtual int OutputSize => HiddenSize;

    /// <summary>True where the cell carries c beside h.</summary>
    public virtual bool HasCellState => false;

    /// <summary>G: row blocks of H rows in weight_ih, weight_hh and the biases.</summary>
    public abstract int GateCount { get; }

    /// <summary>The gate whose bias says how much of c stays, where the cell has such a gate of its own.</summary>
    internal virtual int? ForgetGate => null;

    /// <summary>The products of a step, in order.</summary>
    internal abstract IReadOnlyList<StageDescription> Stages { get; }

    /// <summary>How many [N, H] buffers the update passes from stage to stage.</summary>
    internal virtual int AuxiliaryBuffers => 0;

    /// <summary>Values of H units that a step leaves for the backward pass, beside h and the deltas of a projection.</summary>
    internal abstract int TraceSlots { get; }

    /// <summary>The slot of the trace that holds c, where the cell has it.</summary>
    internal virtual int CellSlot => 0;

    /// <summary>Vectors that the update reads per unit, beside the gates.</summary>
    internal virtual IReadOnlyList<UnitParameter> UnitParameters => [];

    /// <summary>Calls the visitor with the type that holds the cell's equations.</summary>
    internal abstract TResult Accept<TResult>(ICellVisitor<TResult> visitor);

    internal abstract CellConstants Constants { get; }

    /// <summary>The parameters of one direction for inputs of size I.</summary>
    internal virtual IEnumerable<ParameterShape> ParameterShapes(int inputSize)
    {
        int rows = checked(GateCount * HiddenSize);
        yield return new(ParameterNames.WeightIh, rows, inputSize);
        yield return new(ParameterNames.WeightHh, rows, OutputSize);
        if (Bias)
        {
            yield return new(ParameterNames.BiasIh, 1, rows);
            yield return new(ParameterNames.BiasHh, 1, rows);
        }
    }

    /// <summary>A stage over H units with the cell's weights and, where it has them, biases.</summary>
    private protected StageDescription GateStage(
        int[] gates, int inputSlots, int recurrentStart, int recurrentSlots, StageSource source = StageSource.Hidden) =>
        new(HiddenSize, gates, inputSlots, recurrentStart, recurrentSlots, source,
            InputBias: Bias ? ParameterNames.BiasIh : null, RecurrentBias: Bias ? ParameterNames.BiasHh : null);

    /// <summary>Throws where an option is out of its range.</summary>
    internal virtual void Validate()
    {
        ValidateClip(GateClip, nameof(GateClip));
    }

    private protected static void ValidateClip(float clip, string name)
    {
        if (!float.IsFinite(clip) || clip < 0)
        {
            throw new ArgumentOutOfRangeException(name, clip, $"{name} must be a finite value above 0, or 0 for none.");
        }
    }
}
