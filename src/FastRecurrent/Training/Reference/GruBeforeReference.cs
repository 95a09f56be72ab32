using FastRecurrent.Cells;

namespace FastRecurrent.Training.Reference;

/// <summary>
/// Gated recurrent unit, reset before the product (Cho et al. 2014). Gates r, z, n in vectors of 3H:
/// <code>
/// u = W x + b_ih          v = U_rz h + b_hh_rz
/// r = gate(u_r + v_r)     z = gate(u_z + v_z)
/// n = candidate(u_n + U_n (r * h) + b_hh_n)
/// h' = (1 - z) * n + z * h
/// </code>
/// </summary>
internal sealed class GruBeforeReference(
    ReferenceProduct input, ReferenceProduct gates, ReferenceProduct reset, ReferenceActivation gate, ReferenceActivation candidate) : ReferenceCell
{
    private readonly ReferenceProduct _input = input;
    private readonly ReferenceProduct _gates = gates;
    private readonly ReferenceProduct _reset = reset;
    private readonly ReferenceActivation _gate = gate;
    private readonly ReferenceActivation _candidate = candidate;

    public static GruBeforeReference Create(GruCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks)
    {
        int H = cell.HiddenSize;
        ReferenceParameter weight = parameters[ParameterNames.WeightHh];
        ReferenceParameter? bias = parameters.Find(ParameterNames.BiasHh);
        return new(InputProduct(parameters), new(weight, bias, 0, 2 * H), new(weight, bias, 2 * H, H),
            new(cell.GateActivation, cell.GateClip, kinks), new(cell.CandidateActivation, cell.GateClip, kinks))
        {
            OutputSize = H,
            CellSize = 0,
        };
    }

    public override ReferenceStep Step(StepInput input) => new GruBeforeStep(this, input);

    private sealed class GruBeforeStep : ReferenceStep
    {
        private readonly GruBeforeReference _cell;
        private readonly StepInput _from;
        private readonly ReferenceProduct.Applied _u;
        private readonly ReferenceProduct.Applied _v;

        /// <summary>U_n (r * h) + b_hh_n, [H].</summary>
        private readonly ReferenceProduct.Applied _w;

        /// <summary>The pre-activations, [3H], and r, z, n, [3H].</summary>
        private readonly double[] _a;
        private readonly double[] _y;

        public GruBeforeStep(GruBeforeReference cell, StepInput from)
        {
            int H = cell.OutputSize;
            _cell = cell;
            _from = from;
            _a = new double[3 * H];
            _y = new double[3 * H];
            _u = cell._input.Forward(from.X);
            _v = cell._gates.Forward(from.MaskedHidden);
            double[] reset = new double[H];
            for (int k = 0; k < 2 * H; k++)
            {
                _a[k] = _u.Y[k] + _v.Y[k];
                _y[k] = cell._gate.Apply(_a[k]);
            }

            for (int k = 0; k < H; k++)
            {
                reset[k] = _y[k] * from.MaskedHidden[k];
            }

            _w = cell._reset.Forward(reset);
            Hidden = new double[H];
            for (int k = 0; k < H; k++)
            {
                int z = H + k, n = (2 * H) + k;
                _a[n] = _u.Y[n] + _w.Y[k];
                _y[n] = cell._candidate.Apply(_a[n]);
                Hidden[k] = ((1 - _y[z]) * _y[n]) + (_y[z] * from.Hidden[k]);
            }
        }

        public override void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient)
        {
            int H = _cell.OutputSize;
            double[] du = new double[3 * H], dv = new double[2 * H], dw = new double[H], dReset = new double[H];
            for (int k = 0; k < H; k++)
            {
                int z = H + k, n = (2 * H) + k;
                double dn = hiddenGradient[k] * (1 - _y[z]);
                double dz = hiddenGradient[k] * (_from.Hidden[k] - _y[n]);
                gradient.Hidden[k] += hiddenGradient[k] * _y[z];
                du[n] = dw[k] = dn * _cell._candidate.Derivative(_a[n]);
                du[z] = dv[z] = dz * _cell._gate.Derivative(_a[z]);
            }

            _w.Backward(dw, dReset);
            for (int k = 0; k < H; k++)
            {
                double dr = dReset[k] * _from.MaskedHidden[k];
                gradient.MaskedHidden[k] += dReset[k] * _y[k];
                du[k] = dv[k] = dr * _cell._gate.Derivative(_a[k]);
            }

            _u.Backward(du, gradient.X);
            _v.Backward(dv, gradient.MaskedHidden);
        }
    }
}
