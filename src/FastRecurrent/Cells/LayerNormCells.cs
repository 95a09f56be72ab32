using System.Runtime.CompilerServices;
using FastRecurrent.Cells;
using FastRecurrent.Simd;

namespace FastRecurrent
{
    /// <summary>
    /// A cell whose products are normalized before they are added: LN(v) = (v - mean) / sqrt(variance + epsilon) * weight +
    /// bias, over a row. Source: Ba, Kiros and Hinton (2016), "Layer normalization", supplementary equations for LSTM and GRU.
    /// </summary>
    public abstract record LayerNormCell : RecurrentCell
    {
        private protected LayerNormCell(int hiddenSize)
            : base(hiddenSize)
        {
        }

        /// <summary>Added to the variance, default 1e-5.</summary>
        public float Epsilon { get; init; } = 1e-5f;

        internal override CellConstants Constants => new(default, default, default, GateClip, NormEpsilon: Epsilon);

        internal override int TraceSlots => (2 * GateCount) + (HasCellState ? 1 : 0);

        internal override int CellSlot => 2 * GateCount;

        // Input slots first, recurrent slots behind them: two products that are normalized apart, without a bias yet.
        internal override IReadOnlyList<StageDescription> Stages
        {
            get
            {
                int[] gates = [.. Enumerable.Range(0, GateCount), .. Enumerable.Range(0, GateCount)];
                return [new(HiddenSize, gates, InputSlots: GateCount, RecurrentStart: GateCount, RecurrentSlots: GateCount)];
            }
        }

        // In blocks of G: norm_ih weight, bias; norm_hh weight, bias; bias_ih; bias_hh.
        internal override IReadOnlyList<UnitParameter> UnitParameters
        {
            get
            {
                string[] names = [ParameterNames.NormIhWeight, ParameterNames.NormIhBias, ParameterNames.NormHhWeight, ParameterNames.NormHhBias, ParameterNames.BiasIh, ParameterNames.BiasHh];
                return [.. names.SelectMany(name => Enumerable.Range(0, GateCount).Select(gate => new UnitParameter(name, gate)))];
            }
        }

        internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize)
        {
            foreach (ParameterShape shape in base.ParameterShapes(inputSize))
            {
                yield return shape;
            }

            int columns = checked(GateCount * HiddenSize);
            yield return new(ParameterNames.NormIhWeight, 1, columns);
            yield return new(ParameterNames.NormIhBias, 1, columns);
            yield return new(ParameterNames.NormHhWeight, 1, columns);
            yield return new(ParameterNames.NormHhBias, 1, columns);
        }

        internal override void Validate()
        {
            base.Validate();
            if (!float.IsFinite(Epsilon) || Epsilon <= 0)
            {
                throw new ArgumentOutOfRangeException(nameof(Epsilon), Epsilon, "Epsilon must be a finite value above 0.");
            }

            if (!Bias)
            {
                throw new ArgumentException("A layer-normalized cell always has biases; set them to zero instead of Bias = false.", nameof(Bias));
            }
        }
    }

    /// <summary>
    /// LSTM with layer normalization: i, f, g, o from LN(W x) + LN(U h) + b_ih + b_hh, each LN over all 4H values;
    /// c' = f * c + i * g; h' = o * tanh(LN(c')). The stored c' is not normalized.
    /// </summary>
    /// <param name="HiddenSize">H, at least 1.</param>
    public sealed record LayerNormLstmCell(int HiddenSize) : LayerNormCell(HiddenSize)
    {
        /// <inheritdoc/>
        public override int GateCount => 4;

        /// <inheritdoc/>
        public override bool HasCellState => true;

        internal override int? ForgetGate => 1;

        internal override IReadOnlyList<UnitParameter> UnitParameters =>
            [.. base.UnitParameters, new(ParameterNames.NormCWeight, 0), new(ParameterNames.NormCBias, 0)];

        internal override TResult Accept<TResult>(ICellVisitor<TResult> visitor) => visitor.Visit<LayerNormLstmUpdate>(this);

        internal override IEnumerable<ParameterShape> ParameterShapes(int inputSize) =>
            base.ParameterShapes(inputSize).Append(new(ParameterNames.NormCWeight, 1, HiddenSize)).Append(new(ParameterNames.NormCBias, 1, HiddenSize));
    }

    /// <summary>
    /// GRU (reset after) with layer normalization: r, z from LN(W x) + LN(U h) + b_ih + b_hh, LN over the 2H values of r and
    /// z; n = tanh(LN(W_n x) + b_ih_n + r * (LN(U_n h) + b_hh_n)), LN over H; h' = (1 - z) * n + z * h.
    /// </summary>
    /// <param name="HiddenSize">H, at least 1.</param>
    public sealed record LayerNormGruCell(int HiddenSize) : LayerNormCell(HiddenSize)
    {
        /// <inheritdoc/>
        public override int GateCount => 3;

        internal override TResult Accept<TResult>(ICellVisitor<TResult> visitor) => visitor.Visit<LayerNormGruUpdate>(this);
    }
}

namespace FastRecurrent.Cells
{
    /// <summary>Mean and 1 / sqrt(variance + epsilon) of some slots of a row.</summary>
    internal readonly ref struct RowNorm<TVector>(float mean, float scale)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        private readonly TVector _mean = TVector.Broadcast(mean);
        private readonly TVector _scale = TVector.Broadcast(scale);

        public TVector Apply(TVector value, TVector weight, TVector bias) =>
            TVector.MultiplyAdd((value - _mean) * _scale, weight, bias);

        public static unsafe RowNorm<TVector> Of(in UnitRow<TVector> row, int firstSlot, int slots, float epsilon)
        {
            float count = (float)row.Units * slots;
            float* lanes = stackalloc float[LaneSum.Lanes];
            new Span<float>(lanes, LaneSum.Lanes).Clear();
            for (int v = 0; v < row.Vectors; v++)
            {
                UnitVector<TVector> units = row[v];
                for (int slot = firstSlot; slot < firstSlot + slots; slot++)
                {
                    LaneSum.Accumulate(lanes, v * TVector.Count, units.ValidSlot(slot));
                }
            }

            float mean = LaneSum.Tree(lanes) / count;
            new Span<float>(lanes, LaneSum.Lanes).Clear();
            TVector center = TVector.Broadcast(mean);
            for (int v = 0; v < row.Vectors; v++)
            {
                UnitVector<TVector> units = row[v];
                for (int slot = firstSlot; slot < firstSlot + slots; slot++)
                {
                    TVector distance = units.ValidSlot(slot) - center;
                    LaneSum.Accumulate(lanes, v * TVector.Count, units.OnlyValid(distance * distance));
                }
            }

            return new RowNorm<TVector>(mean, 1 / MathF.Sqrt((LaneSum.Tree(lanes) / count) + epsilon));
        }
    }

    /// <summary>Trace: the products of W x and U h as they are, 4 slots each, and c.</summary>
    internal readonly partial struct LayerNormLstmUpdate : ICellGradient
    {
        private const int Gates = 4;
        private const int NormC = 6 * Gates;

        public static bool NeedsWholeRow { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => true; }

        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector> => throw new System.Diagnostics.UnreachableException();

        public static void UpdateRow<TVector, TTrace>(in UnitRow<TVector> row, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            RowNorm<TVector> input = RowNorm<TVector>.Of(row, 0, Gates, constants.NormEpsilon);
            RowNorm<TVector> recurrent = RowNorm<TVector>.Of(row, Gates, Gates, constants.NormEpsilon);
            for (int v = 0; v < row.Vectors; v++)
            {
                UnitVector<TVector> units = row[v];
                TVector i = SimdMath.Sigmoid(PreActivation(units, 0, input, recurrent, constants));
                TVector f = SimdMath.Sigmoid(PreActivation(units, 1, input, recurrent, constants));
                TVector g = SimdMath.Tanh(PreActivation(units, 2, input, recurrent, constants));
                TVector o = SimdMath.Sigmoid(PreActivation(units, 3, input, recurrent, constants));
                TVector c = SimdMath.FlushTiny(TVector.MultiplyAdd(f, units.LoadCell(), i * g));
                units.StoreCell(c);
                LayerNormGates.Keep<TVector, TTrace>(units, Gates);
                units.Keep<TTrace>(2 * Gates, c);
                units.StoreSlot(0, o);
                units.StoreSlot(1, c);
            }

            RowNorm<TVector> cell = RowNorm<TVector>.Of(row, 1, 1, constants.NormEpsilon);
            for (int v = 0; v < row.Vectors; v++)
            {
                UnitVector<TVector> units = row[v];
                TVector c = cell.Apply(units.Slot(1), units.UnitParameter(NormC), units.UnitParameter(NormC + 1));
                units.StoreHidden(units.Slot(0) * SimdMath.Tanh(Mode.Clip(c, constants.GateClip)));
            }
        }

        private static TVector PreActivation<TVector>(
            in UnitVector<TVector> units, int gate, in RowNorm<TVector> input, in RowNorm<TVector> recurrent, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector> =>
            Mode.Clip(LayerNormGates.Input(units, gate, Gates, input) + LayerNormGates.Recurrent(units, gate, Gates, recurrent), constants.GateClip);
    }

    /// <summary>Trace: the products of W x and U h as they are, 3 slots each.</summary>
    internal readonly partial struct LayerNormGruUpdate : ICellGradient
    {
        private const int Gates = 3;

        public static bool NeedsWholeRow { [MethodImpl(MethodImplOptions.AggressiveInlining)] get => true; }

        public static void Update<TVector, TTrace>(int stage, in UnitVector<TVector> units, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector> => throw new System.Diagnostics.UnreachableException();

        public static void UpdateRow<TVector, TTrace>(in UnitRow<TVector> row, in CellConstants constants)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            RowNorm<TVector> input = RowNorm<TVector>.Of(row, 0, 2, constants.NormEpsilon);
            RowNorm<TVector> inputCandidate = RowNorm<TVector>.Of(row, 2, 1, constants.NormEpsilon);
            RowNorm<TVector> recurrent = RowNorm<TVector>.Of(row, Gates, 2, constants.NormEpsilon);
            RowNorm<TVector> recurrentCandidate = RowNorm<TVector>.Of(row, Gates + 2, 1, constants.NormEpsilon);
            for (int v = 0; v < row.Vectors; v++)
            {
                UnitVector<TVector> units = row[v];
                TVector r = SimdMath.Sigmoid(Mode.Clip(
                    LayerNormGates.Input(units, 0, Gates, input) + LayerNormGates.Recurrent(units, 0, Gates, recurrent), constants.GateClip));
                TVector z = SimdMath.Sigmoid(Mode.Clip(
                    LayerNormGates.Input(units, 1, Gates, input) + LayerNormGates.Recurrent(units, 1, Gates, recurrent), constants.GateClip));
                TVector n = SimdMath.Tanh(Mode.Clip(
                    TVector.MultiplyAdd(
                        r,
                        LayerNormGates.Recurrent(units, 2, Gates, recurrentCandidate),
                        LayerNormGates.Input(units, 2, Gates, inputCandidate)),
                    constants.GateClip));
                LayerNormGates.Keep<TVector, TTrace>(units, Gates);
                units.StoreHidden(TVector.MultiplyAdd(z, units.LoadPreviousHidden() - n, n));
            }
        }
    }

    /// <summary>The two normalized products of a gate, each with its bias; see <see cref="LayerNormCell.UnitParameters"/> for the order.</summary>
    internal static partial class LayerNormGates
    {
        /// <summary>Keeps both products for the backward pass.</summary>
        public static void Keep<TVector, TTrace>(in UnitVector<TVector> units, int gates)
            where TVector : unmanaged, ISimdVector<TVector>
        {
            for (int slot = 0; typeof(TTrace) == typeof(Traced) && slot < 2 * gates; slot++)
            {
                units.Keep<TTrace>(slot, units.Slot(slot));
            }
        }

        public static TVector Input<TVector>(in UnitVector<TVector> units, int gate, int gates, in RowNorm<TVector> norm)
            where TVector : unmanaged, ISimdVector<TVector> =>
            norm.Apply(units.Slot(gate), units.UnitParameter(gate), units.UnitParameter(gates + gate)) + units.UnitParameter((4 * gates) + gate);

        public static TVector Recurrent<TVector>(in UnitVector<TVector> units, int gate, int gates, in RowNorm<TVector> norm)
            where TVector : unmanaged, ISimdVector<TVector> =>
            norm.Apply(units.Slot(gates + gate), units.UnitParameter((2 * gates) + gate), units.UnitParameter((3 * gates) + gate))
            + units.UnitParameter((5 * gates) + gate);
    }
}
