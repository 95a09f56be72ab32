using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent
{
    /// <summary>
    /// Gated recurrent unit. Gates in the order r, z, n; s is the gate activation, * is element-wise:
    /// <code>
    /// r = s(W_r x + U_r h + b_r)      z = s(W_z x + U_z h + b_z)
    /// reset after (default):   n = tanh(W_n x + b_ih_n + r * (U_n h + b_hh_n))
    /// reset before:            n = tanh(W_n x + b_n + U_n (r * h))
    /// h' = (1 - z) * n + z * h
    /// </code>
    /// Reset before is Cho et al. (2014), the lecture's formula and ONNX's default; reset after is what PyTorch, cuDNN and
    /// Keras compute (ONNX: linear_before_reset = 1). Weights of one form give wrong numbers in the other.
    /// </summary>
    /// <param name="HiddenSize">H, at least 1.</param>
    public sealed record GruCell(int HiddenSize) : RecurrentCell(HiddenSize)
    {
        /// <summary>Whether r multiplies after the recurrent product. Default true.</summary>
        public bool ResetAfter { get; init; } = true;

        /// <summary>s, default sigmoid.</summary>
        public Activation GateActivation { get; init; } = Activation.Sigmoid;

        /// <summary>The activation of n, default tanh.</summary>
        public Activation CandidateActivation { get; init; } = Activation.Tanh;

        /// <inheritdoc/>
        public override int GateCount => 3;

        // Reset after: slots n_x, r, z, n_h; the input product fills the first three, the recurrent product the last three.
        // Reset before: r and z for all units first, then n from r * h.
        internal override IReadOnlyList<StageDescription> Stages => ResetAfter
            ? [GateStage([2, 0, 1, 2], inputSlots: 3, recurrentStart: 1, recurrentSlots: 3)]
            : [
                GateStage([0, 1], inputSlots: 2, recurrentStart: 0, recurrentSlots: 2) with { UpdateSeesMask = true },
                GateStage([2], inputSlots: 1, recurrentStart: 0, recurrentSlots: 1, StageSource.Auxiliary) with { TraceSlot = 2, SourceSlot = 3 },
            ];

        internal override int AuxiliaryBuffers => ResetAfter ? 0 : 2;

        internal override int TraceSlots => 4;

        internal override CellConstants Constants => new(GateActivation, CandidateActivation, default, GateClip);

        internal override TResult Accept<TResult>(ICellVisitor<TResult> visitor)
        {
            bool plain = Constants == new CellConstants(Activation.Sigmoid, Activation.Tanh, default);
            if (ResetAfter)
            {
                return plain ? visitor.Visit<GruUpdate<Plain>>(this) : visitor.Visit<GruUpdate<General>>(this);
            }

            return plain ? visitor.Visit<GruBeforeUpdate<Plain>>(this) : visitor.Visit<GruBeforeUpdate<General>>(this);
        }

        internal override void Validate()
        {
            base.Validate();
            GateActivation.Validate(nameof(GateActivation));
            CandidateActivation.Validate(nameof(CandidateActivation));
        }
    }
}

namespace FastRecurrent.Cells
{
    /// <summary>Reset after the product. Trace: n, r, z, and U_n h + b_hh_n.</summary>
    internal readonly struct GruUpdate<TMode> : ICellGradient
    {
        public static bool CarriesHidden { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => true; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector r = Mode.Gate<TMode, TVector>(units.Slot(1), constants);
            TVector z = Mode.Gate<TMode, TVector>(units.Slot(2), constants);
            TVector recurrent = units.Slot(3);
            TVector n = Mode.Candidate<TMode, TVector>(TVector.MultiplyAdd(r, recurrent, units.Slot(0)), constants);
            TVector h = TVector.MultiplyAdd(z, units.LoadPreviousHidden() - n, n);
            units.Keep<TTrace>(0, n);
            units.Keep<TTrace>(1, r);
            units.Keep<TTrace>(2, z);
            units.Keep<TTrace>(3, recurrent);
            units.StoreHidden(h);
        }

        // dn = dh' * (1 - z)   dz = dh' * (h - n)   dr = delta_n * (U_n h + b_hh_n); dL/d(U_n h) = delta_n * r.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector dh = units.LoadHiddenGradient();
            TVector n = units.Slot(0);
            TVector r = units.Slot(1);
            TVector z = units.Slot(2);
            TVector deltaN = dh * (TVector.Broadcast(1) - z) * Mode.CandidateDerivative<TMode, TVector>(n, constants);
            TVector deltaR = deltaN * units.Slot(3) * Mode.GateDerivative<TMode, TVector>(r, constants);
            units.StoreDelta(2, dh * (units.LoadPreviousHidden() - n) * Mode.GateDerivative<TMode, TVector>(z, constants));
            units.StoreDelta(0, deltaN);
            units.StoreDelta(1, deltaR);
            units.StoreDelta(3, deltaN * r);
            units.StoreHiddenGradient(dh * z);
        }
    }

    /// <summary>Reset before the product: auxiliary buffer 0 carries r * h, buffer 1 carries z. Trace: r, z, n, r * h.</summary>
    internal readonly struct GruBeforeUpdate<TMode> : ICellGradient
    {
        public static bool CarriesHidden { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => true; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector h = units.LoadPreviousHidden();
            if (stage == 0)
            {
                TVector r = Mode.Gate<TMode, TVector>(units.Slot(0), constants);
                TVector z = Mode.Gate<TMode, TVector>(units.Slot(1), constants);
                TVector reset = SimdMath.FlushTiny(r * h);
                units.StoreAuxiliary(0, reset);
                units.StoreAuxiliary(1, z);
                units.Keep<TTrace>(0, r);
                units.Keep<TTrace>(1, z);
                units.Keep<TTrace>(3, reset);
            }
            else
            {
                TVector n = Mode.Candidate<TMode, TVector>(units.Slot(0), constants);
                units.Keep<TTrace>(2, n);
                units.StoreHidden(TVector.MultiplyAdd(units.LoadAuxiliary(1), h - n, n));
            }
        }

        // Stage 1: dn = dh' * (1 - z), dz = dh' * (h - n). Its product gives d(r * h), from which stage 0: dr = d(r * h) * h.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector h = units.LoadPreviousHidden();
            if (stage == 1)
            {
                TVector dh = units.LoadHiddenGradient();
                TVector z = units.Slot(1);
                TVector n = units.Slot(2);
                units.StoreDelta(1, dh * (h - n) * Mode.GateDerivative<TMode, TVector>(z, constants));
                units.StoreDelta(2, dh * (TVector.Broadcast(1) - z) * Mode.CandidateDerivative<TMode, TVector>(n, constants));
                units.StoreHiddenGradient(dh * z);
            }
            else
            {
                TVector reset = units.LoadAuxiliaryGradient();
                TVector r = units.Slot(0);
                units.StoreDelta(0, reset * h * Mode.GateDerivative<TMode, TVector>(r, constants));
                units.StoreHiddenGradient(TVector.MultiplyAdd(reset, r, units.LoadCarried()));
            }
        }
    }
}
