namespace FastRecurrent.Onnx.Graphs;

/// <summary>The caller's shapes against the declared ones.</summary>
internal static class InputShapes
{
    public static Dictionary<string, int[]> Checked(Graph graph, IReadOnlyDictionary<string, int[]>? given)
    {
        foreach (string name in given?.Keys ?? [])
        {
            if (!graph.Inputs.Any(input => input.Name == name))
            {
                throw new ArgumentException($"There is no input '{name}'; the model wants {string.Join("; ", graph.Inputs)}.", nameof(given));
            }
        }

        return graph.Inputs.ToDictionary(input => input.Name, input => given?.GetValueOrDefault(input.Name) is { } shape ? Fitting(input, shape) : Fixed(input));
    }

    private static int[] Fitting(OnnxValue input, int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        bool fits = input.Shape is not { } declared
            || (declared.Length == shape.Length && !declared.Where((axis, index) => axis.Size is { } size && size != shape[index]).Any());
        return fits && Shapes.Count(shape) is not null
            ? [.. shape]
            : throw new ArgumentException($"The shape {Shapes.Text(shape)} is none of input {input}.", nameof(shape));
    }

    private static int[] Fixed(OnnxValue input) => input.Shape is { } declared && declared.All(axis => axis.Size is not null)
        ? [.. declared.Select(axis => axis.Size!.Value)]
        : throw new ArgumentException($"The shape of input {input} must be given: the model does not fix it.", nameof(input));
}
