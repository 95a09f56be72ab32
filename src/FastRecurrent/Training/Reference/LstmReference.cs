using FastRecurrent.Cells;

namespace FastRecurrent.Training.Reference;

/// <summary>
/// Long short-term memory with all options. Gates i, f, g, o in vectors of 4H; coupled i, g, o in vectors of 3H:
/// <code>
/// a  = W x + b_ih + U h + b_hh       [layer-normalized: LN(W x) + b_ih + LN(U h) + b_hh, each LN over all of it]
/// i  = gate(a_i + p_i * c)
/// f  = gate(a_f + p_f * c)           [coupled: f = 1 - i]
/// g  = candidate(a_g)
/// c' = clamp(f * c + i * g)
/// o  = gate(a_o + p_o * c')
/// m  = o * output(c')                [layer-normalized: o * output(LN(c')); the c' that is carried on is not normalized]
/// h' = m                             [projection: h' = W_hr m, W_hr [P, H]]
/// </code>
/// </summary>
internal sealed class LstmReference : ReferenceCell
{
    private readonly ReferenceProduct _input;
    private readonly ReferenceProduct _recurrent;
    private readonly ReferenceActivation _gate;
    private readonly ReferenceActivation _candidate;
    private readonly ReferenceActivation _output;
    private ReferenceParameter? _peephole;
    private ReferenceProduct? _projection;
    private ReferenceNorm? _cellNorm;
    private ReferenceClip _cellClip;
    private bool _isCoupled;

    private LstmReference(
        ReferenceProduct input, ReferenceProduct recurrent, ReferenceActivation gate, ReferenceActivation candidate, ReferenceActivation output)
    {
        _input = input;
        _recurrent = recurrent;
        _gate = gate;
        _candidate = candidate;
        _output = output;
    }

    public static LstmReference Create(LstmCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) =>
        new(InputProduct(parameters), RecurrentProduct(parameters),
            new(cell.GateActivation, cell.GateClip, kinks), new(cell.CandidateActivation, cell.GateClip, kinks), new(cell.OutputActivation, cell.GateClip, kinks))
        {
            OutputSize = cell.OutputSize,
            CellSize = cell.HiddenSize,
            _peephole = parameters.Find(ParameterNames.Peephole),
            _projection = cell.ProjectionSize > 0 ? new(parameters[ParameterNames.WeightHr], null) : null,
            _cellClip = new(cell.CellClip, kinks),
            _isCoupled = cell.CoupledInputForget,
        };

    public static LstmReference Create(LayerNormLstmCell cell, ReferenceParameters.LayerParameters parameters, KinkDistance kinks) =>
        new(NormedInputProduct(cell, parameters, 4), NormedRecurrentProduct(cell, parameters, 4),
            new(Activation.Sigmoid, cell.GateClip, kinks), new(Activation.Tanh, cell.GateClip, kinks), new(Activation.Tanh, cell.GateClip, kinks))
        {
            OutputSize = cell.OutputSize,
            CellSize = cell.HiddenSize,
            _cellNorm = new(parameters[ParameterNames.NormCWeight], parameters[ParameterNames.NormCBias], cell.Epsilon, 0, cell.HiddenSize),
        };

    public override ReferenceStep Step(StepInput from)
    {
        int H = CellSize;
        int gates = _isCoupled ? 3 : 4;
        ReferenceProduct.Applied wx = _input.Forward(from.X), uh = _recurrent.Forward(from.MaskedHidden);
        double[] a = new double[gates * H];
        for (int k = 0; k < a.Length; k++)
        {
            a[k] = wx.Y[k] + uh.Y[k];
        }

        // The first gate is i and the last o; between them f, unless coupled, and g. Peepholes: the same without g.
        int fAt = H, gAt = (gates - 2) * H, oAt = (gates - 1) * H;
        double[] i = new double[H], f = new double[H], g = new double[H], o = new double[H];
        double[] raw = new double[H], c = new double[H];
        for (int k = 0; k < H; k++)
        {
            a[k] += Peephole(0, k) * from.Cell[k];
            i[k] = _gate.Apply(a[k]);
            if (_isCoupled)
            {
                f[k] = 1 - i[k];
            }
            else
            {
                a[fAt + k] += Peephole(1, k) * from.Cell[k];
                f[k] = _gate.Apply(a[fAt + k]);
            }

            g[k] = _candidate.Apply(a[gAt + k]);
            raw[k] = (f[k] * from.Cell[k]) + (i[k] * g[k]);
            c[k] = _cellClip.Apply(raw[k]);
            a[oAt + k] += Peephole(gates - 2, k) * c[k];
            o[k] = _gate.Apply(a[oAt + k]);
        }

        double[] normed = _cellNorm is null ? c : new double[H];
        ReferenceNorm.Applied? norm = _cellNorm?.Forward(c, normed);
        double[] m = new double[H];
        for (int k = 0; k < H; k++)
        {
            m[k] = o[k] * _output.Apply(normed[k]);
        }

        ReferenceProduct.Applied? projected = _projection?.Forward(m);
        return new LstmStep
        {
            From = from, Of = this, Wx = wx, Uh = uh, A = a, I = i, F = f, G = g, O = o, Raw = raw, Norm = norm, Normed = normed,
            Projected = projected, Cell = c, Hidden = projected?.Y ?? m,
        };
    }

    private double Peephole(int row, int k) => _peephole is null ? 0 : _peephole.Value[(row * CellSize) + k];

    /// <summary>Backward, line by line the forward equations from the last to the first.</summary>
    private sealed class LstmStep : ReferenceStep
    {
        public required StepInput From { get; init; }

        public required LstmReference Of { get; init; }

        public required ReferenceProduct.Applied Wx { get; init; }

        public required ReferenceProduct.Applied Uh { get; init; }

        /// <summary>The inputs of the activations of the gates, with the peepholes.</summary>
        public required double[] A { get; init; }

        public required double[] I { get; init; }

        public required double[] F { get; init; }

        public required double[] G { get; init; }

        public required double[] O { get; init; }

        /// <summary>c' before the clamp.</summary>
        public required double[] Raw { get; init; }

        /// <summary>LN(c'), or c' itself.</summary>
        public required double[] Normed { get; init; }

        public required ReferenceNorm.Applied? Norm { get; init; }

        public required ReferenceProduct.Applied? Projected { get; init; }

        public override void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient)
        {
            int H = Of.CellSize, gates = A.Length / H;
            int fAt = H, gAt = (gates - 2) * H, oAt = (gates - 1) * H;

            // h' = W_hr m
            double[] dm = hiddenGradient;
            if (Projected is not null)
            {
                dm = new double[H];
                Projected.Backward(hiddenGradient, dm);
            }

            // m = o * output(LN(c'))
            double[] dO = new double[H], dNormed = new double[H];
            for (int k = 0; k < H; k++)
            {
                dO[k] = dm[k] * Of._output.Apply(Normed[k]);
                dNormed[k] = dm[k] * O[k] * Of._output.Derivative(Normed[k]);
            }

            double[] dc = dNormed;
            if (Norm is not null)
            {
                dc = new double[H];
                Of._cellNorm!.Backward(Norm, dNormed, dc);
            }

            double[] da = new double[A.Length];
            for (int k = 0; k < H; k++)
            {
                // o = gate(a_o + p_o * c'); here all paths into c' have met.
                da[oAt + k] = dO[k] * Of._gate.Derivative(A[oAt + k]);
                double dCell = cellGradient[k] + dc[k] + PeepholeBackward(gates - 2, k, da[oAt + k], Cell[k]);

                // c' = clamp(f * c + i * g)
                double dRaw = dCell * Of._cellClip.Derivative(Raw[k]);
                double df = dRaw * From.Cell[k];
                double di = dRaw * G[k];
                gradient.Cell[k] += dRaw * F[k];
                da[gAt + k] = dRaw * I[k] * Of._candidate.Derivative(A[gAt + k]);
                if (Of._isCoupled)
                {
                    // f = 1 - i
                    di -= df;
                }
                else
                {
                    da[fAt + k] = df * Of._gate.Derivative(A[fAt + k]);
                    gradient.Cell[k] += PeepholeBackward(1, k, da[fAt + k], From.Cell[k]);
                }

                da[k] = di * Of._gate.Derivative(A[k]);
                gradient.Cell[k] += PeepholeBackward(0, k, da[k], From.Cell[k]);
            }

            Wx.Backward(da, gradient.X);
            Uh.Backward(da, gradient.MaskedHidden);
        }

        /// <summary>Of a + p * c with the gradient da: dp += da * c; returns what c gets, da * p.</summary>
        private double PeepholeBackward(int row, int k, double da, double c)
        {
            if (Of._peephole is { } peephole)
            {
                peephole.Gradient[(row * Of.CellSize) + k] += da * c;
            }

            return da * Of.Peephole(row, k);
        }
    }
}
