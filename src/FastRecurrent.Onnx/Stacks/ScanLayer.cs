using FastRecurrent.Onnx.Export;
using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;
using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>
/// The recurrent layer that a Scan of this project's own export computes. The body names its layer; the layer is written again with weights
/// of the same names and shapes, and only where that gives the same body, byte for byte, is it believed.
/// </summary>
/// <param name="Layer">The layer; its directions are not merged yet.</param>
/// <param name="Fill">Copies the weights into the parameters of the layer at an index.</param>
internal sealed record ScanLayer(RecurrentLayer Layer, Action<ParameterSet, int> Fill)
{
    public static ScanLayer? TryRead(PlannedNode node, ScanOperator scan, int opset)
    {
        OnnxTensor x = node.Input(scan.States);
        long[] order;
        GraphProto written;
        ParameterSet parameters;
        try
        {
            RecurrentLayer? named = LayerText.Read(scan.Body.Documentation);
            if (named is null || x.Shape.Length != 3)
            {
                return null;
            }

            ModelDefinition definition = new ModelBuilder(x.Shape[2]).Add(named).Build();
            order = ScanExport.StepOrder(named);

            // Sizes that somebody only claims must not become memory.
            if (definition.ParameterCount > scan.ParameterCount)
            {
                return null;
            }

            parameters = new ParameterSet(definition);
            written = new ScanExport(new GraphBuilder(opset), parameters, named, 0, x.Shape[2]).Body(scan.Body.Name);
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            return null;
        }

        HashSet<string> names = [.. parameters.Names.Select(name => Stored(scan.Body.Name, name))];
        bool isWritten = ModelWriter.Bytes(WithoutWeights(scan.Body, names)).AsSpan().SequenceEqual(ModelWriter.Bytes(WithoutWeights(written, names)))
            && scan.IsTimeMajor && scan.Scanned == order.Length
            && scan.InputIsReverse.AsSpan().SequenceEqual(order.Select(one => one == 1).ToArray())
            && scan.OutputIsReverse.AsSpan().SequenceEqual(scan.InputIsReverse)
            && node.Node.Inputs.AsSpan(scan.States, scan.Scanned).IndexOfAnyExcept(node.Node.Inputs[scan.States]) < 0;
        return isWritten && parameters.Definition.Layers[0] is RecurrentLayer layer
            ? new ScanLayer(layer, (to, index) => Copy(scan.Body, parameters, to, index))
            : null;
    }

    /// <summary>Whether the Scan starts from zeros.</summary>
    public static bool StartsAtZero(PlannedNode node, ScanOperator scan) => Enumerable.Range(0, scan.States)
        .All(state => node.Input(state) is { IsConstant: true } values && !values.FloatArray.AsSpan().ContainsAnyExcept(0));

    /// <summary>A parameter's name in the body: "0.weight_ih" of the body "layer3" is "layer3.weight_ih".</summary>
    private static string Stored(string body, string parameter) => body + parameter[parameter.IndexOf('.', StringComparison.Ordinal)..];

    private static GraphProto WithoutWeights(GraphProto body, HashSet<string> names)
    {
        GraphProto bare = new() { Name = body.Name, Documentation = body.Documentation };
        bare.Nodes.AddRange(body.Nodes);
        bare.Inputs.AddRange(body.Inputs);
        bare.Outputs.AddRange(body.Outputs);
        bare.Initializers.AddRange(body.Initializers.Select(tensor => names.Contains(tensor.Name) ? tensor with { Raw = default(ReadOnlyMemory<byte>) } : tensor));
        return bare;
    }

    private static void Copy(GraphProto body, ParameterSet own, ParameterSet to, int index)
    {
        Dictionary<string, TensorProto> stored = body.Initializers.ToDictionary(tensor => tensor.Name);
        foreach (string parameter in own.Names)
        {
            float[] values = TensorDecoder.Decode(stored[Stored(body.Name, parameter)], parameter).FloatArray;
            string name = parameter[(parameter.IndexOf('.', StringComparison.Ordinal) + 1)..];
            (int rows, int columns) = own.Shape(parameter);
            float[] engine = ScanExport.IsTransposed(name) ? MatMulOperator.Dense(values, columns, rows) : values;
            engine.CopyTo(to[$"{index}.{name}"]);
        }
    }
}
