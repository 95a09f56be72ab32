namespace FastRecurrent;

/// <summary>What <see cref="TrainableModel.Backward"/> takes and gives beside dL/dy.</summary>
public readonly ref struct BackwardOptions
{
    /// <summary>Where dL/dx goes, in the shape and layout of x; empty, the default, for nowhere.</summary>
    public Span<float> InputGradient { get; init; }

    /// <summary>dL/d(final state), at least N rows; null, the default, for zero.</summary>
    public RecurrentState? FinalStateGradient { get; init; }

    /// <summary>Where dL/d(initial state) goes, at least N rows; null, the default, for nowhere.</summary>
    public RecurrentState? InitialStateGradient { get; init; }

    /// <summary>
    /// Where the norms of dL/dh of every step go, from <see cref="TrainableModel.CreateHiddenGradientReport"/>; null, the default, for
    /// nowhere. Gradients keep their bits.
    /// </summary>
    public HiddenGradientReport? HiddenGradients { get; init; }
}
