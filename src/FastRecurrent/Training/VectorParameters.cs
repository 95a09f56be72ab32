using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Training;

/// <summary>A layer's trainable vectors in logical order: biases, norms, peepholes. The kernels hold copies of them.</summary>
internal sealed class VectorParameters : IVectorSource, IVectorDestination
{
    private readonly List<TrainableVector> _entries = [];

    public IReadOnlyList<TrainableVector> Entries => _entries;

    /// <summary>Takes over one vector of a parameter set.</summary>
    /// <param name="name">The name within the direction.</param>
    /// <param name="fullName">The name in the set.</param>
    /// <param name="values">The first values.</param>
    public void Add(string name, string fullName, ReadOnlySpan<float> values)
    {
        TrainableVector entry = new(name, fullName, new AlignedBuffer(AlignedBuffer.Padded(values.Length)), new AlignedBuffer(AlignedBuffer.Padded(values.Length)), values.Length);
        values.CopyTo(entry.Values.Span);
        _entries.Add(entry);
    }

    public ReadOnlySpan<float> Vector(string name)
    {
        TrainableVector entry = Find(name);
        return entry.Values.Span[..entry.Length];
    }

    public Span<float> Gradient(string name)
    {
        TrainableVector entry = Find(name);
        return entry.Gradients.Span[..entry.Length];
    }

    private TrainableVector Find(string name)
    {
        foreach (TrainableVector entry in _entries)
        {
            if (entry.Name == name)
            {
                return entry;
            }
        }

        throw new ArgumentException($"There is no vector '{name}'.", nameof(name));
    }

    /// <summary>One vector.</summary>
    internal sealed record TrainableVector(string Name, string FullName, AlignedBuffer Values, AlignedBuffer Gradients, int Length);
}
