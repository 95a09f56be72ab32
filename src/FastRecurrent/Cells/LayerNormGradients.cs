using FastRecurrent.Simd;

namespace FastRecurrent.Cells;

/// <summary>
/// The backward pass of LN(v) = u * weight + bias, u = (v - mean) * scale, over some slots of a row of n values in all: with
/// d = dL/dLN * weight, dL/dv = scale * (d - sum(d) / n - u * sum(d * u) / n). Source: Ba, Kiros and Hinton (2016), section 3.
/// </summary>
internal unsafe ref struct RowNormGradient<TVector>
    where TVector : unmanaged, ISimdVector<TVector>
{
    private fixed float _sums[LaneSum.Lanes];
    private fixed float _products[LaneSum.Lanes];
    private readonly int _firstSlot;
    private readonly int _slots;
    private readonly float _count;
    private readonly TVector _mean;
    private readonly TVector _scale;
    private TVector _meanSum;
    private TVector _meanProduct;

    /// <summary>Mean and scale of slots [firstSlot, firstSlot + slots) of the row's trace, as the forward pass had them.</summary>
    public RowNormGradient(in GradientRow<TVector> row, int firstSlot, int slots, float epsilon)
    {
        _firstSlot = firstSlot;
        _slots = slots;
        _count = (float)row.Units * slots;
        float mean = Sum(row, default, isCentered: false) / _count;
        _mean = TVector.Broadcast(mean);
        _scale = TVector.Broadcast(1 / MathF.Sqrt((Sum(row, _mean, isCentered: true) / _count) + epsilon));
    }

    /// <summary>u of one slot of one vector of units.</summary>
    public readonly TVector Normal(in GradientVector<TVector> units, int slot) => (units.Slot(slot) - _mean) * _scale;

    /// <summary>Takes d = dL/dLN * weight and d * u of one slot into the sums, zero where there is no unit.</summary>
    public void Add(int vector, TVector d, TVector product)
    {
        fixed (float* sums = _sums, products = _products)
        {
            LaneSum.Accumulate(sums, vector * TVector.Count, d);
            LaneSum.Accumulate(products, vector * TVector.Count, product);
        }
    }

    /// <summary>To be called when all slots of all units were added.</summary>
    public void Finish()
    {
        fixed (float* sums = _sums, products = _products)
        {
            _meanSum = TVector.Broadcast(LaneSum.Tree(sums) / _count);
            _meanProduct = TVector.Broadcast(LaneSum.Tree(products) / _count);
        }
    }

    /// <summary>dL/dv.</summary>
    public readonly TVector Delta(TVector d, TVector normal) => _scale * (d - _meanSum - (normal * _meanProduct));

    private readonly float Sum(in GradientRow<TVector> row, TVector mean, bool isCentered)
    {
        float* lanes = stackalloc float[LaneSum.Lanes];
        new Span<float>(lanes, LaneSum.Lanes).Clear();
        for (int v = 0; v < row.Vectors; v++)
        {
            GradientVector<TVector> units = row[v];
            for (int slot = _firstSlot; slot < _firstSlot + _slots; slot++)
            {
                TVector distance = units.Slot(slot) - mean;
                LaneSum.Accumulate(lanes, v * TVector.Count, row.OnlyUnits(v, isCentered ? distance * distance : distance));
            }
        }

        return LaneSum.Tree(lanes);
    }
}

internal static partial class LayerNormGates
{
    /// <summary>LN(W x) + bias of a gate from its normal value.</summary>
    public static TVector Input<TVector>(in GradientVector<TVector> units, int gate, int gates, TVector normal)
        where TVector : unmanaged, ISimdVector<TVector> =>
        TVector.MultiplyAdd(normal, units.UnitParameter(gate), units.UnitParameter(gates + gate)) + units.UnitParameter((4 * gates) + gate);

    /// <summary>LN(U h) + bias of a gate from its normal value.</summary>
    public static TVector Recurrent<TVector>(in GradientVector<TVector> units, int gate, int gates, TVector normal)
        where TVector : unmanaged, ISimdVector<TVector> =>
        TVector.MultiplyAdd(normal, units.UnitParameter((2 * gates) + gate), units.UnitParameter((3 * gates) + gate))
        + units.UnitParameter((5 * gates) + gate);

    /// <summary>From dL/d(LN(W x) + bias): gradients of weight and biases; gives d.</summary>
    public static TVector BackInput<TVector>(in GradientVector<TVector> units, int gate, int gates, TVector gradient, TVector normal)
        where TVector : unmanaged, ISimdVector<TVector> => Back(units, gate, gates + gate, (4 * gates) + gate, gradient, normal);

    /// <summary>The same for LN(U h) + bias.</summary>
    public static TVector BackRecurrent<TVector>(in GradientVector<TVector> units, int gate, int gates, TVector gradient, TVector normal)
        where TVector : unmanaged, ISimdVector<TVector> =>
        Back(units, (2 * gates) + gate, (3 * gates) + gate, (5 * gates) + gate, gradient, normal);

    /// <summary>Takes d of one slot into a norm's sums.</summary>
    public static void Add<TVector>(in GradientRow<TVector> row, int vector, ref RowNormGradient<TVector> norm, TVector d, TVector normal)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector units = row.OnlyUnits(vector, d);
        norm.Add(vector, units, row.OnlyUnits(vector, units * normal));
    }

    /// <summary>dL/dx where x was clamped to [-clip, clip]: 0 where the clamp acted.</summary>
    public static TVector Unclipped<TVector>(TVector gradient, TVector x, float clip)
        where TVector : unmanaged, ISimdVector<TVector> =>
        clip > 0 ? TVector.SelectLess(TVector.Abs(x), TVector.Broadcast(clip), gradient, TVector.Broadcast(0)) : gradient;

    private static TVector Back<TVector>(in GradientVector<TVector> units, int weight, int bias, int outer, TVector gradient, TVector normal)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        TVector one = TVector.Broadcast(1);
        units.AddUnitGradient(weight, gradient, normal);
        units.AddUnitGradient(bias, gradient, one);
        units.AddUnitGradient(outer, gradient, one);
        return gradient * units.UnitParameter(weight);
    }
}

internal readonly partial struct LayerNormLstmUpdate
{
    public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> => throw new System.Diagnostics.UnreachableException();

    public static void BackwardRow<TVector>(in GradientRow<TVector> row, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        const int Cell = 2 * Gates;
        RowNormGradient<TVector> input = new(row, 0, Gates, constants.NormEpsilon);
        RowNormGradient<TVector> recurrent = new(row, Gates, Gates, constants.NormEpsilon);
        RowNormGradient<TVector> cell = new(row, Cell, 1, constants.NormEpsilon);

        // dL/d(o's pre-activation) in slot 3 of the temporaries, d of the cell's normalization in slot 0.
        for (int v = 0; v < row.Vectors; v++)
        {
            GradientVector<TVector> units = row[v];
            TVector dh = row.LoadHiddenGradient(v);
            TVector preO = PreActivation(units, 3, input, recurrent);
            TVector o = SimdMath.Sigmoid(Mode.Clip(preO, constants.GateClip));
            TVector normal = cell.Normal(units, Cell);
            TVector c = TVector.MultiplyAdd(normal, units.UnitParameter(NormC), units.UnitParameter(NormC + 1));
            TVector tanhC = SimdMath.Tanh(Mode.Clip(c, constants.GateClip));
            row.Save(v, 3, LayerNormGates.Unclipped(dh * tanhC * ActivationDerivatives.Sigmoid(o), preO, constants.GateClip));
            TVector dc = LayerNormGates.Unclipped(dh * o * ActivationDerivatives.Tanh(tanhC), c, constants.GateClip);
            units.AddUnitGradient(NormC, dc, normal);
            units.AddUnitGradient(NormC + 1, dc, TVector.Broadcast(1));
            TVector d = row.OnlyUnits(v, dc * units.UnitParameter(NormC));
            row.Save(v, 0, d);
            cell.Add(v, d, row.OnlyUnits(v, d * normal));
        }

        cell.Finish();
        for (int v = 0; v < row.Vectors; v++)
        {
            GradientVector<TVector> units = row[v];
            TVector preI = PreActivation(units, 0, input, recurrent);
            TVector preF = PreActivation(units, 1, input, recurrent);
            TVector preG = PreActivation(units, 2, input, recurrent);
            TVector i = SimdMath.Sigmoid(Mode.Clip(preI, constants.GateClip));
            TVector f = SimdMath.Sigmoid(Mode.Clip(preF, constants.GateClip));
            TVector g = SimdMath.Tanh(Mode.Clip(preG, constants.GateClip));
            TVector dc = units.LoadCellGradient() + cell.Delta(row.Saved(v, 0), cell.Normal(units, Cell));
            row.Save(v, 0, LayerNormGates.Unclipped(dc * g * ActivationDerivatives.Sigmoid(i), preI, constants.GateClip));
            row.Save(v, 1, LayerNormGates.Unclipped(dc * units.LoadPreviousCell() * ActivationDerivatives.Sigmoid(f), preF, constants.GateClip));
            row.Save(v, 2, LayerNormGates.Unclipped(dc * i * ActivationDerivatives.Tanh(g), preG, constants.GateClip));
            units.StoreCellGradient(dc * f);
            for (int gate = 0; gate < Gates; gate++)
            {
                TVector gradient = row.OnlyUnits(v, row.Saved(v, gate));
                TVector inputNormal = input.Normal(units, gate);
                TVector recurrentNormal = recurrent.Normal(units, Gates + gate);
                row.Save(v, gate, gradient);
                LayerNormGates.Add(row, v, ref input, LayerNormGates.BackInput(units, gate, Gates, gradient, inputNormal), inputNormal);
                LayerNormGates.Add(row, v, ref recurrent, LayerNormGates.BackRecurrent(units, gate, Gates, gradient, recurrentNormal), recurrentNormal);
            }
        }

        input.Finish();
        recurrent.Finish();
        for (int v = 0; v < row.Vectors; v++)
        {
            GradientVector<TVector> units = row[v];
            for (int gate = 0; gate < Gates; gate++)
            {
                TVector gradient = row.Saved(v, gate);
                row.StoreDelta(v, gate, input.Delta(gradient * units.UnitParameter(gate), input.Normal(units, gate)));
                row.StoreDelta(v, Gates + gate, recurrent.Delta(gradient * units.UnitParameter((2 * Gates) + gate), recurrent.Normal(units, Gates + gate)));
            }
        }
    }

    private static TVector PreActivation<TVector>(
        in GradientVector<TVector> units, int gate, in RowNormGradient<TVector> input, in RowNormGradient<TVector> recurrent)
        where TVector : unmanaged, ISimdVector<TVector> =>
        LayerNormGates.Input(units, gate, Gates, input.Normal(units, gate)) + LayerNormGates.Recurrent(units, gate, Gates, recurrent.Normal(units, Gates + gate));
}

internal readonly partial struct LayerNormGruUpdate
{
    public static bool CarriesHidden => true;

    public static void Backward<TVector>(int stage, in GradientVector<TVector> units, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector> => throw new System.Diagnostics.UnreachableException();

    public static void BackwardRow<TVector>(in GradientRow<TVector> row, in CellConstants constants)
        where TVector : unmanaged, ISimdVector<TVector>
    {
        const int Candidate = 2;
        RowNormGradient<TVector> input = new(row, 0, 2, constants.NormEpsilon);
        RowNormGradient<TVector> inputCandidate = new(row, Candidate, 1, constants.NormEpsilon);
        RowNormGradient<TVector> recurrent = new(row, Gates, 2, constants.NormEpsilon);
        RowNormGradient<TVector> recurrentCandidate = new(row, Gates + Candidate, 1, constants.NormEpsilon);

        // The temporaries: dL/d(pre-activation) of r, z and n's input part; in slot 3, of n's recurrent part.
        for (int v = 0; v < row.Vectors; v++)
        {
            GradientVector<TVector> units = row[v];
            TVector dh = row.LoadHiddenGradient(v);
            TVector preR = Gate(units, 0, input, recurrent);
            TVector preZ = Gate(units, 1, input, recurrent);
            TVector r = SimdMath.Sigmoid(Mode.Clip(preR, constants.GateClip));
            TVector z = SimdMath.Sigmoid(Mode.Clip(preZ, constants.GateClip));
            TVector inputNormal = inputCandidate.Normal(units, Candidate);
            TVector recurrentNormal = recurrentCandidate.Normal(units, Gates + Candidate);
            TVector reset = LayerNormGates.Recurrent(units, Candidate, Gates, recurrentNormal);
            TVector preN = TVector.MultiplyAdd(r, reset, LayerNormGates.Input(units, Candidate, Gates, inputNormal));
            TVector n = SimdMath.Tanh(Mode.Clip(preN, constants.GateClip));
            TVector deltaN = row.OnlyUnits(v, LayerNormGates.Unclipped(
                dh * (TVector.Broadcast(1) - z) * ActivationDerivatives.Tanh(n), preN, constants.GateClip));
            row.Save(v, 0, row.OnlyUnits(v, LayerNormGates.Unclipped(deltaN * reset * ActivationDerivatives.Sigmoid(r), preR, constants.GateClip)));
            row.Save(v, 1, row.OnlyUnits(v, LayerNormGates.Unclipped(
                dh * (units.LoadPreviousHidden() - n) * ActivationDerivatives.Sigmoid(z), preZ, constants.GateClip)));
            row.Save(v, Candidate, deltaN);
            row.Save(v, 3, deltaN * r);
            units.StoreHiddenGradient(dh * z);
            for (int gate = 0; gate < Candidate; gate++)
            {
                TVector gradient = row.Saved(v, gate);
                TVector x = input.Normal(units, gate);
                TVector h = recurrent.Normal(units, Gates + gate);
                LayerNormGates.Add(row, v, ref input, LayerNormGates.BackInput(units, gate, Gates, gradient, x), x);
                LayerNormGates.Add(row, v, ref recurrent, LayerNormGates.BackRecurrent(units, gate, Gates, gradient, h), h);
            }

            LayerNormGates.Add(row, v, ref inputCandidate, LayerNormGates.BackInput(units, Candidate, Gates, deltaN, inputNormal), inputNormal);
            LayerNormGates.Add(row, v, ref recurrentCandidate, LayerNormGates.BackRecurrent(units, Candidate, Gates, row.Saved(v, 3), recurrentNormal), recurrentNormal);
        }

        input.Finish();
        inputCandidate.Finish();
        recurrent.Finish();
        recurrentCandidate.Finish();
        for (int v = 0; v < row.Vectors; v++)
        {
            GradientVector<TVector> units = row[v];
            for (int gate = 0; gate < Candidate; gate++)
            {
                TVector gradient = row.Saved(v, gate);
                Store(row, v, units, gate, gradient * units.UnitParameter(gate), input);
                Store(row, v, units, Gates + gate, gradient * units.UnitParameter((2 * Gates) + gate), recurrent);
            }

            Store(row, v, units, Candidate, row.Saved(v, Candidate) * units.UnitParameter(Candidate), inputCandidate);
            Store(row, v, units, Gates + Candidate, row.Saved(v, 3) * units.UnitParameter((2 * Gates) + Candidate), recurrentCandidate);
        }
    }

    private static void Store<TVector>(
        in GradientRow<TVector> row, int vector, in GradientVector<TVector> units, int slot, TVector d, in RowNormGradient<TVector> norm)
        where TVector : unmanaged, ISimdVector<TVector> =>
        row.StoreDelta(vector, slot, norm.Delta(d, norm.Normal(units, slot)));

    private static TVector Gate<TVector>(
        in GradientVector<TVector> units, int gate, in RowNormGradient<TVector> input, in RowNormGradient<TVector> recurrent)
        where TVector : unmanaged, ISimdVector<TVector> =>
        LayerNormGates.Input(units, gate, Gates, input.Normal(units, gate)) + LayerNormGates.Recurrent(units, gate, Gates, recurrent.Normal(units, Gates + gate));
}
