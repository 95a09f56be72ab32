using FastRecurrent.Cells;
using FastRecurrent.Training;

namespace FastRecurrent;

/// <summary>
/// Which <see cref="Initializer"/> each kind of parameter gets. Norm weights and running variances start from 1, norm biases and
/// running means from 0, always. Each parameter is drawn from a stream of its own, so that one choice does not move another.
/// </summary>
public sealed record ParameterInitialization
{
    /// <summary>
    /// Keras's defaults, the defaults of this type: Glorot uniform input and dense weights, orthogonal recurrent weights, zero
    /// biases, forget bias 1 (Keras's <c>unit_forget_bias</c>).
    /// </summary>
    public static ParameterInitialization Keras { get; } = new();

    /// <summary>PyTorch's defaults: <see cref="Initializer.TorchUniform"/> everywhere, bit for bit <see cref="ParameterSet.Uniform"/>.</summary>
    public static ParameterInitialization PyTorch { get; } = new()
    {
        Input = Initializer.TorchUniform,
        Recurrent = Initializer.TorchUniform,
        Dense = Initializer.TorchUniform,
        Bias = Initializer.TorchUniform,
        ForgetBias = null,
    };

    /// <summary>weight_ih [G*H, I] of recurrent layers: fan-in I, fan-out G*H.</summary>
    public Initializer Input { get; init; } = Initializer.GlorotUniform;

    /// <summary>weight_hh [G*H, R] of recurrent layers: fan-in R, fan-out G*H.</summary>
    public Initializer Recurrent { get; init; } = Initializer.Orthogonal();

    /// <summary>The weight [O, I] of dense layers and the projection weight_hr [P, H].</summary>
    public Initializer Dense { get; init; } = Initializer.GlorotUniform;

    /// <summary>Biases, which count as matrices of one row, and the peepholes of an LSTM.</summary>
    public Initializer Bias { get; init; } = Initializer.Zeros;

    /// <summary>
    /// The forget gate's bias of every LSTM whose gates i and f are separate: bias_ih takes this value and bias_hh 0, so that their
    /// sum is it (Jozefowicz, Zaremba and Sutskever 2015). Null: as <see cref="Bias"/> draws them.
    /// </summary>
    public float? ForgetBias { get; init; } = 1;

    /// <summary>Parameters for a network; the same seed gives the same bits on every machine and version.</summary>
    /// <exception cref="ArgumentNullException">The definition or an initializer is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The forget bias is not finite.</exception>
    public ParameterSet Create(ModelDefinition definition, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(Input);
        ArgumentNullException.ThrowIfNull(Recurrent);
        ArgumentNullException.ThrowIfNull(Dense);
        ArgumentNullException.ThrowIfNull(Bias);
        RequireFinite(ForgetBias, nameof(ForgetBias));
        ParameterSet set = new(definition);
        for (int i = 0; i < definition.Shapes.Length; i++)
        {
            ModelDefinition.NamedShape shape = definition.Shapes[i];
            LayerDefinition layer = definition.Layers[shape.Layer];
            if (For(layer, shape.Shape) is { } initializer)
            {
                float[] values = set.Values(shape.Name);
                initializer.Fill(values, FanOf(set, layer, shape), new CounterRandom(seed, (ulong)i));
                FillForgetBias(layer, shape.Shape.Name, values);
            }
        }

        return set;
    }

    /// <summary>A parameter's name without the direction.</summary>
    private static string Plain(string name) => name.EndsWith(RecurrentLayer.ReverseSuffix, StringComparison.Ordinal) ? name[..^RecurrentLayer.ReverseSuffix.Length] : name;

    private static RecurrentCell Cell(RecurrentLayer layer, string name) =>
        name.EndsWith(RecurrentLayer.ReverseSuffix, StringComparison.Ordinal) ? layer.Reverse : layer.Cell;

    private static Fan FanOf(ParameterSet set, LayerDefinition layer, ModelDefinition.NamedShape shape)
    {
        (int rows, int columns) = (shape.Shape.Rows, shape.Shape.Columns);
        int size = layer is RecurrentLayer recurrent
            ? Cell(recurrent, shape.Shape.Name).HiddenSize
            : set.Shape($"{shape.Layer}.{Kernels.DenseKernel.Weight}").Columns;
        return new(rows, columns, columns, rows, size);
    }

    private static void RequireFinite(float? value, string name)
    {
        if (value is { } number && !float.IsFinite(number))
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be finite, or null to leave it to Bias.");
        }
    }

    /// <summary>The initializer of a parameter; null for norms, whose first values are fixed.</summary>
    private Initializer? For(LayerDefinition layer, ParameterShape shape) => layer switch
    {
        DenseLayer => shape.Name == Kernels.DenseKernel.Weight ? Dense : Bias,
        RecurrentLayer => Plain(shape.Name) switch
        {
            ParameterNames.WeightIh => Input,
            ParameterNames.WeightHh => Recurrent,
            ParameterNames.WeightHr => Dense,
            ParameterNames.BiasIh or ParameterNames.BiasHh or ParameterNames.Peephole => Bias,
            _ => null,
        },
        _ => null,
    };

    private void FillForgetBias(LayerDefinition layer, string name, Span<float> values)
    {
        if (ForgetBias is { } value && layer is RecurrentLayer recurrent && Cell(recurrent, name) is { ForgetGate: { } gate, HiddenSize: var size })
        {
            string plain = Plain(name);
            if (plain is ParameterNames.BiasIh or ParameterNames.BiasHh)
            {
                values.Slice(gate * size, size).Fill(plain == ParameterNames.BiasIh ? value : 0);
            }
        }
    }
}
