using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent
{
    /// <summary>
    /// Long short-term memory. Gates in the order i, f, g, o; s is the gate activation, * is element-wise:
    /// <code>
    /// i = s(W_i x + U_i h + b_i [+ p_i * c])      f = s(W_f x + U_f h + b_f [+ p_f * c])   or, coupled, f = 1 - i
    /// g = tanh(W_g x + U_g h + b_g)               c' = f * c + i * g  [clamped to CellClip]
    /// o = s(W_o x + U_o h + b_o [+ p_o * c'])     h' = o * tanh(c')   [h' = W_hr (o * tanh(c')) with a projection]
    /// </code>
    /// Sources: Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000, forget gate); Gers, Schraudolph and
    /// Schmidhuber (2002, peepholes); Sak, Senior and Beaufays (2014, projection); Greff et al. (2017, coupled gates).
    /// </summary>
    /// <param name="HiddenSize">H, at least 1.</param>
    public sealed record LstmCell(int HiddenSize) : RecurrentCell(HiddenSize)
    {
        private const int CoupledGates = 3;
        private const int SeparateGates = 4;

        /// <summary>s, default sigmoid.</summary>
        public Activation GateActivation { get; init; } = Activation.Sigmoid;

        /// <summary>The activation of g, default tanh.</summary>
        public Activation CandidateActivation { get; init; } = Activation.Tanh;

        /// <summary>The activation of c' on its way to h', default tanh.</summary>
        public Activation OutputActivation { get; init; } = Activation.Tanh;

        /// <summary>Whether i, f and o see c through the diagonal weights <c>peephole</c>: [3, H] in the order i, f, o; [2, H] (i, o) when coupled.</summary>
        public bool Peepholes { get; init; }

        /// <summary>Whether f = 1 - i; the parameters then have three gates, i, g, o.</summary>
        public bool CoupledInputForget { get; init; }

        /// <summary>Clamps c' to [-CellClip, CellClip] (TensorFlow's <c>cell_clip</c>). 0, the default: no clamp.</summary>
        public float CellClip { get; init; }

        /// <summary>P: h' = W_hr (o * tanh(c')) with W_hr [P, H]. 0, the default: no projection.</summary>
        public int ProjectionSize { get; init; }

        /// <inheritdoc/>
        public override int GateCount => CoupledInputForget ? CoupledGates : SeparateGates;

        /// <inheritdoc/>
        public override int OutputSize => ProjectionSize > 0 ? ProjectionSize : HiddenSize;

        /// <inheritdoc/>
        public override bool HasCellState => true;

        internal override int? ForgetGate => CoupledInputForget ? null : 1;

        internal override IReadOnlyList<StageDescription> Stages
        {
            get
            {
                int[] gates = CoupledInputForget ? [0, 1, 2] : [0, 1, 2, 3];
                StageDescription gateStage = GateStage(gates, inputSlots: gates.Length, recurrentStart: 0, recurrentSlots: gates.Length);
                return ProjectionSize == 0
                    ? [gateStage]
                    : [gateStage, new(ProjectionSize, [0], 0, 0, 1, StageSource.Auxiliary, ParameterNames.WeightHr)];
            }
        }

        internal override int AuxiliaryBuffers => ProjectionSize > 0 ? 1 : 0;

        internal override IReadOnlyList<UnitParameter> UnitParameters =>
            Peepholes ? [.. Enumerable.Range(0, GateCount - 1).Select(row => new UnitParameter(ParameterNames.Peephole, row))] : [];

        internal override CellConstants Constants => new(
            GateActivation, CandidateActivation, OutputActivation, GateClip, CellClip, Peepholes, CoupledInputForget, ProjectionSize > 0);

        internal override TResult Accept<TResult>(ICellVisitor<TResult> visitor) =>
            Constants == new CellConstants(Activation.Sigmoid, Activation.Tanh, Activation.Tanh)
                ? visitor.Visit<LstmUpdate<Plain>>(this)
                : visitor.Visit<LstmUpdate<General>>(this);

        internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize)
        {
            foreach (ParameterShape shape in base.ParameterShapes(inputSize))
            {
                yield return shape;
            }

            if (Peepholes)
            {
                yield return new(ParameterNames.Peephole, GateCount - 1, HiddenSize);
            }

            if (ProjectionSize > 0)
            {
                yield return new(ParameterNames.WeightHr, ProjectionSize, HiddenSize);
            }
        }

        internal override void Validate()
        {
            base.Validate();
            GateActivation.Validate(nameof(GateActivation));
            CandidateActivation.Validate(nameof(CandidateActivation));
            OutputActivation.Validate(nameof(OutputActivation));
            ValidateClip(CellClip, nameof(CellClip));
            if (ProjectionSize < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(ProjectionSize), ProjectionSize, "A projection size must be at least 1, or 0 for none.");
            }
        }
    }
}

namespace FastRecurrent.Cells
{
    internal readonly struct LstmUpdate<TMode> : ICellUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            if (typeof(TMode) == typeof(Plain))
            {
                UpdatePlain(units);
            }
            else if (stage == 0)
            {
                UpdateGeneral(units, constants);
            }
            else
            {
                units.StoreHidden(units.Slot(0));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void UpdatePlain<TVector>(in UnitVector<TVector> units)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector i = SimdMath.Sigmoid(units.Slot(0));
            TVector f = SimdMath.Sigmoid(units.Slot(1));
            TVector g = SimdMath.Tanh(units.Slot(2));
            TVector o = SimdMath.Sigmoid(units.Slot(3));
            TVector c = TVector.MultiplyAdd(f, units.LoadCell(), i * g);
            units.StoreCell(c);
            units.StoreHidden(o * SimdMath.Tanh(c));
        }

        private static void UpdateGeneral<TVector>(in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            int afterInput = constants.IsCoupled ? 0 : 1;
            TVector c = units.LoadCell();
            TVector i = units.Slot(0);
            TVector f = units.Slot(afterInput);
            TVector o = units.Slot(2 + afterInput);
            if (constants.HasPeepholes)
            {
                i = TVector.MultiplyAdd(units.UnitParameter(0), c, i);
                f = TVector.MultiplyAdd(units.UnitParameter(afterInput), c, f);
            }

            i = Mode.Gate<TMode, TVector>(i, constants);
            f = constants.IsCoupled ? TVector.Broadcast(1) - i : Mode.Gate<TMode, TVector>(f, constants);
            TVector g = Mode.Candidate<TMode, TVector>(units.Slot(1 + afterInput), constants);
            c = Mode.Clip(TVector.MultiplyAdd(f, c, i * g), constants.CellClip);
            units.StoreCell(c);
            if (constants.HasPeepholes)
            {
                o = TVector.MultiplyAdd(units.UnitParameter(1 + afterInput), c, o);
            }

            TVector m = Mode.Gate<TMode, TVector>(o, constants) * Mode.Output<TMode, TVector>(c, constants);
            if (constants.HasProjection)
            {
                units.StoreAuxiliary(0, SimdMath.FlushTiny(m));
            }
            else
            {
                units.StoreHidden(m);
            }
        }
    }
}
