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
                    : [gateStage, new(ProjectionSize, [0], 0, 0, 1, StageSource.Auxiliary, ParameterNames.WeightHr) { TraceSlot = TraceSlots, SourceSlot = CellSlot }];
            }
        }

        internal override int AuxiliaryBuffers => ProjectionSize > 0 ? 1 : 0;

        internal override int TraceSlots => GateCount + 1;

        internal override int CellSlot => GateCount;

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
    /// <summary>Trace: i, f, g, o (i, g, o where coupled), c. With a projection m = o * tanh(c') takes the place of a step's c once the step has gone back.</summary>
    internal readonly struct LstmUpdate<TMode> : ICellGradient
    {
        private const int PlainCell = 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            if (typeof(TMode) == typeof(Plain))
            {
                UpdatePlain<TVector, TTrace>(units);
            }
            else if (stage == 0)
            {
                UpdateGeneral<TVector, TTrace>(units, constants);
            }
            else
            {
                units.StoreHidden(units.Slot(0));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            if (typeof(TMode) == typeof(Plain))
            {
                BackwardPlain(units);
            }
            else if (stage == 0)
            {
                BackwardGeneral(units, constants);
            }
            else
            {
                units.StoreProjected(units.LoadHiddenGradient());
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void UpdatePlain<TVector, TTrace>(in UnitVector<TVector> units)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector i = SimdMath.Sigmoid(units.Slot(0));
            TVector f = SimdMath.Sigmoid(units.Slot(1));
            TVector g = SimdMath.Tanh(units.Slot(2));
            TVector o = SimdMath.Sigmoid(units.Slot(3));
            TVector c = TVector.MultiplyAdd(f, units.LoadCell(), i * g);
            units.StoreCell(c);
            units.Keep<TTrace>(0, i);
            units.Keep<TTrace>(1, f);
            units.Keep<TTrace>(2, g);
            units.Keep<TTrace>(3, o);
            units.Keep<TTrace>(PlainCell, SimdMath.FlushTiny(c));
            units.StoreHidden(o * SimdMath.Tanh(c));
        }

        private static void UpdateGeneral<TVector, TTrace>(in UnitVector<TVector> units, in CellConstants constants)
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

            o = Mode.Gate<TMode, TVector>(o, constants);
            TVector m = o * Mode.Output<TMode, TVector>(c, constants);
            if (typeof(TTrace) == typeof(Traced))
            {
                units.Keep<TTrace>(0, i);
                if (!constants.IsCoupled)
                {
                    units.Keep<TTrace>(1, f);
                }

                units.Keep<TTrace>(1 + afterInput, g);
                units.Keep<TTrace>(2 + afterInput, o);
                units.Keep<TTrace>(3 + afterInput, SimdMath.FlushTiny(c));
            }

            if (constants.HasProjection)
            {
                units.StoreAuxiliary(0, SimdMath.FlushTiny(m));
            }
            else
            {
                units.StoreHidden(m);
            }
        }

        // do = dh * tanh(c')       dc' = dc' + dh * o * (1 - tanh(c')^2)
        // di = dc' * g   df = dc' * c   dg = dc' * i   dc = dc' * f; each times its gate's derivative is the delta.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void BackwardPlain<TVector>(in GradientVector<TVector> units)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector dh = units.LoadHiddenGradient();
            TVector o = units.Slot(3);
            TVector tanhC = SimdMath.Tanh(units.Slot(PlainCell));
            units.StoreDelta(3, dh * tanhC * ActivationDerivatives.Sigmoid(o));
            TVector dc = TVector.MultiplyAdd(dh * o, ActivationDerivatives.Tanh(tanhC), units.LoadCellGradient());
            TVector i = units.Slot(0);
            TVector f = units.Slot(1);
            TVector g = units.Slot(2);
            units.StoreDelta(0, dc * g * ActivationDerivatives.Sigmoid(i));
            units.StoreDelta(1, dc * units.LoadPreviousCell() * ActivationDerivatives.Sigmoid(f));
            units.StoreDelta(2, dc * i * ActivationDerivatives.Tanh(g));
            units.StoreCellGradient(dc * f);
        }

        private static void BackwardGeneral<TVector>(in GradientVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            int afterInput = constants.IsCoupled ? 0 : 1;
            TVector one = TVector.Broadcast(1);
            TVector zero = TVector.Broadcast(0);
            TVector dh = constants.HasProjection ? units.LoadAuxiliaryGradient() : units.LoadHiddenGradient();
            TVector previous = units.LoadPreviousCell();
            TVector i = units.Slot(0);
            TVector f = constants.IsCoupled ? one - i : units.Slot(1);
            TVector g = units.Slot(1 + afterInput);
            TVector o = units.Slot(2 + afterInput);
            TVector c = units.Slot(3 + afterInput);
            TVector activated = Mode.Output<TMode, TVector>(c, constants);
            TVector deltaO = dh * activated * Mode.GateDerivative<TMode, TVector>(o, constants);
            TVector dc = TVector.MultiplyAdd(dh * o, Mode.OutputDerivative<TMode, TVector>(activated, constants), units.LoadCellGradient());
            if (constants.HasPeepholes)
            {
                dc = TVector.MultiplyAdd(deltaO, units.UnitParameter(1 + afterInput), dc);
                units.AddUnitGradient(1 + afterInput, deltaO, c);
            }

            if (constants.CellClip > 0)
            {
                dc = TVector.SelectLess(TVector.Abs(c), TVector.Broadcast(constants.CellClip), dc, zero);
            }

            TVector di = constants.IsCoupled ? dc * (g - previous) : dc * g;
            TVector deltaI = di * Mode.GateDerivative<TMode, TVector>(i, constants);
            TVector deltaF = constants.IsCoupled ? zero : dc * previous * Mode.GateDerivative<TMode, TVector>(f, constants);
            TVector next = dc * f;
            if (constants.HasPeepholes)
            {
                next = TVector.MultiplyAdd(deltaI, units.UnitParameter(0), next);
                units.AddUnitGradient(0, deltaI, previous);
                if (!constants.IsCoupled)
                {
                    next = TVector.MultiplyAdd(deltaF, units.UnitParameter(1), next);
                    units.AddUnitGradient(1, deltaF, previous);
                }
            }

            units.StoreDelta(0, deltaI);
            if (!constants.IsCoupled)
            {
                units.StoreDelta(1, deltaF);
            }

            units.StoreDelta(1 + afterInput, dc * i * Mode.CandidateDerivative<TMode, TVector>(g, constants));
            units.StoreDelta(2 + afterInput, deltaO);
            if (constants.HasProjection)
            {
                units.StoreDelta(3 + afterInput, SimdMath.FlushTiny(o * activated));
            }

            units.StoreCellGradient(next);
        }
    }
}
