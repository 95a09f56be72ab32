using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>Two directions that go apart and are joined again, and steps in reverse order.</summary>
internal sealed partial class StackBuilder
{
    private readonly bool _isBranch;

    // The recurrent node that this branch added, and which direction of an earlier one it took.
    private (PlannedNode Node, RecurrentOperator Operator)? _recurrent;
    private int? _direction;

    // Whether the value's steps are in reverse order, as they are between Keras's ReverseSequence nodes.
    private bool _isReversed;
    private Meaning? _reversedAxis;

    private StackBuilder(StackBuilder trunk)
    {
        _isBranch = true;
        _layers = [.. trunk._layers];
        _fills = [.. trunk._fills];
        _cursor = new Cursor(Enumerable.Range(0, trunk._cursor.Rank).Select(trunk._cursor.Parts));
        (_inputSize, _opset, _startsWithVector, _time) = (trunk._inputSize, trunk._opset, trunk._startsWithVector, trunk._time);
        (_isReversed, _reversedAxis, InputLayout) = (trunk._isReversed, trunk._reversedAxis, trunk.InputLayout);
    }

    private StackBuilder Branch(IEnumerable<Link> links)
    {
        StackBuilder branch = new(this);
        foreach (Link link in links)
        {
            branch.Add(link);
        }

        return branch;
    }

    private void Join(PlannedNode node, Fork fork)
    {
        StackBuilder first = Branch(fork.First), second = Branch(fork.Second);
        bool isConcat = node.Operator is ConcatOperator;
        Merge merge = isConcat ? Merge.Concat : node.Node.OpType == "Add" ? Merge.Sum : Merge.Multiply;
        bool fits = first._cursor.IsArrangedAs(second._cursor) && (first._time, first.InputLayout) == (second._time, second.InputLayout)
            && !first._isReversed && !second._isReversed && (!isConcat || ((ConcatOperator)node.Operator).AxisOf(node) == first._cursor.Rank - 1);
        if (!fits)
        {
            throw Refuse(node, $"its two inputs are {first._cursor} and {second._cursor} of other axes or another order, or are not joined along the features.");
        }

        if (first._recurrent is { } forward && second._recurrent is { } backward)
        {
            AddTwoNodes(node, (first, forward), (second, backward), merge);
        }
        else
        {
            MergeDirections(node, first, second, merge);
        }

        (_time, InputLayout) = (first._time, first.InputLayout);
        _cursor.Set(Enumerable.Range(0, first._cursor.Rank).Select(first._cursor.Parts));
        if (isConcat)
        {
            RequireFeaturesLast(node);
            SetFeatures(first._cursor.SizeOf(Meaning.Features) + second._cursor.SizeOf(Meaning.Features));
        }
    }

    /// <summary>Both directions of one node.</summary>
    private void MergeDirections(PlannedNode node, StackBuilder first, StackBuilder second, Merge merge)
    {
        int index = _layers.Count - (_layers.Count > 0 && _layers[^1] is FinalStateLayer ? 2 : 1);
        bool isEachOne = (first._direction, second._direction) == (0, 1) && first._layers.Count == _layers.Count && second._layers.Count == _layers.Count;
        if (index < 0 || !isEachOne || _layers[index] is not RecurrentLayer { Direction: Direction.Bidirectional, Merge: Merge.Concat } layer)
        {
            throw Refuse(node, "it does not join the forward and then the backward direction of the layer before it.");
        }

        _layers[index] = layer with { Merge = merge };
    }

    /// <summary>A node of each direction.</summary>
    private void AddTwoNodes(
        PlannedNode node,
        (StackBuilder Branch, (PlannedNode Node, RecurrentOperator Operator) Recurrent) forward,
        (StackBuilder Branch, (PlannedNode Node, RecurrentOperator Operator) Recurrent) backward,
        Merge merge)
    {
        LayerDefinition[] first = [.. forward.Branch._layers.Skip(_layers.Count)], second = [.. backward.Branch._layers.Skip(_layers.Count)];
        bool areSteps = (first, second) is ([_], [_]), areStates = (first, second) is ([_, FinalStateLayer or LastStepLayer], [_, FinalStateLayer]);
        if (!(areSteps || areStates)
            || first[0] is not RecurrentLayer { Direction: Direction.Forward } one || second[0] is not RecurrentLayer { Direction: Direction.Reverse } other)
        {
            throw Refuse(node, "its inputs are not the steps, or the final states, of a forward and then a backward layer.");
        }

        RecurrentLayer layer = new(one.Cell, Direction.Bidirectional) { ReverseCell = other.Cell == one.Cell ? null : other.Cell, Merge = merge };
        AddLayer(layer, (parameters, index) =>
        {
            forward.Recurrent.Operator.Fill(forward.Recurrent.Node, parameters, index);
            backward.Recurrent.Operator.Fill(backward.Recurrent.Node, parameters, index, isSecond: true);
        });
        if (areStates)
        {
            AddLayer(new FinalStateLayer());
        }
    }

    /// <summary>All steps in reverse order, for every row.</summary>
    private void Reverse(PlannedNode node, int axis)
    {
        // Which axis is time shows at the recurrent node behind it at the latest.
        bool isTime = _cursor[axis] is [var meaning] && (meaning == _time || (_time is null && meaning is Meaning.First or Meaning.Second));
        if (!isTime)
        {
            throw Refuse(node, $"it reverses an axis of {_cursor} that is not the steps.");
        }

        (_reversedAxis, _isReversed) = (_cursor[axis][0], !_isReversed);
    }
}
