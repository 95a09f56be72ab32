namespace FastRecurrent.Training.Reference;

/// <summary>
/// A layer with its parameters. Forward keeps what backward needs; backward belongs to the last forward, adds to the
/// parameters' gradients and returns the gradient by the layer's input.
/// </summary>
internal abstract class ReferenceLayer
{
    public abstract ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context);

    /// <summary>From dy to dx.</summary>
    public abstract ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context);
}

/// <summary>What a pass has beside the values that go from layer to layer.</summary>
/// <param name="Run">What was asked for.</param>
/// <param name="Initial">The state before the first step.</param>
/// <param name="Final">The state behind the last step.</param>
/// <param name="InitialGradient">The gradients by the initial state: backward fills them.</param>
/// <param name="FinalGradient">The gradients by the final state.</param>
internal sealed record ReferenceContext(
    ReferenceRun Run, ReferenceState Initial, ReferenceState Final, ReferenceState InitialGradient, ReferenceState FinalGradient);
