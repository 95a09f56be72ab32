namespace FastRecurrent.Training.Reference;

/// <summary>h' = activation(a), a = W x + b_ih + U h + b_hh (Elman 1990).</summary>
internal sealed class SimpleRnnReference(ReferenceProduct input, ReferenceProduct recurrent, ReferenceActivation activation) : ReferenceCell
{
    private readonly ReferenceProduct _input = input;
    private readonly ReferenceProduct _recurrent = recurrent;
    private readonly ReferenceActivation _activation = activation;

    public static SimpleRnnReference Create(SimpleRnnCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) =>
        new(InputProduct(parameters), RecurrentProduct(parameters), new(cell.Activation, cell.GateClip, kinks))
        {
            OutputSize = cell.OutputSize,
            CellSize = 0,
        };

    public override ReferenceStep Step(StepInput input) => new SimpleRnnStep(this, input);

    private sealed class SimpleRnnStep : ReferenceStep
    {
        private readonly SimpleRnnReference _cell;
        private readonly ReferenceProduct.Applied _wx;
        private readonly ReferenceProduct.Applied _uh;
        private readonly double[] _a;

        public SimpleRnnStep(SimpleRnnReference cell, StepInput from)
        {
            _cell = cell;
            _wx = cell._input.Forward(from.X);
            _uh = cell._recurrent.Forward(from.MaskedHidden);
            _a = new double[cell.OutputSize];
            Hidden = new double[cell.OutputSize];
            for (int k = 0; k < _a.Length; k++)
            {
                _a[k] = _wx.Y[k] + _uh.Y[k];
                Hidden[k] = cell._activation.Apply(_a[k]);
            }
        }

        public override void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient)
        {
            double[] da = new double[_a.Length];
            for (int k = 0; k < da.Length; k++)
            {
                da[k] = hiddenGradient[k] * _cell._activation.Derivative(_a[k]);
            }

            _wx.Backward(da, gradient.X);
            _uh.Backward(da, gradient.MaskedHidden);
        }
    }
}
