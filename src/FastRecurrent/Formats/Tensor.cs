using System.Collections.Immutable;

namespace FastRecurrent;

/// <summary>A float tensor, row-major: what files hold under a name.</summary>
public sealed class Tensor
{
    private readonly float[] _values;

    /// <summary>Takes over the values; the array must not be changed afterwards.</summary>
    /// <param name="shape">The axes, outermost first; none for a single value.</param>
    /// <param name="values">As many as the product of the axes.</param>
    /// <exception cref="ArgumentException">An axis is negative, or the number of values is not the product of the axes.</exception>
    public Tensor(ReadOnlySpan<int> shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        long wanted = 1;
        foreach (int axis in shape)
        {
            if (axis < 0)
            {
                throw new ArgumentException($"An axis is {axis}; wanted 0 or more.", nameof(shape));
            }

            wanted = Math.Min(wanted * axis, long.MaxValue / int.MaxValue);
        }

        if (wanted != values.Length)
        {
            throw new ArgumentException($"There are {values.Length} values for the shape [{string.Join(", ", shape.ToArray())}].", nameof(values));
        }

        Shape = [.. shape];
        _values = values;
    }

    /// <summary>The axes, outermost first.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>All values, row-major.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", Shape)}]";

    internal ReadOnlyMemory<float> Memory => _values;
}
