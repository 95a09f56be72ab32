namespace FastRecurrent.Onnx.Stacks;

/// <summary>What a dense layer's activation becomes when one more function follows, or null where no one activation does both.</summary>
internal static class DenseActivation
{
    public static Activation? Of(Activation next, Activation before) => before switch
    {
        _ when before == Activation.Linear => next,

        // tanh(beta x): the first half of alpha tanh(beta x).
        { Kind: ActivationKind.Affine, Beta: 0 } when next == Activation.Tanh => Activation.ScaledTanh(1, before.Alpha),
        _ => null,
    };

    public static Activation? Times(Activation before, float factor) => before switch
    {
        { Kind: ActivationKind.Affine, Alpha: 1, Beta: 0 } => Activation.Affine(factor, 0),
        { Kind: ActivationKind.Tanh } => Activation.ScaledTanh(factor, 1),
        { Kind: ActivationKind.ScaledTanh, Alpha: 1 } => Activation.ScaledTanh(factor, before.Beta),
        _ => null,
    };

    public static Activation? Plus(Activation before, float added) => before is { Kind: ActivationKind.Affine, Beta: 0 }
        ? Activation.Affine(before.Alpha, added)
        : null;
}
