using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent
{
    /// <summary>
    /// The plain (Elman) recurrent cell: h' = a(W x + b_ih + U h + b_hh), a = tanh unless chosen otherwise.
    /// Source: Elman (1990), "Finding structure in time"; the same as PyTorch's RNN and Keras's SimpleRNN.
    /// </summary>
    /// <param name="HiddenSize">H, at least 1.</param>
    public sealed record SimpleRnnCell(int HiddenSize) : RecurrentCell(HiddenSize)
    {
        /// <summary>a, default tanh.</summary>
        public Activation Activation { get; init; } = Activation.Tanh;

        /// <inheritdoc/>
        public override int GateCount => 1;

        internal override IReadOnlyList<StageDescription> Stages =>
            [GateStage([0], inputSlots: 1, recurrentStart: 0, recurrentSlots: 1)];

        internal override int TraceSlots => 1;

        internal override CellConstants Constants => new(default, Activation, default, GateClip);

        internal override TResult Accept<TResult>(ICellVisitor<TResult> visitor) =>
            GateClip == 0 && Activation == Activation.Tanh
                ? visitor.Visit<SimpleRnnUpdate<Plain>>(this)
                : visitor.Visit<SimpleRnnUpdate<General>>(this);

        internal override void Validate()
        {
            base.Validate();
            Activation.Validate(nameof(Activation));
        }
    }
}

namespace FastRecurrent.Cells
{
    /// <summary>Trace: h'.</summary>
    internal readonly struct SimpleRnnUpdate<TMode> : ICellGradient
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            TVector h = Mode.Candidate<TMode, TVector>(units.Slot(0), constants);
            units.Keep<TTrace>(0, h);
            units.StoreHidden(h);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector> =>
            units.StoreDelta(0, units.LoadHiddenGradient() * Mode.CandidateDerivative<TMode, TVector>(units.Slot(0), constants));
    }
}
