using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>Recurrent layers: ONNX's own operators, and Scans of this project's export.</summary>
internal sealed partial class StackBuilder
{
    private void AddRecurrent(PlannedNode node, RecurrentOperator recurrent, int output)
    {
        OnnxTensor x = node.Input(0);
        (int timeAxis, int rowAxis) = recurrent.IsBatchMajor ? (1, 0) : (0, 1);
        FindTime(node, timeAxis, rowAxis);
        if (output > 1)
        {
            throw Refuse(node, "its final cell state goes on.");
        }

        bool startsAtZero = new[] { RecurrentInput.InitialHidden, RecurrentInput.InitialCell }
            .All(state => node.Optional((int)state) is not { } values || !values.FloatArray.AsSpan().ContainsAnyExcept(0));
        bool isWhole = node.Optional((int)RecurrentInput.SequenceLengths) is not { } lengths || !lengths.IntegerArray.AsSpan().ContainsAnyExcept(x.Shape[timeAxis]);
        if (!startsAtZero || !isWhole)
        {
            throw Refuse(node, startsAtZero ? "it has lengths of its own." : "it starts from a state that is not zero.");
        }

        RecurrentLayer layer = recurrent.Layer(node);
        if (_isReversed)
        {
            layer = layer.Direction switch
            {
                Direction.Forward => layer with { Direction = Direction.Reverse },
                Direction.Reverse => layer with { Direction = Direction.Forward },
                _ => throw Refuse(node, "it runs in both directions over steps in reverse order."),
            };
        }

        _recurrent = (node, recurrent);
        AddLayer(layer, (parameters, index) => recurrent.Fill(node, parameters, index));
        Part[] features = [new(Meaning.Features, layer.Cell.HiddenSize)];
        Part[] directions = recurrent.Directions == 2 ? [new(Meaning.Directions, 2)] : [];
        (Part[] timeParts, Part[] rowParts) = (_cursor.Parts(timeAxis), _cursor.Parts(rowAxis));
        if (output == 1)
        {
            AddLayer(new FinalStateLayer());
            _isReversed = false;
        }

        _cursor.Set((output, recurrent.IsBatchMajor) switch
        {
            (0, false) => [timeParts, directions, rowParts, features],
            (0, true) => [rowParts, timeParts, directions, features],
            (_, false) => [directions, rowParts, features],
            _ => [rowParts, directions, features],
        });
    }

    private void AddScan(PlannedNode node, ScanOperator scan, Link link)
    {
        ScanLayer read = ScanLayer.TryRead(node, scan, _opset) ?? throw Refuse(node, "its body is none that this project's export writes.");
        FindTime(node, timeAxis: 0, rowAxis: 1);
        if (!ScanLayer.StartsAtZero(node, scan))
        {
            throw Refuse(node, "it starts from a state that is not zero.");
        }

        bool hasDirections = read.Layer.Direction == Direction.Bidirectional;
        int secondHidden = read.Layer.Cell.HasCellState ? 2 : 1;
        (int First, int Second) found = (link.Output, link.Outputs?.Second ?? 0);
        bool isFinalState = found == (0, hasDirections ? secondHidden : 0), isSequence = found == (scan.States, hasDirections ? scan.States + 1 : 0);
        if (hasDirections != (link.Outputs is not null) || !(isFinalState || isSequence))
        {
            throw Refuse(node, "not its steps or last h, of all directions, but another of its outputs goes on.");
        }

        AddLayer(read.Layer, read.Fill);
        RecurrentCell reverse = read.Layer.ReverseCell ?? read.Layer.Cell;
        int size = read.Layer.Cell.OutputSize + (link.Outputs is { HasAxis: false } ? reverse.OutputSize : 0);
        Part[] features = [new(Meaning.Features, size)];
        Part[][] directions = link.Outputs is { HasAxis: true } ? [[new(Meaning.Directions, 2)]] : [];
        (Part[] timeParts, Part[] rowParts) = (_cursor.Parts(0), _cursor.Parts(1));
        if (isFinalState)
        {
            AddLayer(new FinalStateLayer());
        }

        _cursor.Set(isFinalState ? [.. directions, rowParts, features] : [timeParts, .. directions, rowParts, features]);
    }

    /// <summary>A recurrent node shows which axis is time; the layers before it must agree.</summary>
    private void FindTime(PlannedNode node, int timeAxis, int rowAxis)
    {
        RequireFeaturesLast(node);
        Meaning[] time = _cursor[timeAxis], rows = _cursor[rowAxis];
        if (IsVector && time is [])
        {
            // One step needs no node that repeats anything.
            AddLayer(new RepeatVectorLayer(1));
            _time = Meaning.Repeats;
        }
        else if (_time is null)
        {
            _time = time is [var only] ? only : rows is [Meaning.First] ? Meaning.Second : Meaning.First;
            InputLayout = _time == Meaning.Second ? SequenceLayout.BatchMajor : SequenceLayout.TimeMajor;
        }

        if (_isReversed && (_reversedAxis != _time || node.Operator is ScanOperator))
        {
            throw Refuse(node, "the axis that was reversed before it is not its steps, or its directions are its own.");
        }

        bool fits = (time is [] || (time is [var steps] && steps == _time))
            && (rows is [] || (rows is [var batch] && batch is Meaning.First or Meaning.Second && batch != _time));
        if (!fits)
        {
            throw Refuse(node, $"its steps and rows are not those of the layers before ({_cursor}).");
        }
    }
}
