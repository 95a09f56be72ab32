using System.Collections.Immutable;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// The Euclidean norms of the gradients of one step, before clipping, layer by layer: what makes vanishing and exploding
/// gradients visible.
/// </summary>
public sealed class GradientReport
{
    internal GradientReport(int layers, ReadOnlySpan<ParameterBlock> blocks, ReadOnlySpan<double> squaredNorms)
    {
        double[] squares = new double[layers];
        double total = 0;
        for (int i = 0; i < blocks.Length; i++)
        {
            squares[blocks[i].Layer] += squaredNorms[i];
            total += squaredNorms[i];
        }

        GlobalNorm = Math.Sqrt(total);
        LayerNorms = [.. squares.Select(Math.Sqrt)];
    }

    /// <summary>The norm over all parameters.</summary>
    public double GlobalNorm { get; }

    /// <summary>One norm a layer of the model's definition; 0 for a layer without parameters.</summary>
    public ImmutableArray<double> LayerNorms { get; }

    /// <summary>Whether every gradient was finite.</summary>
    public bool IsFinite => double.IsFinite(GlobalNorm);

    /// <summary>The layers whose gradients were not finite.</summary>
    public IEnumerable<int> NonFiniteLayers => Enumerable.Range(0, LayerNorms.Length).Where(layer => !double.IsFinite(LayerNorms[layer]));
}
