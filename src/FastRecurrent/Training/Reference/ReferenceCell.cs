using FastRecurrent.Cells;

namespace FastRecurrent.Training.Reference;

/// <summary>
/// What one step of one row reads, or the gradients by it: x [I], h [R], c [H] (empty without c). Products see h through the
/// mask of recurrent dropout: <paramref name="MaskedHidden"/> = mask * h; where h itself is carried on (a GRU's z * h) there
/// is no mask.
/// </summary>
internal readonly record struct StepInput(double[] X, double[] Hidden, double[] MaskedHidden, double[] Cell);

/// <summary>One step that was taken: h' and c', and the way back.</summary>
internal abstract class ReferenceStep
{
    /// <summary>h', [R].</summary>
    public double[] Hidden { get; protected init; } = [];

    /// <summary>c', [H]; empty without c.</summary>
    public double[] Cell { get; protected init; } = [];

    /// <summary>From dh' and dc' to the parameters' gradients and, added, to <paramref name="gradient"/>.</summary>
    public abstract void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient);
}

/// <summary>The equations of a cell with their parameters: one step of one row.</summary>
internal abstract class ReferenceCell
{
    /// <summary>R.</summary>
    public required int OutputSize { get; init; }

    /// <summary>H where the cell carries c, else 0.</summary>
    public required int CellSize { get; init; }

    public abstract ReferenceStep Step(StepInput input);

    public static ReferenceCell Create(RecurrentCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) => cell switch
    {
        SimpleRnnCell rnn => SimpleRnnReference.Create(rnn, parameters, kinks),
        LstmCell lstm => LstmReference.Create(lstm, parameters, kinks),
        LayerNormLstmCell lstm => LstmReference.Create(lstm, parameters, kinks),
        GruCell { ResetAfter: true } gru => GruReference.Create(gru, parameters, kinks),
        LayerNormGruCell gru => GruReference.Create(gru, parameters, kinks),
        GruCell gru => GruBeforeReference.Create(gru, parameters, kinks),
        _ => throw new NotSupportedException($"The reference has no {cell.GetType().Name}."),
    };

    /// <summary>W x + b_ih.</summary>
    protected static ReferenceProduct InputProduct(ReferenceParameters.LayerParameters parameters) =>
        new(parameters[ParameterNames.WeightIh], parameters.Find(ParameterNames.BiasIh));

    /// <summary>U h + b_hh.</summary>
    protected static ReferenceProduct RecurrentProduct(ReferenceParameters.LayerParameters parameters) =>
        new(parameters[ParameterNames.WeightHh], parameters.Find(ParameterNames.BiasHh));

    /// <summary>LN(W x) + b_ih, one norm for each group of neighbouring gates.</summary>
    protected static ReferenceProduct NormedInputProduct(LayerNormCell cell, ReferenceParameters.LayerParameters parameters, params int[] gates) =>
        new(parameters[ParameterNames.WeightIh], parameters[ParameterNames.BiasIh],
            Norms(cell, parameters[ParameterNames.NormIhWeight], parameters[ParameterNames.NormIhBias], gates));

    /// <summary>LN(U h) + b_hh, one norm for each group of neighbouring gates.</summary>
    protected static ReferenceProduct NormedRecurrentProduct(LayerNormCell cell, ReferenceParameters.LayerParameters parameters, params int[] gates) =>
        new(parameters[ParameterNames.WeightHh], parameters[ParameterNames.BiasHh],
            Norms(cell, parameters[ParameterNames.NormHhWeight], parameters[ParameterNames.NormHhBias], gates));

    private static ReferenceNorm[] Norms(LayerNormCell cell, ReferenceParameter weight, ReferenceParameter bias, int[] gates)
    {
        int first = 0;
        List<ReferenceNorm> norms = [];
        foreach (int group in gates)
        {
            norms.Add(new(weight, bias, cell.Epsilon, first, group * cell.HiddenSize));
            first += group * cell.HiddenSize;
        }

        return [.. norms];
    }
}
