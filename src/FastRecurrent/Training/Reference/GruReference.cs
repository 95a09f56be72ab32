namespace FastRecurrent.Training.Reference;

/// <summary>
/// Gated recurrent unit, reset after the product (PyTorch, cuDNN, Keras). Gates r, z, n in vectors of 3H:
/// <code>
/// u = W x + b_ih          v = U h + b_hh       [layer-normalized: LN(W x) + b_ih, LN(U h) + b_hh,
/// r = gate(u_r + v_r)     z = gate(u_z + v_z)   one LN over r and z together and one over n]
/// n = candidate(u_n + r * v_n)
/// h' = (1 - z) * n + z * h
/// </code>
/// </summary>
internal sealed class GruReference(ReferenceProduct input, ReferenceProduct recurrent, ReferenceActivation gate, ReferenceActivation candidate) : ReferenceCell
{
    private readonly ReferenceProduct _input = input;
    private readonly ReferenceProduct _recurrent = recurrent;
    private readonly ReferenceActivation _gate = gate;
    private readonly ReferenceActivation _candidate = candidate;

    public static GruReference Create(GruCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) =>
        new(InputProduct(parameters), RecurrentProduct(parameters),
            new(cell.GateActivation, cell.GateClip, kinks), new(cell.CandidateActivation, cell.GateClip, kinks))
        {
            OutputSize = cell.OutputSize,
            CellSize = 0,
        };

    public static GruReference Create(LayerNormGruCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) =>
        new(NormedInputProduct(cell, parameters, 2, 1), NormedRecurrentProduct(cell, parameters, 2, 1),
            new(Activation.Sigmoid, cell.GateClip, kinks), new(Activation.Tanh, cell.GateClip, kinks))
        {
            OutputSize = cell.OutputSize,
            CellSize = 0,
        };

    public override ReferenceStep Step(StepInput input) => new GruStep(this, input);

    private sealed class GruStep : ReferenceStep
    {
        private readonly GruReference _cell;
        private readonly StepInput _from;
        private readonly ReferenceProduct.Applied _u;
        private readonly ReferenceProduct.Applied _v;

        /// <summary>The pre-activations, [3H], and r, z, n, [3H].</summary>
        private readonly double[] _a;
        private readonly double[] _y;

        public GruStep(GruReference cell, StepInput from)
        {
            int H = cell.OutputSize;
            _cell = cell;
            _from = from;
            _u = cell._input.Forward(from.X);
            _v = cell._recurrent.Forward(from.MaskedHidden);
            _a = new double[3 * H];
            _y = new double[3 * H];
            Hidden = new double[H];
            for (int k = 0; k < H; k++)
            {
                int r = k, z = H + k, n = (2 * H) + k;
                _a[r] = _u.Y[r] + _v.Y[r];
                _y[r] = cell._gate.Apply(_a[r]);
                _a[z] = _u.Y[z] + _v.Y[z];
                _y[z] = cell._gate.Apply(_a[z]);
                _a[n] = _u.Y[n] + (_y[r] * _v.Y[n]);
                _y[n] = cell._candidate.Apply(_a[n]);
                Hidden[k] = ((1 - _y[z]) * _y[n]) + (_y[z] * from.Hidden[k]);
            }
        }

        public override void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient)
        {
            int H = _cell.OutputSize;
            double[] du = new double[3 * H], dv = new double[3 * H];
            for (int k = 0; k < H; k++)
            {
                int r = k, z = H + k, n = (2 * H) + k;
                double dn = hiddenGradient[k] * (1 - _y[z]);
                double dz = hiddenGradient[k] * (_from.Hidden[k] - _y[n]);
                gradient.Hidden[k] += hiddenGradient[k] * _y[z];

                double dan = dn * _cell._candidate.Derivative(_a[n]);
                du[n] = dan;
                dv[n] = dan * _y[r];
                double dr = dan * _v.Y[n];

                du[r] = dv[r] = dr * _cell._gate.Derivative(_a[r]);
                du[z] = dv[z] = dz * _cell._gate.Derivative(_a[z]);
            }

            _u.Backward(du, gradient.X);
            _v.Backward(dv, gradient.MaskedHidden);
        }
    }
}
