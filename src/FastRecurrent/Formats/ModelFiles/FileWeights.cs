namespace FastRecurrent.Formats;

/// <summary>
/// The weights of a model file where they lie: mapped float32 values are packed from the page cache, without a copy in between.
/// Other types are converted. Rows are looked through for values that are not finite just before they are packed, while the look brings
/// them into the cache; <see cref="RequireFinite"/> says afterwards where the first such value is.
/// </summary>
internal sealed class FileWeights : IWeights
{
    private readonly SafeTensors _file;
    private readonly string[] _names;
    private readonly Dictionary<string, float[]> _converted = [];
    private volatile bool _isFinite = true;

    /// <exception cref="ModelFormatException">A tensor is of no float type.</exception>
    public FileWeights(SafeTensors file, ModelDefinition definition)
    {
        _file = file;
        _names = [.. definition.Shapes.Select(shape => shape.Name)];
        foreach (string name in _names.Where(name => !file.IsFloat32(name)))
        {
            _converted.Add(name, file.Read(name).Values.ToArray());
        }
    }

    public ReadOnlySpan<float> Values(string name) => Checked(Unchecked(name));

    public ReadOnlySpan<float> Rows(string name, int first, int rows, int columns) => Checked(Unchecked(name).Slice(first * columns, rows * columns));

    /// <summary>To be called when all weights were asked for.</summary>
    /// <exception cref="ModelFormatException">A value was not finite.</exception>
    public void RequireFinite()
    {
        foreach (string name in _isFinite ? [] : _names)
        {
            Finite.Require(_file.FileName, name, Unchecked(name));
        }
    }

    private ReadOnlySpan<float> Unchecked(string name) => _converted.TryGetValue(name, out float[]? values) ? values : _file.Float32(name);

    private ReadOnlySpan<float> Checked(ReadOnlySpan<float> values)
    {
        if (Finite.FirstOther(values) is not null)
        {
            _isFinite = false;
        }

        return values;
    }
}
