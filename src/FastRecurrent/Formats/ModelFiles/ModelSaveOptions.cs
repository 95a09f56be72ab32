using System.Collections.Immutable;
using FastRecurrent.Formats;

namespace FastRecurrent;

/// <summary>What is saved beside a model.</summary>
public sealed record ModelSaveOptions
{
    /// <summary>Text by name, for example scalers as JSON. Names that begin with <c>fastrecurrent.</c> are reserved.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Tensors by name, for example a scaler's means.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; init; } = ImmutableDictionary<string, Tensor>.Empty;

    /// <summary>The model as a piece of audio, or null where it is none.</summary>
    public AudioSettings? Audio { get; init; }

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Metadata);
        ArgumentNullException.ThrowIfNull(Tensors);
        Audio?.Validate();
        foreach (string name in Metadata.Keys)
        {
            if (name.StartsWith(ModelFileNames.Reserved, StringComparison.Ordinal))
            {
                throw new ArgumentException($"The metadata name '{name}' begins with '{ModelFileNames.Reserved}', which is "
                    + "reserved; take another one.", nameof(Metadata));
            }
        }
    }
}
