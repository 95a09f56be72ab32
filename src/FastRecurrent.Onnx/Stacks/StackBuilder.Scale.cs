using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>Features times and plus constants: scalers, and batch normalization as exporters of Keras fold it.</summary>
internal sealed partial class StackBuilder
{
    // Variance and epsilon add up to 1 exactly.
    private const float ScaleEpsilon = 1f / (1 << 17);

    // The last layer's arrays, where it is such a scale: what follows goes into them.
    private (int Layer, float[] Weight, float[] Bias)? _scale;

    /// <summary>x + c, x - c, c - x, x c or x / c, c one value or one for each feature.</summary>
    private void AddScale(PlannedNode node, OnnxTensor constant)
    {
        RequireFeaturesLast(node);
        int features = _cursor.Parts(_cursor.Rank - 1).Aggregate(1, (product, part) => product * part.Size);
        bool isVector = constant is { IsConstant: true, IsFloat: true } && (constant.Count == 1 || (constant.Count == features && constant.Shape[^1] == features));
        bool isFirst = node.Input(0) == constant;
        if (!isVector || node.Node.OpType is not ("Add" or "Sub" or "Mul" or "Div") || (isFirst && node.Node.OpType == "Div"))
        {
            throw Refuse(node, "it follows no dense layer that could take it in, and is no scale of the features.");
        }

        if (_scale is not { } scale || scale.Layer != _layers.Count - 1)
        {
            float[] weight = [.. Enumerable.Repeat(1f, features)], bias = new float[features];
            AddLayer(new BatchNormLayer(ScaleEpsilon), Fill(
                ("weight", weight), ("bias", bias), ("running_mean", new float[features]), ("running_var", [.. Enumerable.Repeat(1 - ScaleEpsilon, features)])));
            scale = (_layers.Count - 1, weight, bias);
            _scale = scale;
        }

        for (int i = 0; i < features; i++)
        {
            float c = constant.FloatArray[constant.Count == 1 ? 0 : i];
            (scale.Weight[i], scale.Bias[i]) = node.Node.OpType switch
            {
                "Add" => (scale.Weight[i], scale.Bias[i] + c),
                "Sub" => isFirst ? (-scale.Weight[i], c - scale.Bias[i]) : (scale.Weight[i], scale.Bias[i] - c),
                "Mul" => (scale.Weight[i] * c, scale.Bias[i] * c),
                _ => (scale.Weight[i] / c, scale.Bias[i] / c),
            };
        }

        Reshape(node);
    }
}
