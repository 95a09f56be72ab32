namespace FastRecurrent;

/// <summary>What a model file may ask for at most. The defaults hold any model that this engine is for; lower them for files of strangers.</summary>
public sealed record OnnxOptions
{
    /// <summary>The most bytes that a file may have. Default 2 GiB, which is also what the format allows.</summary>
    public long MaxFileBytes { get; init; } = 2L << 30;

    /// <summary>The most tensors that a file may hold. Default 65,536.</summary>
    public int MaxTensors { get; init; } = 65_536;

    /// <summary>The deepest nesting of messages. Default 64.</summary>
    public int MaxDepth { get; init; } = 64;

    /// <summary>
    /// The most values that the model's own calculations may make, beside those that the file holds: constants worked out
    /// while loading, and the buffers of one runner. Default 2^28, which is 1 GiB of 32-bit floats.
    /// </summary>
    public long MaxValues { get; init; } = 1L << 28;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFileBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTensors, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDepth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxValues, 0);
    }
}
