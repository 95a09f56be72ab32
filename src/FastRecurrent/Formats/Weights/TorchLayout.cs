using System.Globalization;
using System.Text.RegularExpressions;

namespace FastRecurrent.Formats;

/// <summary>
/// PyTorch's state dict: <c>rnn.weight_ih_l0</c> [G*H, I], <c>rnn.weight_hh_l0_reverse</c>, <c>rnn.weight_hr_l0</c>, Linear's
/// <c>fc.weight</c> [O, I]. Source: the documentation of torch.nn.RNN, LSTM, GRU, Linear, LayerNorm and BatchNorm1d.
/// </summary>
internal sealed partial class TorchLayout : WeightLayout
{
    public const string Counter = "num_batches_tracked";

    private const string Weight = "weight";
    private const string Bias = "bias";

    public static readonly TorchLayout Instance = new();

    public override string Library => "PyTorch";

    public override bool HasStacks => true;

    public override bool IsBookkeeping(string part) => part == Counter;

    public override TensorRole? Parse(string tensor)
    {
        Match recurrent = RecurrentName().Match(tensor);
        if (recurrent.Success)
        {
            // A cell on its own (LSTMCell) has no layer number.
            int layer = recurrent.Groups["layer"] is { Success: true } number ? int.Parse(number.ValueSpan, CultureInfo.InvariantCulture) : 0;
            return new TensorRole(recurrent.Groups["module"].Value, recurrent.Groups["part"].Value + recurrent.Groups["reverse"].Value, layer);
        }

        Match other = OtherName().Match(tensor);
        return other.Success ? new TensorRole(other.Groups["module"].Value, other.Groups["part"].Value, 0) : null;
    }

    public override string Name(string module, string part, int? stackLayer)
    {
        string prefix = module.Length == 0 ? "" : module + ".";
        if (stackLayer is not { } layer)
        {
            return prefix + part;
        }

        bool isReverse = part.EndsWith(RecurrentLayer.ReverseSuffix, StringComparison.Ordinal);
        string name = isReverse ? part[..^RecurrentLayer.ReverseSuffix.Length] : part;
        return $"{prefix}{name}_l{layer}{(isReverse ? RecurrentLayer.ReverseSuffix : "")}";
    }

    public override IReadOnlyList<LayoutPart> Parts(ParameterLayer layer)
    {
        switch (layer.Definition)
        {
            case RecurrentLayer recurrent:
                return Recurrent(layer, recurrent);
            case DenseLayer dense:
                return dense.Bias
                    ? [Same(layer, Weight, [dense.Size, layer.InputSize]), Same(layer, Bias, [dense.Size])]
                    : [Same(layer, Weight, [dense.Size, layer.InputSize])];
            case LayerNormLayer:
                return [Same(layer, Weight, [layer.InputSize]), Same(layer, Bias, [layer.InputSize])];
            case BatchNormLayer:
                string[] names = [Weight, Bias, "running_mean", "running_var"];
                return [.. names.Select(name => Same(layer, name, [layer.InputSize]))];
            default:
                throw Refuse(layer, "only RNN, LSTM, GRU, Linear, LayerNorm and BatchNorm1d have");
        }
    }

    private List<LayoutPart> Recurrent(ParameterLayer layer, RecurrentLayer recurrent)
    {
        if (recurrent.HasZoneout)
        {
            throw Refuse(layer, "its layers keep nothing of the old state at inference (zoneout)");
        }

        if (recurrent.Direction == FastRecurrent.Direction.Reverse)
        {
            throw Refuse(layer, "its layers run forward or in both directions");
        }

        bool isBidirectional = recurrent.Direction == FastRecurrent.Direction.Bidirectional;
        if (isBidirectional && (recurrent.Merge != Merge.Concat || recurrent.Reverse != recurrent.Cell))
        {
            throw Refuse(layer, "both directions have the same cell and are concatenated");
        }

        RequireTorchCell(layer, recurrent.Cell);
        List<LayoutPart> parts = Direction(layer, recurrent.Cell, "");
        if (isBidirectional)
        {
            parts.AddRange(Direction(layer, recurrent.Cell, RecurrentLayer.ReverseSuffix));
        }

        return parts;
    }

    private void RequireTorchCell(ParameterLayer layer, RecurrentCell cell)
    {
        // Everything but size, bias and projection must be as the cell is by default.
        RecurrentCell wanted = cell switch
        {
            SimpleRnnCell rnn when rnn.Activation == Activation.Relu => new SimpleRnnCell(cell.HiddenSize) { Bias = cell.Bias, Activation = Activation.Relu },
            SimpleRnnCell => new SimpleRnnCell(cell.HiddenSize) { Bias = cell.Bias },
            LstmCell lstm => new LstmCell(cell.HiddenSize) { Bias = cell.Bias, ProjectionSize = lstm.ProjectionSize },
            GruCell => new GruCell(cell.HiddenSize) { Bias = cell.Bias },
            _ => throw Refuse(layer, "it has no layer-normalized cells"),
        };
        if (cell != wanted)
        {
            throw Refuse(layer, "its cells have no peepholes, coupled gates, clips, reset-before form or other activations");
        }
    }

    private static List<LayoutPart> Direction(ParameterLayer layer, RecurrentCell cell, string suffix)
    {
        int rows = cell.GateCount * cell.HiddenSize;
        List<LayoutPart> parts =
        [
            Gates(layer, cell, Cells.ParameterNames.WeightIh + suffix, [rows, layer.InputSize]),
            Gates(layer, cell, Cells.ParameterNames.WeightHh + suffix, [rows, cell.OutputSize]),
        ];
        if (cell.Bias)
        {
            parts.Add(Gates(layer, cell, Cells.ParameterNames.BiasIh + suffix, [rows]));
            parts.Add(Gates(layer, cell, Cells.ParameterNames.BiasHh + suffix, [rows]));
        }

        if (cell is LstmCell { ProjectionSize: > 0 } lstm)
        {
            parts.Add(Same(layer, Cells.ParameterNames.WeightHr + suffix, [lstm.ProjectionSize, lstm.HiddenSize]));
        }

        return parts;
    }

    private static LayoutPart Gates(ParameterLayer layer, RecurrentCell cell, string name, int[] shape)
    {
        if (GateOrder.PyTorch.IsEngine(cell))
        {
            return Same(layer, name, shape);
        }

        string ours = $"{layer.Index}.{name}";
        return new LayoutPart(
            name,
            shape,
            (tensor, parameters) => GateOrder.PyTorch.ToEngine(cell, tensor.Values).CopyTo(parameters[ours]),
            parameters => GateOrder.PyTorch.FromEngine(cell, parameters[ours]));
    }

    private static LayoutPart Same(ParameterLayer layer, string name, int[] shape) => LayoutPart.Same(name, shape, $"{layer.Index}.{name}");

    [GeneratedRegex(
        @"^(?:(?<module>.*)\.)?(?<part>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(?<layer>[0-9]{1,4}))?(?<reverse>_reverse)?$",
        RegexOptions.Singleline)]
    private static partial Regex RecurrentName();

    [GeneratedRegex(@"^(?:(?<module>.*)\.)?(?<part>weight|bias|running_mean|running_var|num_batches_tracked)$", RegexOptions.Singleline)]
    private static partial Regex OtherName();
}
