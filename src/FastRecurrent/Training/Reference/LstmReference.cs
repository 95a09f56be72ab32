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

    public override ReferenceStep Step(StepInput input) => new LstmStep(this, input);

    private double Peephole(int row, int k) => _peephole is null ? 0 : _peephole.Value[(row * CellSize) + k];

    /// <summary>Forward in the constructor; backward takes its equations from the last to the first.</summary>
    private sealed class LstmStep : ReferenceStep
    {
        private readonly LstmReference _cell;
        private readonly StepInput _from;
        private readonly ReferenceProduct.Applied _wx;
        private readonly ReferenceProduct.Applied _uh;

        /// <summary>The inputs of the gates' activations, with the peepholes.</summary>
        private readonly double[] _a;
        private readonly double[] _i;
        private readonly double[] _f;
        private readonly double[] _g;
        private readonly double[] _o;

        /// <summary>c' before the clamp.</summary>
        private readonly double[] _raw;

        /// <summary>LN(c'), or c' itself.</summary>
        private readonly double[] _normed;
        private readonly ReferenceNorm.Applied? _norm;
        private readonly ReferenceProduct.Applied? _projected;

        /// <summary>Where f, g and o begin in a vector of all gates: i is the first, o the last; coupled, there is no f.</summary>
        private readonly (int F, int G, int O) _at;

        /// <summary>The peepholes' row for o: i, f, o or, coupled, i, o.</summary>
        private readonly int _outputPeephole;

        public LstmStep(LstmReference cell, StepInput from)
        {
            int H = cell.CellSize, gates = cell._isCoupled ? 3 : 4;
            _cell = cell;
            _from = from;
            _at = (H, (gates - 2) * H, (gates - 1) * H);
            _outputPeephole = gates - 2;

            _wx = cell._input.Forward(from.X);
            _uh = cell._recurrent.Forward(from.MaskedHidden);
            _a = new double[gates * H];
            for (int k = 0; k < _a.Length; k++)
            {
                _a[k] = _wx.Y[k] + _uh.Y[k];
            }

            (_i, _f, _g, _o, _raw) = (new double[H], new double[H], new double[H], new double[H], new double[H]);
            double[] c = from.Cell;
            Cell = new double[H];
            for (int k = 0; k < H; k++)
            {
                _a[k] += cell.Peephole(0, k) * c[k];
                _i[k] = cell._gate.Apply(_a[k]);
                if (cell._isCoupled)
                {
                    _f[k] = 1 - _i[k];
                }
                else
                {
                    _a[_at.F + k] += cell.Peephole(1, k) * c[k];
                    _f[k] = cell._gate.Apply(_a[_at.F + k]);
                }

                _g[k] = cell._candidate.Apply(_a[_at.G + k]);
                _raw[k] = (_f[k] * c[k]) + (_i[k] * _g[k]);
                Cell[k] = cell._cellClip.Apply(_raw[k]);
                _a[_at.O + k] += cell.Peephole(_outputPeephole, k) * Cell[k];
                _o[k] = cell._gate.Apply(_a[_at.O + k]);
            }

            _normed = cell._cellNorm is null ? Cell : new double[H];
            _norm = cell._cellNorm?.Forward(Cell, _normed);
            double[] m = new double[H];
            for (int k = 0; k < H; k++)
            {
                m[k] = _o[k] * cell._output.Apply(_normed[k]);
            }

            _projected = cell._projection?.Forward(m);
            Hidden = _projected?.Y ?? m;
        }

        public override void Backward(double[] hiddenGradient, double[] cellGradient, StepInput gradient)
        {
            int H = _cell.CellSize;

            // h' = W_hr m
            double[] dm = hiddenGradient;
            if (_projected is not null)
            {
                dm = new double[H];
                _projected.Backward(hiddenGradient, dm);
            }

            // m = o * output(LN(c'))
            double[] dO = new double[H], dNormed = new double[H];
            for (int k = 0; k < H; k++)
            {
                dO[k] = dm[k] * _cell._output.Apply(_normed[k]);
                dNormed[k] = dm[k] * _o[k] * _cell._output.Derivative(_normed[k]);
            }

            double[] dc = dNormed;
            if (_norm is not null)
            {
                dc = new double[H];
                _cell._cellNorm!.Backward(_norm, dNormed, dc);
            }

            double[] da = new double[_a.Length];
            for (int k = 0; k < H; k++)
            {
                // o = gate(a_o + p_o * c'); here all paths into c' have met.
                da[_at.O + k] = dO[k] * _cell._gate.Derivative(_a[_at.O + k]);
                double dCell = cellGradient[k] + dc[k] + PeepholeBackward(_outputPeephole, k, da[_at.O + k], Cell[k]);

                // c' = clamp(f * c + i * g)
                double dRaw = dCell * _cell._cellClip.Derivative(_raw[k]);
                double df = dRaw * _from.Cell[k];
                double di = dRaw * _g[k];
                gradient.Cell[k] += dRaw * _f[k];
                da[_at.G + k] = dRaw * _i[k] * _cell._candidate.Derivative(_a[_at.G + k]);
                if (_cell._isCoupled)
                {
                    // f = 1 - i
                    di -= df;
                }
                else
                {
                    da[_at.F + k] = df * _cell._gate.Derivative(_a[_at.F + k]);
                    gradient.Cell[k] += PeepholeBackward(1, k, da[_at.F + k], _from.Cell[k]);
                }

                da[k] = di * _cell._gate.Derivative(_a[k]);
                gradient.Cell[k] += PeepholeBackward(0, k, da[k], _from.Cell[k]);
            }

            _wx.Backward(da, gradient.X);
            _uh.Backward(da, gradient.MaskedHidden);
        }

        /// <summary>Of a + p * c with the gradient da: dp += da * c; returns what c gets, da * p.</summary>
        private double PeepholeBackward(int row, int k, double da, double c)
        {
            if (_cell._peephole is { } peephole)
            {
                peephole.Gradient[(row * _cell.CellSize) + k] += da * c;
            }

            return da * _cell.Peephole(row, k);
        }
    }
}
