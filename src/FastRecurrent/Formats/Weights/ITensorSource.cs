using System.Collections.Immutable;

namespace FastRecurrent.Formats;

/// <summary>Named tensors of a file, whatever kind of file it is.</summary>
internal interface ITensorSource
{
    string File { get; }

    /// <summary>The names, in the file's order.</summary>
    IReadOnlyList<string> Names { get; }

    ImmutableArray<int> Shape(string name);

    Tensor Read(string name);

    /// <summary>As many values as the tensor has; any number of threads may read.</summary>
    void CopyTo(string name, Span<float> destination) => Read(name).Values.CopyTo(destination);
}

/// <summary>The tensors of a safetensors file, those whose names begin with a prefix, without it.</summary>
internal sealed class SafeTensorsSource(SafeTensors file, string prefix = "") : ITensorSource
{
    public string File => file.FileName;

    public IReadOnlyList<string> Names { get; } =
        [.. file.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..])];

    public ImmutableArray<int> Shape(string name) => file.Shape(prefix + name);

    public Tensor Read(string name)
    {
        Tensor tensor = file.Read(prefix + name);
        Finite.Require(File, name, tensor.Values);
        return tensor;
    }

    public void CopyTo(string name, Span<float> destination)
    {
        file.CopyTo(prefix + name, destination);
        Finite.Require(File, name, destination);
    }
}

/// <summary>Tensors that were read from JSON.</summary>
internal sealed class TensorTable(string file, IReadOnlyList<KeyValuePair<string, Tensor>> tensors) : ITensorSource
{
    private readonly Dictionary<string, Tensor> _tensors = new(tensors);

    public string File => file;

    public IReadOnlyList<string> Names { get; } = [.. tensors.Select(tensor => tensor.Key)];

    public ImmutableArray<int> Shape(string name) => _tensors[name].Shape;

    public Tensor Read(string name) => _tensors[name];
}
