namespace FastRecurrent;

/// <summary>
/// What a file may ask for at most. A reader checks every size against the file and these limits before it allocates, so a
/// hostile file costs no more memory than a few times its own length.
/// </summary>
public sealed record ImportLimits
{
    /// <summary>The limits that apply where none are given.</summary>
    public static ImportLimits Default { get; } = new();

    /// <summary>Bytes of the whole file, default 2 GiB.</summary>
    public long FileBytes { get; init; } = 1L << 31;

    /// <summary>Bytes of a safetensors header, default 16 MiB.</summary>
    public int HeaderBytes { get; init; } = 1 << 24;

    /// <summary>Bytes of a model that is JSON as a whole (RTNeural, Neural Amp Modeler, GuitarML), default 64 MiB.</summary>
    public int JsonBytes { get; init; } = 1 << 26;

    /// <summary>Nested objects and arrays of JSON, default 8.</summary>
    public int JsonDepth { get; init; } = 8;

    /// <summary>Nested messages of protobuf (ONNX), default 64.</summary>
    public int ProtobufDepth { get; init; } = 64;

    /// <summary>Tensors in a file, default 65,536.</summary>
    public int Tensors { get; init; } = 1 << 16;

    /// <summary>Axes of a tensor, default 8.</summary>
    public int Rank { get; init; } = 8;

    /// <summary>Layers of a network, default 1,024.</summary>
    public int Layers { get; init; } = 1 << 10;

    /// <summary>Throws where a limit is below 1.</summary>
    internal void Validate()
    {
        RequirePositive(FileBytes, nameof(FileBytes));
        RequirePositive(HeaderBytes, nameof(HeaderBytes));
        RequirePositive(JsonBytes, nameof(JsonBytes));
        RequirePositive(JsonDepth, nameof(JsonDepth));
        RequirePositive(ProtobufDepth, nameof(ProtobufDepth));
        RequirePositive(Tensors, nameof(Tensors));
        RequirePositive(Rank, nameof(Rank));
        RequirePositive(Layers, nameof(Layers));
    }

    private static void RequirePositive(long value, string name)
    {
        if (value < 1)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1.");
        }
    }
}
