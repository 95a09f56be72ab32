using System.Collections.Immutable;
using System.Globalization;

namespace FastRecurrent;

/// <summary>One axis of a declared input or output.</summary>
/// <param name="Size">Its size, or null where any size is taken.</param>
/// <param name="Name">The name that the file gives an axis of any size, perhaps empty.</param>
public readonly record struct OnnxDimension(int? Size, string Name)
{
    /// <summary>The size, else the name, else <c>?</c>.</summary>
    public override string ToString() => Size?.ToString(CultureInfo.InvariantCulture) ?? (Name.Length > 0 ? Name : "?");
}

/// <summary>An input or output as the model declares it.</summary>
/// <param name="Name">The graph's own name for it.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Shape">Its axes, or null where the model does not say how many there are.</param>
public sealed record OnnxValue(string Name, OnnxElementType Type, ImmutableArray<OnnxDimension>? Shape)
{
    /// <summary>As in <c>x: Float32 [time, batch, 3]</c>.</summary>
    public override string ToString() => $"{Name}: {Type} {(Shape is { } shape ? $"[{string.Join(", ", shape)}]" : "of any shape")}";
}
