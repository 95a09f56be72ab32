using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Operators;

/// <summary>exp(x_i) / sum exp(x_j) along an axis; up to operator set 12 along all axes from one on, taken together.</summary>
internal sealed class SoftmaxOperator(OperatorSource source) : Operator
{
    private readonly bool _flattens = source.Opset < 13;
    private readonly long _axis = source.Attributes.Int("axis", source.Opset < 13 ? 1 : -1);

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0);
        int axis = AxisOf(node);
        int inner = _flattens ? 1 : Shapes.Product(x.Shape.AsSpan()[(axis + 1)..]);
        int size = _flattens ? Shapes.Product(x.Shape.AsSpan()[axis..]) : x.Shape[axis];
        (float[] from, float[] to) = (x.FloatArray, node.Output(0, OnnxElementType.Float32, [.. x.Shape]).FloatArray);
        node.Run(() =>
        {
            for (int start = 0; start < to.Length; start += size * inner)
            {
                for (int i = 0; i < inner; i++)
                {
                    Row(from, to, start + i, size, inner);
                }
            }
        });
    }

    /// <summary>Whether the values of the last axis, and no others, are taken together.</summary>
    public bool IsOverFeatures(PlannedNode node) => AxisOf(node) == node.Input(0).Shape.Length - 1;

    private int AxisOf(PlannedNode node) => Axis(_axis, Math.Max(1, node.Input(0).Shape.Length), node.Node);

    private static void Row(float[] from, float[] to, int start, int size, int stride)
    {
        float max = float.NegativeInfinity;
        for (int i = 0; i < size; i++)
        {
            max = MathF.Max(max, from[start + (i * stride)]);
        }

        double sum = 0;
        for (int i = 0; i < size; i++)
        {
            sum += Math.Exp((double)from[start + (i * stride)] - max);
        }

        for (int i = 0; i < size; i++)
        {
            to[start + (i * stride)] = (float)(Math.Exp((double)from[start + (i * stride)] - max) / sum);
        }
    }
}

/// <summary>(x - mean) / sqrt(variance + epsilon) * scale + bias over all axes from one on.</summary>
internal sealed class LayerNormOperator : Operator
{
    private readonly long _axis;

    public LayerNormOperator(OperatorSource source)
    {
        if (source.Opset < 17)
        {
            throw source.Node.Refuse("the operator exists from operator set 17 on.");
        }

        _axis = source.Attributes.Int("axis", -1);
        Epsilon = source.Attributes.Float("epsilon", 1e-5f);
        if (source.Attributes.Int("stash_type", 1) != 1)
        {
            throw source.Node.RefuseAttribute("stash_type", "is not 1 (float).");
        }
    }

    public float Epsilon { get; }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0), scale = node.FloatInput(1);
        OnnxTensor? bias = node.Optional(2) is null ? null : node.FloatInput(2);
        int size = Shapes.Product(x.Shape.AsSpan()[Axis(_axis, x.Shape.Length, node.Node)..]);
        if (node.Wants(1) || node.Wants(2))
        {
            throw node.Node.Refuse("the outputs Mean and InvStdDev are not computed here.");
        }

        if (scale.Count != size || (bias is not null && bias.Count != size))
        {
            throw node.Node.Refuse($"scale and bias are {scale} and {bias?.ToString() ?? "none"}; wanted {size} values each.");
        }

        (float[] from, float[] to) = (x.FloatArray, node.Output(0, OnnxElementType.Float32, [.. x.Shape]).FloatArray);
        node.Run(() =>
        {
            for (int start = 0; start < to.Length; start += size)
            {
                Row(from.AsSpan(start, size), to.AsSpan(start, size), scale.FloatArray, bias?.FloatArray ?? []);
            }
        });
    }

    public bool IsOverFeatures(PlannedNode node) => Axis(_axis, node.Input(0).Shape.Length, node.Node) == node.Input(0).Shape.Length - 1;

    private void Row(ReadOnlySpan<float> x, Span<float> y, ReadOnlySpan<float> scale, ReadOnlySpan<float> bias)
    {
        (double mean, double variance) = (0, 0);
        foreach (float value in x)
        {
            mean += value;
        }

        mean /= x.Length;
        foreach (float value in x)
        {
            variance += (value - mean) * (value - mean);
        }

        double factor = 1 / Math.Sqrt((variance / x.Length) + Epsilon);
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = (float)(((x[i] - mean) * factor * scale[i]) + (bias.IsEmpty ? 0 : bias[i]));
        }
    }
}

/// <summary>(x - mean) / sqrt(variance + epsilon) * scale + bias for each index of axis 1, with stored means and variances.</summary>
internal sealed class BatchNormOperator : Operator
{
    public BatchNormOperator(OperatorSource source)
    {
        Epsilon = source.Attributes.Float("epsilon", 1e-5f);
        source.Attributes.Float("momentum", 0);
        bool trains = source.Opset >= 14 ? source.Attributes.Flag("training_mode", false) : source.Opset < 7 && !source.Attributes.Flag("is_test", false);
        bool isPerFeature = source.Opset >= 9 || source.Attributes.Flag("spatial", true);
        if (source.Opset < 6)
        {
            source.Attributes.Ints("consumed_inputs");
        }

        if (trains || !isPerFeature)
        {
            throw source.Node.RefuseAttribute(
                trains ? source.Opset >= 14 ? "training_mode" : "is_test" : "spatial",
                trains ? "asks for the statistics of the batch; export the model for inference." : "is 0; only statistics of a whole channel are known here.");
        }
    }

    public float Epsilon { get; }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0);
        if (Enumerable.Range(1, 4).Any(node.Wants))
        {
            throw node.Node.Refuse("outputs beside the first one belong to training.");
        }

        if (x.Shape.Length < 2)
        {
            throw node.Node.Refuse($"input 0 is {x}; wanted at least two axes.");
        }

        (int channels, int inner) = (x.Shape[1], Shapes.Product(x.Shape.AsSpan()[2..]));
        float[][] parameters = [.. Enumerable.Range(1, 4).Select(index => node.FloatInput(index).FloatArray)];
        if (parameters.Any(values => values.Length != channels))
        {
            throw node.Node.Refuse($"scale, bias, mean and variance have {string.Join(", ", parameters.Select(values => values.Length))} values; "
                + $"wanted {channels} each.");
        }

        (float[] from, float[] to) = (x.FloatArray, node.Output(0, OnnxElementType.Float32, [.. x.Shape]).FloatArray);
        node.Run(() =>
        {
            for (int i = 0; i < to.Length; i++)
            {
                int channel = i / inner % channels;
                double factor = parameters[0][channel] / Math.Sqrt((double)parameters[3][channel] + Epsilon);
                to[i] = (float)(((from[i] - (double)parameters[2][channel]) * factor) + parameters[1][channel]);
            }
        });
    }
}

/// <summary>At inference the input itself; the mask, where somebody wants it, keeps everything.</summary>
internal sealed class DropoutOperator : Operator
{
    private readonly OnnxElementType _mask;

    public DropoutOperator(OperatorSource source)
    {
        source.Attributes.Float("ratio", 0.5f);
        source.Attributes.Int("seed", 0);
        if (source.Opset < 6)
        {
            source.Attributes.Ints("consumed_inputs");
        }

        if (source.Opset < 7 && !source.Attributes.Flag("is_test", false))
        {
            throw source.Node.RefuseAttribute("is_test", "is 0: the model is in training mode; export it for inference.");
        }

        _mask = source.Opset < 10 ? OnnxElementType.Float32 : OnnxElementType.Bool;
    }

    public override void Plan(PlannedNode node)
    {
        OnnxTensor x = node.FloatInput(0);
        if (node.Optional(2) is not null && node.Integers(2, "training_mode") is not [0])
        {
            throw node.Node.Refuse("input 2 (training_mode) is not false; export the model for inference.");
        }

        node.Alias(0, x);
        if (node.Wants(1))
        {
            OnnxTensor mask = node.Output(1, _mask, [.. x.Shape]);
            if (mask.IsFloat)
            {
                mask.Floats.Fill(1);
            }
            else
            {
                mask.Integers.Fill(1);
            }
        }
    }
}
