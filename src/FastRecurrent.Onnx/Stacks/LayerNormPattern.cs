using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>
/// Layer normalization as exporters write it below operator set 17: d = x - mean(x); y = d / sqrt(mean(d^2) + epsilon) * scale +
/// bias, over the last axis.
/// </summary>
/// <param name="Input">x.</param>
/// <param name="Epsilon">The constant added to the variance.</param>
/// <param name="Scale">[F].</param>
/// <param name="Bias">[F].</param>
internal sealed record LayerNormPattern(string Input, float Epsilon, float[] Scale, float[] Bias)
{
    /// <summary>The pattern that ends in a node, or null.</summary>
    public static LayerNormPattern? TryMatch(PlannedNode end, Dictionary<string, (PlannedNode Node, int Output)> makers)
    {
        // y = scaled + bias, scaled = ratio * scale, ratio = d / root
        return Constant(end, "Add") is { } added && Maker(makers, added.Other) is { } scaling
            && Constant(scaling, "Mul") is { } scaled && Maker(makers, scaled.Other) is { Node.OpType: "Div" } division
            && Maker(makers, division.Node.Inputs[0]) is { Node.OpType: "Sub" } difference
            && Maker(makers, division.Node.Inputs[1]) is { Node.OpType: "Sqrt" } root
            && Maker(makers, root.Node.Inputs[0]) is { } shifted && Constant(shifted, "Add") is { Value.Count: 1 } epsilon
            && Mean(makers, epsilon.Other) is { } variance && IsSquare(Maker(makers, variance), division.Node.Inputs[0])
            && Mean(makers, difference.Node.Inputs[1]) == difference.Node.Inputs[0]
            && difference.Input(0).Shape[^1] is var size && scaled.Value.Count == size && added.Value.Count == size
                ? new LayerNormPattern(difference.Node.Inputs[0], epsilon.Value.FloatArray[0], scaled.Value.FloatArray, added.Value.FloatArray)
                : null;
    }

    /// <summary>A node of two inputs, one of them constant, and the name of the other one.</summary>
    private static (OnnxTensor Value, string Other)? Constant(PlannedNode node, string operation) =>
        node.Node.OpType != operation || !node.Input(0).IsFloat ? null
        : node.Input(1).IsConstant ? (node.Input(1), node.Node.Inputs[0])
        : node.Input(0).IsConstant ? (node.Input(0), node.Node.Inputs[1])
        : null;

    private static PlannedNode? Maker(Dictionary<string, (PlannedNode Node, int Output)> makers, string name) =>
        makers.TryGetValue(name, out (PlannedNode Node, int Output) maker) ? maker.Node : null;

    /// <summary>What the named value is the mean of, over the last axis, or null.</summary>
    private static string? Mean(Dictionary<string, (PlannedNode Node, int Output)> makers, string name) =>
        Maker(makers, name) is { Operator: ReduceOperator { Kind: ReduceKind.Mean } reduce } node
        && reduce.AxesOf(node) is [var axis] && axis == node.Input(0).Shape.Length - 1 && node.Outputs[0]!.Shape.Length == node.Input(0).Shape.Length
            ? node.Node.Inputs[0]
            : null;

    private static bool IsSquare(PlannedNode? node, string of) => node is not null && node.Node.Inputs[0] == of && node.Node.OpType switch
    {
        "Mul" => node.Node.Inputs[1] == of,
        "Pow" => node.Input(1) is { IsConstant: true, IsFloat: true, Count: 1 } power && power.FloatArray[0] == 2,
        _ => false,
    };
}
