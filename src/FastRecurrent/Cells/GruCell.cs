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
                GateStage([0, 1], inputSlots: 2, recurrentStart: 0, recurrentSlots: 2),
                GateStage([2], inputSlots: 1, recurrentStart: 0, recurrentSlots: 1, StageSource.Auxiliary),
            ];

        internal override int AuxiliaryBuffers => ResetAfter ? 0 : 2;

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
    /// <summary>Reset after the product.</summary>
    internal readonly struct GruUpdate<TMode> : ICellUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector r = Mode.Gate<TMode, TVector>(units.Slot(1), constants);
            TVector z = Mode.Gate<TMode, TVector>(units.Slot(2), constants);
            TVector n = Mode.Candidate<TMode, TVector>(TVector.MultiplyAdd(r, units.Slot(3), units.Slot(0)), constants);
            units.StoreHidden(TVector.MultiplyAdd(z, units.LoadPreviousHidden() - n, n));
        }
    }

    /// <summary>Reset before the product: auxiliary buffer 0 carries r * h, buffer 1 carries z.</summary>
    internal readonly struct GruBeforeUpdate<TMode> : ICellUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector h = units.LoadPreviousHidden();
            if (stage == 0)
            {
                TVector r = Mode.Gate<TMode, TVector>(units.Slot(0), constants);
                units.StoreAuxiliary(0, SimdMath.FlushTiny(r * h));
                units.StoreAuxiliary(1, Mode.Gate<TMode, TVector>(units.Slot(1), constants));
            }
            else
            {
                TVector n = Mode.Candidate<TMode, TVector>(units.Slot(0), constants);
                units.StoreHidden(TVector.MultiplyAdd(units.LoadAuxiliary(1), h - n, n));
            }
        }
    }
}
