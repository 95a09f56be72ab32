#region A cell
using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent
{
    /// <summary>
    /// Minimal gated unit. Gates in the order f, n:
    /// <code>
    /// f = sigmoid(W_f x + U_f h + b_f)     n = tanh(W_n x + b_n + U_n (f * h))
    /// h' = (1 - f) * h + f * n
    /// </code>
    /// Source: Zhou, Wu, Zhang and Zhou (2016), "Minimal gated unit for recurrent neural networks".
    /// </summary>
    /// <param name="HiddenSize">H, at least 1.</param>
    public sealed record MinimalGatedCell(int HiddenSize) : RecurrentCell(HiddenSize)
    {
        /// <inheritdoc/>
        public override int GateCount => 2;

        internal override IReadOnlyList<StageDescription> Stages =>
        [
            GateStage([0], inputSlots: 1, recurrentStart: 0, recurrentSlots: 1) with { UpdateSeesMask = true },
            GateStage([1], inputSlots: 1, recurrentStart: 0, recurrentSlots: 1, StageSource.Auxiliary) with { TraceSlot = 1, SourceSlot = 2 },
        ];

        internal override int AuxiliaryBuffers => 2;

        internal override int TraceSlots => 4;

        internal override CellConstants Constants => new(Activation.Sigmoid, Activation.Tanh, default, GateClip);

        internal override TResult Accept<TResult>(ICellVisitor<TResult> visitor) => GateClip == 0
            ? visitor.Visit<MinimalGatedUpdate<Plain>>(this)
            : visitor.Visit<MinimalGatedUpdate<General>>(this);
    }
}

namespace FastRecurrent.Cells
{
    /// <summary>Auxiliary buffer 0 carries f * h, buffer 1 carries f. Trace: f, n, f * h, and backward dL/df as far as stage 1 knows it.</summary>
    internal readonly struct MinimalGatedUpdate<TMode> : ICellGradient
    {
        public static bool CarriesHidden { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => true; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector h = units.LoadPreviousHidden();
            if (stage == 0)
            {
                TVector f = Mode.Gate<TMode, TVector>(units.Slot(0), constants);
                TVector forgotten = SimdMath.FlushTiny(f * h);
                units.StoreAuxiliary(0, forgotten);
                units.StoreAuxiliary(1, f);
                units.Keep<TTrace>(0, f);
                units.Keep<TTrace>(2, forgotten);
            }
            else
            {
                TVector n = Mode.Candidate<TMode, TVector>(units.Slot(0), constants);
                units.Keep<TTrace>(1, n);
                units.StoreHidden(TVector.MultiplyAdd(units.LoadAuxiliary(1), n - h, h));
            }
        }

        // Stage 1: dn = dh' * f, df = dh' * (n - h). Its product gives d(f * h), from which stage 0: df += d(f * h) * h.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector h = units.LoadPreviousHidden();
            TVector f = units.Slot(0);
            if (stage == 1)
            {
                TVector dh = units.LoadHiddenGradient();
                TVector n = units.Slot(1);
                units.StoreDelta(1, dh * f * Mode.CandidateDerivative<TMode, TVector>(n, constants));
                units.StoreDelta(3, dh * (n - h));
                units.StoreHiddenGradient(dh * (TVector.Broadcast(1) - f));
            }
            else
            {
                TVector forgotten = units.LoadAuxiliaryGradient();
                TVector df = TVector.MultiplyAdd(forgotten, h, units.Slot(3));
                units.StoreDelta(0, df * Mode.GateDerivative<TMode, TVector>(f, constants));
                units.StoreHiddenGradient(TVector.MultiplyAdd(forgotten, f, units.LoadCarried()));
            }
        }
    }
}
#endregion
