using FastRecurrent.Onnx.Graphs;

namespace FastRecurrent.Onnx.Stacks;

/// <summary>What an axis of the value between two layers means.</summary>
internal enum Meaning
{
    /// <summary>The first axis of the graph's input: time or batch, which the first recurrent node shows.</summary>
    First,

    /// <summary>The second axis of an input of three.</summary>
    Second,

    /// <summary>The features of a step.</summary>
    Features,

    /// <summary>The two directions of a bidirectional node.</summary>
    Directions,

    /// <summary>The steps of a repeated vector.</summary>
    Repeats,
}

/// <summary>An axis with its size; several may make up one axis of a tensor.</summary>
internal readonly record struct Part(Meaning Meaning, int Size);

/// <summary>
/// The value that the chain has come to, as an arrangement of axes whose meaning is known: transposing, reshaping and squeezing
/// change the arrangement and nothing else. Axes of size 1 may be anywhere; they never tell anything apart.
/// </summary>
internal sealed class Cursor
{
    private List<Part[]> _axes;

    public Cursor(IEnumerable<Part[]> axes) => _axes = [.. axes];

    /// <summary>The parts of each axis that matter.</summary>
    public Meaning[] this[int axis] => [.. _axes[axis].Where(part => part.Size > 1).Select(part => part.Meaning)];

    public int Rank => _axes.Count;

    /// <summary>The order of all parts that matter.</summary>
    public Meaning[] Order => [.. _axes.SelectMany(axis => axis).Where(part => part.Size > 1).Select(part => part.Meaning)];

    public int SizeOf(Meaning meaning) => _axes.SelectMany(axis => axis).Where(part => part.Meaning == meaning).Select(part => part.Size).FirstOrDefault(1);

    public void Set(IEnumerable<Part[]> axes) => _axes = [.. axes];

    public Part[] Parts(int axis) => _axes[axis];

    public void Permute(int[] order) => _axes = [.. order.Select(axis => _axes[axis])];

    /// <summary>Takes one index of an axis: its parts vanish, and the axis too unless it stays with size 1.</summary>
    public void Pick(int axis, bool keepsAxis)
    {
        if (keepsAxis)
        {
            _axes[axis] = [];
        }
        else
        {
            _axes.RemoveAt(axis);
        }
    }

    /// <summary>Whether another value has the same axes in the same order, whatever the number of its features.</summary>
    public bool IsArrangedAs(Cursor other) => Rank == other.Rank
        && Enumerable.Range(0, Rank).All(axis => this[axis].Where(IsNoFeature).SequenceEqual(other[axis].Where(IsNoFeature)));

    /// <summary>Whether the features, and nothing else, are the last axis.</summary>
    public bool EndsInFeatures() => Rank > 0 && (this[Rank - 1] is [Meaning.Features] || (this[Rank - 1] is [] && !Order.Contains(Meaning.Features)));

    /// <summary>
    /// Arranges the same values under another shape; false where an axis would be cut. Directions before features in one axis are
    /// features from then on.
    /// </summary>
    public bool TryReshape(ReadOnlySpan<int> shape)
    {
        Queue<Part> parts = new(_axes.SelectMany(axis => axis));
        List<Part[]> axes = [];
        foreach (int size in shape)
        {
            List<Part> axis = [];
            int product = 1;
            while (parts.TryPeek(out Part next) && (product < size || (size == 1 && axis.Count == 0 && next.Size == 1)))
            {
                axis.Add(parts.Dequeue());
                product *= next.Size;
            }

            if (product != size)
            {
                return false;
            }

            axes.Add([.. axis]);
        }

        if (parts.Any(part => part.Size > 1))
        {
            return false;
        }

        if (axes.Count > 0)
        {
            axes[^1] = [.. axes[^1], .. parts];
        }

        _axes = [.. axes.Select(WithoutDirections)];
        return true;
    }

    // Features of size 1 do not tell.
    private static bool IsNoFeature(Meaning meaning) => meaning != Meaning.Features;

    private static Part[] WithoutDirections(Part[] axis)
    {
        Part[] telling = [.. axis.Where(part => part.Size > 1 || part.Meaning == Meaning.Features)];
        return telling is [{ Meaning: Meaning.Directions } directions, { Meaning: Meaning.Features } features]
            ? [new(Meaning.Features, directions.Size * features.Size)]
            : axis;
    }

    public override string ToString() => Shapes.Text([.. _axes.Select(axis => axis.Aggregate(1, (product, part) => product * part.Size))]);
}
