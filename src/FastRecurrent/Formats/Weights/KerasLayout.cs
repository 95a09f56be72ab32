using System.Text.RegularExpressions;

namespace FastRecurrent.Formats;

/// <summary>
/// Keras's weights: <c>kernel</c> [I, G*H], <c>recurrent_kernel</c> [H, G*H], <c>bias</c> [G*H], or [2, 3H] for a GRU with
/// <c>reset_after</c>; Dense's <c>kernel</c> [I, O]. The engine's are transposed and have two biases: Keras's one becomes bias_ih.
/// Source: the documentation and <c>weights</c> of keras.layers.
/// </summary>
internal sealed partial class KerasLayout : WeightLayout
{
    public const string Kernel = "kernel";
    public const string RecurrentKernel = "recurrent_kernel";
    public const string Bias = "bias";

    private const string Reverse = RecurrentLayer.ReverseSuffix;

    public static readonly KerasLayout Instance = new();

    public override string Library => "Keras";

    public override TensorRole? Parse(string tensor)
    {
        // lstm/lstm_cell/kernel:0, bidirectional/backward_lstm/lstm_cell/kernel, dense.kernel
        string[] words = Separator().Split(Suffix().Replace(tensor, ""));
        string part = words[^1];
        if (!Part().IsMatch(part))
        {
            return null;
        }

        List<string> module = [.. words[..^1].Where(word => !CellName().IsMatch(word))];
        int direction = module.FindIndex(word => DirectionName().IsMatch(word));
        if (direction >= 0)
        {
            part += module[direction].StartsWith("backward_", StringComparison.Ordinal) ? Reverse : "";
            module.RemoveAt(direction);
        }

        return new TensorRole(string.Join('/', module), part, 0);
    }

    public override string Name(string module, string part, int? stackLayer)
    {
        bool isReverse = part.EndsWith(Reverse, StringComparison.Ordinal);
        string name = isReverse ? part[..^Reverse.Length] : part;
        return string.Join('/', new[] { module, isReverse ? "backward_rnn" : "", name }.Where(word => word.Length > 0));
    }

    public override IReadOnlyList<LayoutPart> Parts(ParameterLayer layer)
    {
        switch (layer.Definition)
        {
            case RecurrentLayer { HasZoneout: true }:
                throw Refuse(layer, "its layers keep nothing of the old state at inference (zoneout)");
            case RecurrentLayer recurrent:
                List<LayoutPart> parts = Direction(layer, recurrent.Cell, "");
                if (recurrent.Direction == FastRecurrent.Direction.Bidirectional)
                {
                    parts.AddRange(Direction(layer, recurrent.Reverse, Reverse));
                }

                return parts;
            case DenseLayer dense:
                LayoutPart kernel = Transposed(layer, Kernel, "weight", dense.Size, layer.InputSize, rows => rows, rows => rows);
                return dense.Bias ? [kernel, Vector(layer, Bias, "bias")] : [kernel];
            case LayerNormLayer:
                return [Vector(layer, "gamma", "weight"), Vector(layer, "beta", "bias")];
            case BatchNormLayer:
                return
                [
                    Vector(layer, "gamma", "weight"), Vector(layer, "beta", "bias"),
                    Vector(layer, "moving_mean", "running_mean"), Vector(layer, "moving_variance", "running_var"),
                ];
            default:
                throw Refuse(layer, "only SimpleRNN, LSTM, GRU, Dense, LayerNormalization and BatchNormalization have");
        }
    }

    private List<LayoutPart> Direction(ParameterLayer layer, RecurrentCell cell, string suffix)
    {
        if (cell is LayerNormCell || cell.GateClip != 0
            || cell is LstmCell lstm && (lstm.Peepholes || lstm.CoupledInputForget || lstm.CellClip != 0
                || lstm.ProjectionSize != 0 || lstm.OutputActivation != lstm.CandidateActivation))
        {
            throw Refuse(layer, "its cells have no peepholes, coupled gates, clips, projections or norms, and one activation for g and c");
        }

        int rows = cell.GateCount * cell.HiddenSize;
        float[] ToEngine(float[] values) => GateOrder.Keras.ToEngine(cell, values);
        float[] FromEngine(float[] values) => GateOrder.Keras.FromEngine(cell, values);
        List<LayoutPart> parts =
        [
            Transposed(layer, Kernel + suffix, Cells.ParameterNames.WeightIh + suffix, rows, layer.InputSize, ToEngine, FromEngine),
            Transposed(layer, RecurrentKernel + suffix, Cells.ParameterNames.WeightHh + suffix, rows, cell.HiddenSize, ToEngine, FromEngine),
        ];
        if (cell.Bias)
        {
            string bias = $"{layer.Index}.{Cells.ParameterNames.BiasIh}{suffix}";
            string second = $"{layer.Index}.{Cells.ParameterNames.BiasHh}{suffix}";
            parts.Add(cell is GruCell { ResetAfter: true }
                ? new LayoutPart(
                    Bias + suffix,
                    [2, rows],
                    (tensor, parameters) =>
                    {
                        GateOrder.Keras.ToEngine(cell, tensor.Values[..rows]).CopyTo(parameters[bias]);
                        GateOrder.Keras.ToEngine(cell, tensor.Values[rows..]).CopyTo(parameters[second]);
                    },
                    parameters => [.. GateOrder.Keras.FromEngine(cell, parameters[bias]), .. GateOrder.Keras.FromEngine(cell, parameters[second])])
                : new LayoutPart(
                    Bias + suffix,
                    [rows],
                    (tensor, parameters) => GateOrder.Keras.ToEngine(cell, tensor.Values).CopyTo(parameters[bias]),
                    parameters => GateOrder.Keras.FromEngine(cell, Sum(parameters[bias], parameters[second]))));
        }

        return parts;
    }

    // [columns, rows] there, [rows, columns] here; the gates are among the rows.
    private static LayoutPart Transposed(
        ParameterLayer layer, string name, string ours, int rows, int columns, Func<float[], float[]> toEngine, Func<float[], float[]> fromEngine)
    {
        string parameter = $"{layer.Index}.{ours}";
        return new LayoutPart(
            name,
            [columns, rows],
            (tensor, parameters) => toEngine(Transpose(tensor.Values, columns, rows)).CopyTo(parameters[parameter]),
            parameters => Transpose(fromEngine(parameters[parameter].ToArray()), rows, columns));
    }

    private static LayoutPart Vector(ParameterLayer layer, string name, string ours) =>
        LayoutPart.Same(name, [layer.Definition.OutputSize(layer.InputSize)], $"{layer.Index}.{ours}");

    private static float[] Transpose(ReadOnlySpan<float> values, int rows, int columns)
    {
        float[] transposed = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                transposed[(column * rows) + row] = values[(row * columns) + column];
            }
        }

        return transposed;
    }

    // The engine adds the two biases of a chain before anything else, so that their sum in the first one gives the same bits.
    private static float[] Sum(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        float[] sum = new float[left.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] = left[i] + right[i];
        }

        return sum;
    }

    [GeneratedRegex("^(kernel|recurrent_kernel|bias|gamma|beta|moving_mean|moving_variance)$")]
    private static partial Regex Part();

    [GeneratedRegex("^(lstm|gru|simple_rnn)_cell(_[0-9]+)?$")]
    private static partial Regex CellName();

    [GeneratedRegex("^(forward|backward)_")]
    private static partial Regex DirectionName();

    [GeneratedRegex(":[0-9]+$")]
    private static partial Regex Suffix();

    [GeneratedRegex("[/.]")]
    private static partial Regex Separator();
}
