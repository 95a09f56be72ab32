using System.Collections.Immutable;
using FastRecurrent.Formats;

namespace FastRecurrent;

/// <summary>
/// A safetensors file: named tensors and text. The whole header is checked when it is opened; the values stay in the mapped file
/// until they are asked for. Any number of threads may read; the file must not be cut off while it is open.
/// </summary>
public sealed unsafe class SafeTensors : IDisposable
{
    private readonly MappedFile _file;
    private readonly SafeTensorsHeader _header;
    private readonly byte* _values;
    private bool _disposed;

    internal SafeTensors(MappedFile file, ImportLimits limits)
    {
        _file = file;
        int headerBytes = SafeTensorsHeader.HeaderBytes(file.Name, file.Copy(0, SafeTensorsHeader.LengthBytes), file.Length, limits);
        byte[] json = file.Copy(SafeTensorsHeader.LengthBytes, headerBytes);
        int before = SafeTensorsHeader.LengthBytes + headerBytes;
        _header = SafeTensorsHeader.Parse(file.Name, json, file.Length - before, limits);
        _values = file.Pointer + before;
        Names = [.. _header.Tensors.Keys];
    }

    /// <summary>The names of the tensors, in the header's order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The text beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    internal string FileName => _file.Name;

    /// <summary>Maps a file and checks its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What the file may ask for; null for the defaults.</param>
    /// <exception cref="ModelFormatException">The file is no safetensors file, or exceeds a limit.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static SafeTensors Open(string path, ImportLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= ImportLimits.Default;
        limits.Validate();
        MappedFile file = MappedFile.Open(path, limits);
        try
        {
            return new SafeTensors(file, limits);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes tensors as F32, whole or not at all: a crash leaves the old file or the new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">By name, in this order.</param>
    /// <param name="metadata">Text beside them, or null.</param>
    /// <exception cref="ArgumentException">A name is used twice, or is the reserved <c>__metadata__</c>.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(tensors);
        SafeTensorsWriter.Write(path,
            [.. tensors.Select(tensor => new SafeTensorsWriter.Entry(tensor.Key, [.. tensor.Value.Shape], tensor.Value.Memory))], metadata);
    }

    /// <summary>A tensor's type as the file names it, for example F32.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public string Type(string name) => Place(name).Type;

    /// <summary>A tensor's axes, outermost first.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    public ImmutableArray<int> Shape(string name) => [.. Place(name).Shape];

    /// <summary>A copy of a tensor. F64 is rounded to float32; F16 and BF16 are exact.</summary>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="ModelFormatException">The tensor's values are no floats.</exception>
    public Tensor Read(string name)
    {
        TensorPlace place = Place(name);
        float[] values = new float[place.Count];
        CopyTo(name, values);
        return new Tensor(place.Shape, values);
    }

    /// <summary>Copies a tensor's values; see <see cref="Read"/>.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="destination">As many values as the tensor has.</param>
    /// <exception cref="KeyNotFoundException">There is no such tensor.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ModelFormatException">The tensor's values are no floats.</exception>
    public void CopyTo(string name, Span<float> destination)
    {
        TensorPlace place = Place(name);
        if (!TensorType.IsFloat(place.Type))
        {
            throw new ModelFormatException(_file.Name, name, $"its type is {place.Type}; wanted F32, F64, F16 or BF16.");
        }

        if (destination.Length != place.Count)
        {
            throw new ArgumentException($"The destination has {destination.Length} values; tensor '{name}' has {place.Count}.", nameof(destination));
        }

        TensorType.ToFloat(place.Type, _values + place.Begin, destination);
    }

    internal bool IsFloat32(string name) => Place(name).Type == TensorType.Float32;

    /// <summary>The values of a float32 tensor where they lie in the file, perhaps not aligned; until it is closed.</summary>
    internal ReadOnlySpan<float> Float32(string name)
    {
        TensorPlace place = Place(name);
        return new ReadOnlySpan<float>(_values + place.Begin, place.Count);
    }

    /// <summary>A copy of a tensor of floats, or of integers that a float holds exactly.</summary>
    /// <exception cref="ModelFormatException">The tensor is of another type, or an integer has more than 24 significant bits.</exception>
    internal Tensor ReadNumbers(string name)
    {
        TensorPlace place = Place(name);
        if (TensorType.IsFloat(place.Type) || !TensorType.IsInteger(place.Type))
        {
            return Read(name);
        }

        float[] values = new float[place.Count];
        return TensorType.WholeToFloat(place.Type, _values + place.Begin, values) is { } index
            ? throw new ModelFormatException(_file.Name, name, $"the integer at {index} has more than the 24 bits that a float holds.")
            : new Tensor(place.Shape, values);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _file.Dispose();
        }
    }

    private TensorPlace Place(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(name);
        return _header.Tensors.TryGetValue(name, out TensorPlace? place)
            ? place
            : throw new KeyNotFoundException($"{_file.Name} has no tensor '{name}'; it has "
                + $"{string.Join(", ", Names.Take(20))}{(Names.Length > 20 ? ", ..." : "")}.");
    }
}
