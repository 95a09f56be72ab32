namespace FastRecurrent.Formats;

/// <summary>
/// Neural Amp Modeler's <c>.nam</c> with the architecture LSTM. The weights are one list: for each layer the rows of
/// [weight_ih | weight_hh], [4H, I + H] in PyTorch's gate order, the sum of the biases [4H], the initial h [H] and c [H]; then the
/// head's weight [H] and bias. Source: the exporter and the core of Neural Amp Modeler.
/// </summary>
internal static class NamReader
{
    private static readonly string[] Known = ["architecture", "config", "weights", "sample_rate"];

    public static bool Matches(JsonItem root) => root.Find("architecture") is not null && root.Find("config") is not null;

    public static LoadedModel Read(JsonItem root, KernelSet kernels, ImportLimits limits)
    {
        string architecture = root["architecture"].Text();
        if (architecture != "LSTM")
        {
            throw root["architecture"].Wrong("LSTM, the only recurrent architecture of Neural Amp Modeler");
        }

        JsonItem config = root["config"];
        config.AllowOnly("input_size", "hidden_size", "num_layers");
        const int Most = 1 << 16; // (I + H) * 4H then fits a long many times over
        int inputs = config["input_size"].Whole(1, Most);
        int hidden = config["hidden_size"].Whole(1, Most);
        int layers = config["num_layers"].Whole(1, limits.Layers);
        JsonItem list = root["weights"];
        long wanted = hidden + 1;
        for (int layer = 0; layer < layers; layer++)
        {
            wanted += hidden * ((4L * ((layer == 0 ? inputs : hidden) + hidden)) + 4 + 2);
        }

        if (list.Count != wanted)
        {
            throw new ModelFormatException(root.File, list.Path, $"there are {list.Count} weights; LSTM with input_size {inputs}, "
                + $"hidden_size {hidden} and num_layers {layers} has {wanted}.");
        }

        ModelBuilder builder = new(inputs);
        for (int layer = 0; layer < layers; layer++)
        {
            builder.Lstm(hidden);
        }

        ModelDefinition definition = builder.Dense(1).Build();
        return Fill(root, definition, list.Vector(), kernels);
    }

    private static LoadedModel Fill(JsonItem root, ModelDefinition definition, float[] weights, KernelSet kernels)
    {
        int layers = definition.Layers.Length - 1;
        int inputs = definition.InputSize;
        ParameterSet parameters = new(definition);
        List<float[]> states = [];
        int next = 0;
        Span<float> Take(int count)
        {
            next += count;
            return weights.AsSpan(next - count, count);
        }

        for (int layer = 0; layer < layers; layer++)
        {
            RecurrentCell cell = ((RecurrentLayer)definition.Layers[layer]).Cell;
            int hidden = cell.HiddenSize;
            int columns = (layer == 0 ? inputs : hidden) + hidden;
            Span<float> rows = Take(4 * hidden * columns);
            Split(rows, columns - hidden, parameters[$"{layer}.{Cells.ParameterNames.WeightIh}"], parameters[$"{layer}.{Cells.ParameterNames.WeightHh}"]);
            Take(4 * hidden).CopyTo(parameters[$"{layer}.{Cells.ParameterNames.BiasIh}"]);
            states.Add([.. Take(hidden)]);
            states.Add([.. Take(hidden)]);
        }

        Take(parameters[$"{layers}.weight"].Length).CopyTo(parameters[$"{layers}.weight"]);
        Take(1).CopyTo(parameters[$"{layers}.bias"]);
        RecurrentModel model = new(definition, parameters, kernels);
        RecurrentState state = model.CreateState();
        for (int layer = 0; layer < layers; layer++)
        {
            states[2 * layer].CopyTo(state.Hidden(layer));
            states[(2 * layer) + 1].CopyTo(state.Cell(layer));
        }

        return new LoadedModel(ModelFileFormat.NeuralAmpModeler, model)
        {
            Audio = new AudioSettings { SampleRate = SampleRates.Read(root, "sample_rate"), InitialState = state },
            NotUnderstood = root.Beside(Known),
        };
    }

    // Each row is [weight_ih | weight_hh]; the gates are in PyTorch's order, which is the engine's.
    private static void Split(ReadOnlySpan<float> rows, int inputs, Span<float> weightIh, Span<float> weightHh)
    {
        int count = weightIh.Length / inputs;
        int hidden = weightHh.Length / count;
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> values = rows.Slice(row * (inputs + hidden), inputs + hidden);
            values[..inputs].CopyTo(weightIh[(row * inputs)..]);
            values[inputs..].CopyTo(weightHh[(row * hidden)..]);
        }
    }
}
