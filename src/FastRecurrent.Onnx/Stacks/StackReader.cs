using System.Collections.Immutable;
using FastRecurrent.Onnx.Graphs;
using FastRecurrent.Onnx.Operators;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>
/// Finds the stack of layers in a graph. The graph is planned for example shapes, so that whatever exporters compute from
/// shapes (initial states, new shapes) is a constant; what is left is traced from the output and read as layers. Where sizes
/// are free, a second example tells what is a rule from what only fits the first.
/// </summary>
internal static class StackReader
{
    // Steps and rows that are no likely layer size, and differ.
    private static readonly int[] FirstExample = [5, 7];
    private static readonly int[] SecondExample = [11, 3];

    public static OnnxStack Read(Graph graph, string output)
    {
        (string input, StackBuilder stack) = Read(graph, output, FirstExample);
        bool isFree = graph.Inputs.Any(candidate => Declared(candidate).Any(axis => axis.Size is null));
        return !isFree || Read(graph, output, SecondExample).Stack.HasLayersOf(stack)
            ? stack.Build(input, output)
            : throw new ModelFormatException("The graph is another chain of layers for other numbers of steps or rows; it runs as a graph, but is no stack.");
    }

    private static (string Input, StackBuilder Stack) Read(Graph graph, string output, int[] example)
    {
        Dictionary<string, int> named = [];
        Plan plan = graph.Plan(input => Shape(input, example, named));
        (string name, List<Link> links) = Chain.Trace(graph, plan, output);
        OnnxTensor input = plan[name];
        if (!input.IsFloat || input.Shape.Length is < 2 or > 3)
        {
            throw new ModelFormatException($"Input '{name}' is {input}; a stack of layers takes floats [steps, rows, features] or [rows, features].");
        }

        // Two axes are rows of vectors, unless a recurrent node comes before anything makes steps of them: then one row's steps.
        Operator? first = links.SelectMany(link => link.Fork is { } fork ? fork.First : [link]).Select(link => link.Node.Operator)
            .FirstOrDefault(one => one is RecurrentOperator or ScanOperator or ExpandOperator or TileOperator);
        bool isVector = input.Shape.Length == 2 && first is not (RecurrentOperator or ScanOperator);
        StackBuilder builder = new(input, graph.Opset, isVector, hasRecurrence: first is not null);
        links.ForEach(builder.Add);
        builder.RequireOutput(output);
        return (name, builder);
    }

    /// <summary>The declared sizes, with the example's where they are free; axes of one name have one size.</summary>
    private static int[] Shape(OnnxValue input, int[] example, Dictionary<string, int> named)
    {
        ImmutableArray<OnnxDimension> declared = Declared(input);
        int[] shape = new int[declared.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            if (declared[i].Size is { } size)
            {
                shape[i] = size;
                continue;
            }

            // The states of a recurrent layer are [layers, rows, features], so that the rows of unnamed axes agree where they are second;
            // lengths are [rows]. Integers are no features.
            int free = shape.Length == 1 ? example[1]
                : i < example.Length && (i < shape.Length - 1 || input.Type != OnnxElementType.Float32) ? example[i]
                : throw new ModelFormatException($"The number of features of input {input} is not fixed; a stack of layers needs it.");
            shape[i] = declared[i].Name.Length == 0 ? free : named.TryGetValue(declared[i].Name, out int known) ? known : named[declared[i].Name] = free;
        }

        return shape;
    }

    private static ImmutableArray<OnnxDimension> Declared(OnnxValue input) =>
        input.Shape ?? throw new ModelFormatException($"The shape of input {input} is not declared; a stack of layers needs its number of features.");
}
