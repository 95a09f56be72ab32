namespace FastRecurrent.Onnx.Export;

/// <summary>Functions of a tensor as nodes: activations and layer normalization.</summary>
internal static class Functions
{
    public static string Activation(GraphBuilder graph, string x, Activation function)
    {
        (float alpha, float beta) = (function.Alpha, function.Beta);
        string name = function.Kind.ToString();
        return function.Kind switch
        {
            ActivationKind.Affine => Plus(graph, Times(graph, x, alpha), beta),
            ActivationKind.ScaledTanh => graph.Multiply(graph.Node("Tanh", [graph.Multiply(x, graph.Float(beta))]), graph.Float(alpha)),
            ActivationKind.HardSigmoid => graph.Node(name, [x], Attribute.Float("alpha", alpha), Attribute.Float("beta", beta)),
            ActivationKind.LeakyRelu or ActivationKind.ThresholdedRelu or ActivationKind.Elu => graph.Node(name, [x], Attribute.Float("alpha", alpha)),
            _ => graph.Node(name, [x]),
        };
    }

    /// <summary>Over the last axis: one node from operator set 17 on, its parts before.</summary>
    public static string LayerNorm(GraphBuilder graph, string x, string scale, string bias, float epsilon)
    {
        if (graph.Opset >= 17)
        {
            return graph.Node("LayerNormalization", [x, scale, bias], Attribute.Int("axis", -1), Attribute.Float("epsilon", epsilon));
        }

        string difference = graph.Node("Sub", [x, graph.Reduce("ReduceMean", x, -1, keepsAxis: true)]);
        string variance = graph.Reduce("ReduceMean", graph.Multiply(difference, difference), -1, keepsAxis: true);
        string root = graph.Node("Sqrt", [graph.Add(variance, graph.Float(epsilon))]);
        return graph.Add(graph.Multiply(graph.Node("Div", [difference, root]), scale), bias);
    }

    private static string Times(GraphBuilder graph, string x, float factor) => factor == 1 ? x : graph.Multiply(x, graph.Float(factor));

    private static string Plus(GraphBuilder graph, string x, float added) => added == 0 ? x : graph.Add(x, graph.Float(added));
}
