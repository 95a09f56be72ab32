namespace FastRecurrent.Training.Reference;

/// <summary>h' = activation(a), a = W x + b_ih + U h + b_hh (Elman 1990).</summary>
internal sealed class SimpleRnnReference(ReferenceProduct input, ReferenceProduct recurrent, ReferenceActivation activation) : ReferenceCell
{
    public static SimpleRnnReference Create(SimpleRnnCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) =>
        new(InputProduct(parameters), RecurrentProduct(parameters), new(cell.Activation, cell.GateClip, kinks))
        {
            OutputSize = cell.OutputSize,
            CellSize = 0,
        };

    public override ReferenceStep Step(StepInput from)
    {
        ReferenceProduct.Applied wx = input.Forward(from.X);
        ReferenceProduct.Applied uh = recurrent.Forward(from.MaskedHidden);
        double[] a = new double[OutputSize], h = new double[OutputSize];
        for (int k = 0; k < OutputSize; k++)
        {
            a[k] = wx.Y[k] + uh.Y[k];
            h[k] = activation.Apply(a[k]);
        }

        return new SimpleRnnStep(activation, wx, uh, a) { Hidden = h };
    }

    private sealed class SimpleRnnStep(ReferenceActivation activation, ReferenceProduct.Applied wx, ReferenceProduct.Applied uh, double[] a) : ReferenceStep
    {
        public override void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient)
        {
            double[] da = new double[a.Length];
            for (int k = 0; k < a.Length; k++)
            {
                da[k] = hiddenGradient[k] * activation.Derivative(a[k]);
            }

            wx.Backward(da, gradient.X);
            uh.Backward(da, gradient.MaskedHidden);
        }
    }
}
