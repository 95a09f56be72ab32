using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Export;

/// <summary>From a stack of layers to a graph: x [T, N, I] or [N, I] to y [T, N, O] or [N, O].</summary>
internal static class ModelExport
{
    private const string Time = "time";
    private const string Batch = "batch";

    public static ModelProto Create(ModelDefinition definition, ParameterSet parameters, int opset, IReadOnlyDictionary<string, string> metadata)
    {
        GraphBuilder graph = new(opset);
        string value = "x";
        bool isVector = definition.InputIsVector;
        graph.Graph.Inputs.Add(Declare(value, isVector, Time, definition.InputSize));
        int size = definition.InputSize;
        for (int i = 0; i < definition.Layers.Length; i++)
        {
            LayerDefinition layer = definition.Layers[i];
            LayerDefinition? next = i + 1 < definition.Layers.Length ? definition.Layers[i + 1] : null;
            value = layer switch
            {
                RecurrentLayer recurrent => new RecurrentExport(graph, parameters, recurrent, i, size).Write(value, next is FinalStateLayer),
                DenseLayer dense => Dense(graph, parameters, dense, i, size, value),
                SoftmaxLayer => graph.Node("Softmax", [value], Attribute.Int("axis", -1)),
                LayerNormLayer norm => Functions.LayerNorm(graph, value, Stored(i, "weight"), Stored(i, "bias"), norm.Epsilon),
                BatchNormLayer norm => BatchNorm(graph, parameters, norm, i, size, value, isVector),
                LastStepLayer => graph.Node("Gather", [value, graph.Integer(-1)], Attribute.Int("axis", 0)),
                FinalStateLayer or DropoutLayer => value,
                RepeatVectorLayer repeat => graph.Node("Expand", [graph.Node("Unsqueeze", [value, graph.Integers(0)]), graph.Integers(repeat.Steps, 1, 1)]),
                _ => throw new ArgumentException($"Layer {i} ({layer.GetType().Name}) cannot be written as ONNX.", nameof(definition)),
            };
            size = layer.OutputSize(size);
            isVector = layer is LastStepLayer or FinalStateLayer || (isVector && layer is not RepeatVectorLayer);
        }

        // The steps of the output are those of the input, unless a vector was repeated.
        graph.Node("Identity", [value]);
        graph.Graph.Nodes[^1].Outputs[0] = "y";
        int? steps = definition.Layers.OfType<RepeatVectorLayer>().LastOrDefault()?.Steps;
        graph.Graph.Outputs.Add(Declare("y", isVector, steps is null ? Time : null, size, steps));
        ModelProto model = new() { IrVersion = opset >= 22 ? 10 : 7, Producer = "FastRecurrent", Graph = graph.Graph };
        model.Opsets.Add(("", opset));
        model.Metadata.AddRange(metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value)));
        return model;

        string Stored(int layer, string name) => graph.Floats($"{layer}.{name}", parameters[$"{layer}.{name}"], size);
    }

    private static ValueInfoProto Declare(string name, bool isVector, string? time, int size, long? steps = null) => new()
    {
        Name = name,
        Type = TensorDataType.Float,
        IsTensor = true,
        Shape = isVector ? [(null, Batch), (size, "")] : [(steps, time ?? ""), (null, Batch), (size, "")],
    };

    private static string Dense(GraphBuilder graph, ParameterSet parameters, DenseLayer dense, int index, int size, string x)
    {
        float[] weight = MatMulOperator.Dense(parameters[$"{index}.weight"].ToArray(), dense.Size, size);
        string y = graph.Node("MatMul", [x, graph.Floats($"{index}.weight", weight, size, dense.Size)]);
        y = dense.Bias ? graph.Add(y, graph.Floats($"{index}.bias", parameters[$"{index}.bias"], dense.Size)) : y;
        return Functions.Activation(graph, y, dense.Activation);
    }

    /// <summary>The operator wants the features on axis 1.</summary>
    private static string BatchNorm(GraphBuilder graph, ParameterSet parameters, BatchNormLayer norm, int index, int size, string x, bool isVector)
    {
        string[] names = ["weight", "bias", "running_mean", "running_var"];
        string[] stored = [.. names.Select(name => graph.Floats($"{index}.{name}", parameters[$"{index}.{name}"], size))];
        string y = graph.Node("BatchNormalization", [isVector ? x : graph.Transpose(x, 0, 2, 1), .. stored], Attribute.Float("epsilon", norm.Epsilon));
        return isVector ? y : graph.Transpose(y, 0, 2, 1);
    }
}
