namespace FastRecurrent.Training.Reference;

/// <summary>
/// A matrix [rows, columns] of parameters in double precision with the gradient of the loss by each of them; a vector has
/// one row. dv always stands for the gradient of the loss by v.
/// </summary>
internal sealed class ReferenceParameter(string name, int rows, int columns, bool isTrained)
{
    public string Name => name;

    public int Rows => rows;

    public int Columns => columns;

    /// <summary>False for running statistics: they follow the data and have no gradient.</summary>
    public bool IsTrained => isTrained;

    /// <summary>Row-major, as in a <see cref="ParameterSet"/>.</summary>
    public double[] Value { get; } = new double[rows * columns];

    /// <summary>The gradient, added up since the last <see cref="ReferenceNetwork.Backward"/> began.</summary>
    public double[] Gradient { get; } = new double[rows * columns];
}

/// <summary>The parameters of a network by name; <see cref="Of"/> gives those of one layer and direction.</summary>
internal sealed class ReferenceParameters
{
    private readonly Dictionary<string, ReferenceParameter> _byName = [];

    public ReferenceParameters(ModelDefinition definition, ParameterSet parameters)
    {
        foreach (string name in definition.Shapes.Select(shape => shape.Name))
        {
            (int rows, int columns) = parameters.Shape(name);
            bool isRunning = name.EndsWith(Kernels.NormNames.RunningMean, StringComparison.Ordinal)
                || name.EndsWith(Kernels.NormNames.RunningVariance, StringComparison.Ordinal);
            ReferenceParameter parameter = new(name, rows, columns, isTrained: !isRunning);
            ReadOnlySpan<float> values = parameters[name];
            for (int i = 0; i < values.Length; i++)
            {
                parameter.Value[i] = values[i];
            }

            _byName.Add(name, parameter);
        }
    }

    /// <summary>All parameters, in the order of the layers.</summary>
    public IReadOnlyCollection<ReferenceParameter> All => _byName.Values;

    public ReferenceParameter this[string name] => _byName[name];

    public LayerParameters Of(int layer, string suffix = "") => new(this, layer, suffix);

    /// <summary>A layer's parameters by the names that they have within the layer.</summary>
    internal readonly struct LayerParameters(ReferenceParameters all, int layer, string suffix)
    {
        public ReferenceParameter this[string name] => all[$"{layer}.{name}{suffix}"];

        /// <summary>Null where the layer has no such parameter.</summary>
        public ReferenceParameter? Find(string name) => all._byName.GetValueOrDefault($"{layer}.{name}{suffix}");
    }
}
