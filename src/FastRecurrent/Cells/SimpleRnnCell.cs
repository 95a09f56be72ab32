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
    internal readonly struct SimpleRnnUpdate<TMode> : ICellUpdate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Update<TVector>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector> =>
            units.StoreHidden(Mode.Candidate<TMode, TVector>(units.Slot(0), constants));
    }
}
