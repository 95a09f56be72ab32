namespace FastRecurrent.Cells;

/// <summary>What a stage's recurrent product multiplies.</summary>
internal enum StageSource
{
    /// <summary>h of the previous step, [N, R].</summary>
    Hidden,

    /// <summary>The first auxiliary buffer, [N, H], that an earlier stage of the same step filled.</summary>
    Auxiliary,
}

/// <summary>
/// One matrix product of a step and the update behind it. A stage has slots, values per unit that the product delivers:
/// the input product fills slots [0, InputSlots), the recurrent product continues or fills slots [RecurrentStart,
/// RecurrentStart + RecurrentSlots). Every slot is one chain of fused multiply-adds: bias, then x, then h.
/// </summary>
/// <param name="Units">Columns of the stage: H, or P for a projection.</param>
/// <param name="Gates">The gate (row block of weight_ih, weight_hh and the biases) behind each slot.</param>
/// <param name="InputSlots">How many slots, from 0, the input product fills.</param>
/// <param name="RecurrentStart">The first slot of the recurrent product.</param>
/// <param name="RecurrentSlots">How many slots the recurrent product fills.</param>
/// <param name="Source">What the recurrent product multiplies.</param>
/// <param name="RecurrentWeight">The parameter that holds the recurrent weights.</param>
/// <param name="InputWeight">The parameter that holds the input weights.</param>
/// <param name="InputBias">The bias of input slots, null for none.</param>
/// <param name="RecurrentBias">The bias of recurrent slots, null for none; a slot of both products starts from the sum.</param>
internal sealed record StageDescription(
    int Units,
    int[] Gates,
    int InputSlots,
    int RecurrentStart,
    int RecurrentSlots,
    StageSource Source = StageSource.Hidden,
    string RecurrentWeight = ParameterNames.WeightHh,
    string InputWeight = ParameterNames.WeightIh,
    string? InputBias = null,
    string? RecurrentBias = null)
{
    /// <summary>Where this stage's slots (in the backward pass, their deltas) begin in the trace, in slots of H values.</summary>
    public int TraceSlot { get; init; }

    /// <summary>Where the trace keeps what the recurrent product multiplies, where that is not h.</summary>
    public int SourceSlot { get; init; }

    /// <summary>Whether the update behind the stage takes h as the products do, through the mask of recurrent dropout.</summary>
    public bool UpdateSeesMask { get; init; }

    public int Slots => Gates.Length;

    /// <summary>The widest product, in slots: what decides how many units share a panel.</summary>
    public int WidestProduct => Math.Max(InputSlots, RecurrentSlots);

    /// <summary>True where the recurrent product continues chains that the input product began.</summary>
    public bool ContinuesInput => RecurrentStart < InputSlots;

    public bool IsInputSlot(int slot) => slot < InputSlots;

    public bool IsRecurrentSlot(int slot) => slot >= RecurrentStart && slot < RecurrentStart + RecurrentSlots;
}

/// <summary>One vector of H values that the update reads per unit: row <paramref name="Row"/> of the parameter, H floats a row.</summary>
internal readonly record struct UnitParameter(string Parameter, int Row);

/// <summary>The shape of one named parameter, row-major; a vector has one row.</summary>
internal readonly record struct ParameterShape(string Name, int Rows, int Columns);

/// <summary>The names of a direction's parameters, as PyTorch has them where it has them.</summary>
internal static class ParameterNames
{
    public const string WeightIh = "weight_ih";
    public const string WeightHh = "weight_hh";
    public const string BiasIh = "bias_ih";
    public const string BiasHh = "bias_hh";
    public const string WeightHr = "weight_hr";
    public const string Peephole = "peephole";
    public const string NormIhWeight = "norm_ih_weight";
    public const string NormIhBias = "norm_ih_bias";
    public const string NormHhWeight = "norm_hh_weight";
    public const string NormHhBias = "norm_hh_bias";
    public const string NormCWeight = "norm_c_weight";
    public const string NormCBias = "norm_c_bias";
}
