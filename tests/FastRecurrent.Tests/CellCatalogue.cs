namespace FastRecurrent.Tests;

/// <summary>
/// Every cell with every option that has code of its own, by name. A new cell or option gets a line here, and with it every
/// test that runs over the catalogue: the reference, the instruction sets, batches and chunks, subnormals, poison.
/// </summary>
internal static class CellCatalogue
{
    private static readonly Dictionary<string, Func<int, Draw, RecurrentCell>> Recipes = new(
        from kind in Enum.GetValues<ActivationKind>()
        select KeyValuePair.Create<string, Func<int, Draw, RecurrentCell>>(
            $"SimpleRnn {kind}", (H, draw) => new SimpleRnnCell(H) { Activation = ActivationOf(kind, draw), Bias = draw.Bool() }))
    {
        ["SimpleRnn gate clip"] = (H, draw) => new SimpleRnnCell(H) { GateClip = Clip(draw) },

        ["Lstm"] = (H, _) => new LstmCell(H),
        ["Lstm without bias"] = (H, _) => new LstmCell(H) { Bias = false },
        ["Lstm peepholes"] = (H, _) => new LstmCell(H) { Peepholes = true },
        ["Lstm coupled"] = (H, _) => new LstmCell(H) { CoupledInputForget = true },
        ["Lstm coupled peepholes"] = (H, draw) => new LstmCell(H) { CoupledInputForget = true, Peepholes = true, Bias = draw.Bool() },
        ["Lstm gate clip"] = (H, draw) => new LstmCell(H) { GateClip = Clip(draw) },
        ["Lstm cell clip"] = (H, draw) => new LstmCell(H) { CellClip = Clip(draw) },
        ["Lstm projection"] = (H, draw) => new LstmCell(H) { ProjectionSize = draw.Int(1, H + 3), Bias = draw.Bool() },
        ["Lstm activations"] = (H, draw) => new LstmCell(H)
        {
            GateActivation = Bounded(draw),
            CandidateActivation = Any(draw),
            OutputActivation = Any(draw),
        },
        ["Lstm all options"] = (H, draw) => new LstmCell(H)
        {
            ProjectionSize = draw.Int(1, H),
            Peepholes = true,
            CoupledInputForget = draw.Bool(),
            GateClip = Clip(draw),
            CellClip = Clip(draw),
            GateActivation = Bounded(draw),
        },

        ["Gru"] = (H, _) => new GruCell(H),
        ["Gru without bias"] = (H, _) => new GruCell(H) { Bias = false },
        ["Gru gate clip"] = (H, draw) => new GruCell(H) { GateClip = Clip(draw) },
        ["Gru activations"] = (H, draw) => new GruCell(H) { GateActivation = Bounded(draw), CandidateActivation = Any(draw) },

        ["Gru before"] = (H, _) => new GruCell(H) { ResetAfter = false },
        ["Gru before without bias"] = (H, _) => new GruCell(H) { ResetAfter = false, Bias = false },
        ["Gru before gate clip"] = (H, draw) => new GruCell(H) { ResetAfter = false, GateClip = Clip(draw) },
        ["Gru before activations"] = (H, draw) =>
            new GruCell(H) { ResetAfter = false, GateActivation = Bounded(draw), CandidateActivation = Any(draw) },

        ["LayerNormLstm"] = (H, _) => new LayerNormLstmCell(H),
        ["LayerNormLstm gate clip"] = (H, draw) => new LayerNormLstmCell(H) { GateClip = WideClip(draw), Epsilon = 1e-3f },
        ["LayerNormGru"] = (H, _) => new LayerNormGruCell(H),
        ["LayerNormGru gate clip"] = (H, draw) => new LayerNormGruCell(H) { GateClip = WideClip(draw), Epsilon = 1e-3f },
    };

    public static IReadOnlyList<string> Names { get; } = [.. Recipes.Keys];

    /// <summary>The names, as xunit's theories take them.</summary>
    public static TheoryData<string> Theory { get; } = [.. Names];

    public static RecurrentCell Create(string name, int hidden, Draw draw) => Recipes[name](hidden, draw);

    /// <summary>An activation of a kind, with parameters drawn where it has any. None grows by more than a factor 1.2.</summary>
    public static Activation ActivationOf(ActivationKind kind, Draw draw) => kind switch
    {
        ActivationKind.Affine => Activation.Affine(draw.Float(0.2f, 0.9f), draw.Float(-0.5f, 0.5f)),
        ActivationKind.LeakyRelu => Activation.LeakyRelu(draw.Float(0.01f, 0.5f)),
        ActivationKind.ThresholdedRelu => Activation.ThresholdedRelu(draw.Float(0.05f, 0.5f)),
        ActivationKind.ScaledTanh => Activation.ScaledTanh(draw.Float(0.5f, 1.2f), draw.Float(0.5f, 1)),
        ActivationKind.HardSigmoid => Activation.HardSigmoid(draw.Float(0.1f, 0.5f), draw.Float(0.3f, 0.6f)),
        ActivationKind.Elu => Activation.Elu(draw.Float(0.3f, 1.2f)),
        _ => new Activation(kind),
    };

    private static Activation Any(Draw draw) => ActivationOf((ActivationKind)draw.Int(0, (int)ActivationKind.Softplus), draw);

    private static Activation Bounded(Draw draw) => ActivationOf(draw.Bool() ? ActivationKind.Sigmoid : ActivationKind.HardSigmoid, draw);

    /// <summary>Low enough that about half of the pre-activations are clamped.</summary>
    private static float Clip(Draw draw) => draw.Float(0.2f, 0.9f);

    /// <summary>
    /// For normalized pre-activations, which have variance 1. A lower clip leaves so little variation in h and c that the next
    /// normalization blows rounding errors up tenfold at every step: in any precision the network is then chaotic.
    /// </summary>
    private static float WideClip(Draw draw) => draw.Float(0.9f, 1.5f);
}
