namespace FastRecurrent.Training.Reference;

/// <summary>Gives its input on; its mask is a mask behind the layer (<see cref="ReferenceMasks.Output"/>).</summary>
internal sealed class ReferenceDropout : ReferenceLayer
{
    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context) => x;

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context) => outputGradient;
}

/// <summary>[T, N, F] to [N, F]: each row's last step, 0 for a row without steps. The gradient goes back to that step.</summary>
internal sealed class ReferenceLastStep : ReferenceLayer
{
    private ReferenceSequence _input = null!;

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        _input = x;
        ReferenceSequence y = new(1, x.Batch, x.Features, null);
        for (int n = 0; n < x.Batch; n++)
        {
            if (x.Length(n) > 0)
            {
                x[x.Length(n) - 1, n].CopyTo(y[0, n]);
            }
        }

        return y;
    }

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        ReferenceSequence inputGradient = _input.Like(_input.Features);
        for (int n = 0; n < _input.Batch; n++)
        {
            if (_input.Length(n) > 0)
            {
                outputGradient[0, n].CopyTo(inputGradient[_input.Length(n) - 1, n]);
            }
        }

        return inputGradient;
    }
}

/// <summary>[N, F] to [T, N, F]: the same vector at every step, 0 for a row of length 0, which has none. The gradients of all steps add up.</summary>
internal sealed class ReferenceRepeatVector(int steps) : ReferenceLayer
{
    private ReferenceSequence _input = null!;

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        _input = x;
        ReferenceSequence y = new(steps, x.Batch, x.Features, null);
        foreach ((int t, int n) in y.Steps)
        {
            if (x.Length(n) > 0)
            {
                x[0, n].CopyTo(y[t, n]);
            }
        }

        return y;
    }

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        ReferenceSequence inputGradient = _input.Like(_input.Features);
        foreach ((int t, int n) in outputGradient.Steps)
        {
            for (int k = 0; _input.Length(n) > 0 && k < outputGradient.Features; k++)
            {
                inputGradient[0, n][k] += outputGradient[t, n][k];
            }
        }

        return inputGradient;
    }
}
