using FastRecurrent.Cli.Measurement;

namespace FastRecurrent.Cli.Notebook;

/// <summary>The course's network, with the first values that its TensorFlow gave it.</summary>
internal static class NotebookNetwork
{
    private const double DenseDeviation = 0.01;

    /// <summary>Recurrent layers, of whose last step a dense layer with relu and a linear one make the next frame.</summary>
    public static ModelDefinition Define(NotebookOptions options)
    {
        ModelBuilder builder = new(options.Frame);
        for (int layer = 0; layer < options.Layers; layer++)
        {
            builder.Recurrent(CellOf(options));
        }

        return builder.LastStep().Dense(options.Dense, Activation.Relu).Dense(options.Frame).Build();
    }

    /// <summary>
    /// Dense weights and biases normal with deviation 0.01. TensorFlow 1's cells hold W and U as one matrix [I + H, G H], which is Glorot
    /// uniform as a whole: +-sqrt(6 / (I + H + G H)); biases 0, forget bias 1.
    /// </summary>
    public static ParameterSet Initialize(ModelDefinition network, ulong seed)
    {
        ParameterSet parameters = new(network);
        ParameterInitialization dense = new()
        {
            Dense = Initializer.Normal(DenseDeviation),
            Bias = Initializer.Normal(DenseDeviation),
            Recurrent = Initializer.Zeros,
        };
        int inputs = network.InputSize;
        for (int layer = 0; layer < network.Layers.Length; layer++)
        {
            ParameterInitialization initialization = dense;
            if (network.Layers[layer] is RecurrentLayer recurrent)
            {
                int hidden = recurrent.Cell.HiddenSize;
                Initializer glorot = Initializer.Uniform(Math.Sqrt(6.0 / (inputs + hidden + (recurrent.Cell.GateCount * hidden))));
                initialization = new() { Input = glorot, Recurrent = glorot, Dense = Initializer.Zeros };
            }

            CopyLayer(initialization.Create(network, seed), layer, parameters);
            inputs = network.Layers[layer].OutputSize(inputs);
        }

        return parameters;
    }

    private static RecurrentCell CellOf(NotebookOptions options) => options.Cell switch
    {
        CellKind.Rnn => new SimpleRnnCell(options.Hidden),
        CellKind.Lstm => new LstmCell(options.Hidden),
        CellKind.Gru => new GruCell(options.Hidden),
        _ => new GruCell(options.Hidden) { ResetAfter = false },
    };

    private static void CopyLayer(ParameterSet from, int layer, ParameterSet to)
    {
        foreach (string name in from.Names.Where(name => name.StartsWith($"{layer}.", StringComparison.Ordinal)))
        {
            from[name].CopyTo(to[name]);
        }
    }
}
