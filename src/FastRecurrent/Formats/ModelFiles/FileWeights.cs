namespace FastRecurrent.Formats;

/// <summary>
/// The weights of a model file where they lie: mapped float32 values are packed from the page cache, without a copy in between.
/// Other types are converted. All are finite, which is looked at once, by several threads where the file is large.
/// </summary>
internal sealed class FileWeights : IWeights
{
    private const long SharedBytes = 1 << 22;

    private readonly SafeTensors _file;
    private readonly Dictionary<string, float[]> _converted = [];

    /// <exception cref="ModelFormatException">A value is not finite, or a tensor is of no float type.</exception>
    public FileWeights(SafeTensors file, ModelDefinition definition)
    {
        _file = file;
        string[] names = [.. definition.Shapes.Select(shape => shape.Name)];
        foreach (string name in names.Where(name => !file.IsFloat32(name)))
        {
            _converted.Add(name, file.Read(name).Values.ToArray());
        }

        bool isShared = definition.ParameterCount * sizeof(float) >= SharedBytes;
        bool[] isFinite = new bool[names.Length];
        Parallel.For(0, names.Length, new ParallelOptions { MaxDegreeOfParallelism = isShared ? -1 : 1 }, i => isFinite[i] = Finite.FirstOther(Values(names[i])) is null);
        for (int i = 0; i < names.Length; i++)
        {
            if (!isFinite[i])
            {
                Finite.Require(file.FileName, names[i], Values(names[i]));
            }
        }
    }

    public ReadOnlySpan<float> Values(string name) => _converted.TryGetValue(name, out float[]? values) ? values : _file.Float32(name);
}
