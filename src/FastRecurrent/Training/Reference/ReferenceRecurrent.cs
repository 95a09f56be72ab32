namespace FastRecurrent.Training.Reference;

/// <summary>
/// A recurrent layer: one or two directions, merged. Where a FinalState layer follows, the two are one: the output is then
/// the final h of the directions, [N, R], merged in the same way.
/// </summary>
internal sealed class ReferenceRecurrent : ReferenceLayer
{
    private readonly int _index;
    private readonly ReferenceDirection[] _directions;
    private readonly Merge _merge;
    private readonly bool _givesFinalState;
    private ReferenceSequence _input = null!;
    private ReferenceSequence[] _outputs = [];

    public ReferenceRecurrent(RecurrentLayer layer, int index, bool givesFinalState, ReferenceParameters parameters, KinkDistance kinks)
    {
        ReferenceCell first = ReferenceCell.Create(layer.Cell, parameters.Of(index), kinks);
        _index = index;
        _merge = layer.Merge;
        _givesFinalState = givesFinalState;
        _directions = layer.Direction == Direction.Bidirectional
            ? [new(first, isReverse: false), new(ReferenceCell.Create(layer.Reverse, parameters.Of(index, RecurrentLayer.ReverseSuffix), kinks), isReverse: true)]
            : [new(first, isReverse: layer.Direction == Direction.Reverse)];
    }

    /// <summary>See <see cref="ReferenceDirection.HiddenGradient"/>.</summary>
    public ReferenceSequence HiddenGradient(bool reverse) => _directions[reverse ? 1 : 0].HiddenGradient;

    public override ReferenceSequence Forward(ReferenceSequence x, ReferenceContext context)
    {
        _input = x;
        _outputs = new ReferenceSequence[_directions.Length];
        for (int d = 0; d < _directions.Length; d++)
        {
            DirectionMasks masks = context.Run.Masks?.Directions.GetValueOrDefault((_index, d == 1)) ?? DirectionMasks.None;
            double[] final = context.Final.Hidden(_index, d == 1);
            ReferenceSequence y = _directions[d].Forward(
                x, masks, context.Initial.Hidden(_index, d == 1), context.Initial.Cell(_index, d == 1), final, context.Final.Cell(_index, d == 1));
            _outputs[d] = _givesFinalState ? new(1, x.Batch, y.Features, null, final) : y;
        }

        return _outputs.Length == 1 ? _outputs[0] : Merged(_outputs[0], _outputs[1]);
    }

    public override ReferenceSequence Backward(ReferenceSequence outputGradient, ReferenceContext context)
    {
        ReferenceSequence inputGradient = _input.Like(_input.Features);
        for (int d = 0; d < _directions.Length; d++)
        {
            ReferenceSequence dy = _directions.Length == 1 ? outputGradient : Split(outputGradient, d);
            double[] dFinal = context.FinalGradient.Hidden(_index, d == 1);
            if (_givesFinalState)
            {
                dFinal = Sum(dFinal, dy.Values);
                dy = _input.Like(dy.Features);
            }

            ReferenceSequence dx = _directions[d].Backward(
                dy, dFinal, context.FinalGradient.Cell(_index, d == 1),
                context.InitialGradient.Hidden(_index, d == 1), context.InitialGradient.Cell(_index, d == 1));
            Sum(inputGradient.Values, dx.Values).CopyTo(inputGradient.Values, 0);
        }

        return inputGradient;
    }

    private static double[] Sum(double[] a, double[] b) => [.. a.Zip(b, (left, right) => left + right)];

    private ReferenceSequence Merged(ReferenceSequence forward, ReferenceSequence reverse)
    {
        int F = forward.Features;
        ReferenceSequence y = forward.Like(_merge == Merge.Concat ? F + reverse.Features : F);
        foreach ((int t, int n) in y.Steps)
        {
            Span<double> a = forward[t, n], b = reverse[t, n], to = y[t, n];
            for (int k = 0; k < to.Length; k++)
            {
                to[k] = _merge switch
                {
                    Merge.Concat => k < F ? a[k] : b[k - F],
                    Merge.Sum => a[k] + b[k],
                    Merge.Average => (a[k] + b[k]) / 2,
                    _ => a[k] * b[k],
                };
            }
        }

        return y;
    }

    /// <summary>One direction's share of dy.</summary>
    private ReferenceSequence Split(ReferenceSequence dy, int direction)
    {
        ReferenceSequence other = _outputs[1 - direction], share = _outputs[direction].Like(_outputs[direction].Features);
        int first = _merge == Merge.Concat && direction == 1 ? _outputs[0].Features : 0;
        foreach ((int t, int n) in share.Steps)
        {
            Span<double> from = dy[t, n], to = share[t, n];
            for (int k = 0; k < to.Length; k++)
            {
                to[k] = from[first + k] * _merge switch
                {
                    Merge.Average => 0.5,
                    Merge.Multiply => other[t, n][k],
                    _ => 1,
                };
            }
        }

        return share;
    }
}
