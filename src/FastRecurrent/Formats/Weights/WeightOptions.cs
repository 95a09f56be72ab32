namespace FastRecurrent;

/// <summary>How another library's weights are found in a file, or named when they are written.</summary>
public sealed record WeightOptions
{
    /// <summary>
    /// The module of each layer that has parameters, in the network's order, for example <c>["lstm", "lstm", "fc"]</c> for a
    /// two-layer stack and a head. Null, the default: found by names and shapes, which must leave one way only; written under
    /// the layer's index.
    /// </summary>
    public IReadOnlyList<string>? Modules { get; init; }

    /// <summary>Only tensors whose names begin so are read, and the rest of the name counts; default empty, for all of them.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What the file may ask for.</summary>
    public ImportLimits Limits { get; init; } = ImportLimits.Default;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Prefix);
        ArgumentNullException.ThrowIfNull(Limits);
        Limits.Validate();
    }
}
