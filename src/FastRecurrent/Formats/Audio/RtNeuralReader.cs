namespace FastRecurrent.Formats;

/// <summary>
/// RTNeural's JSON: <c>in_shape</c> and a list of Keras layers, each with type, activation, shape and weights in Keras's layout.
/// AIDA-X adds <c>in_skip</c> (0 or 1), <c>in_gain</c> and <c>out_gain</c> in dB. Source: RTNeural's exporter and loader, AIDA-X's
/// loader. RTNeural does not look at the activation of a recurrent layer, and AIDA-X's files leave it empty: it is tanh.
/// </summary>
internal static class RtNeuralReader
{
    private static readonly string[] Known = ["in_shape", "layers", "in_skip", "in_gain", "out_gain"];

    // An input and its output, which AIDA-X's trainer writes beside the layers.
    private static readonly string[] Examples = ["input_batch", "output_batch"];

    public static bool Matches(JsonItem root) => root.Find("layers") is not null && root.Find("in_shape") is not null;

    public static LoadedModel Read(JsonItem root, KernelSet kernels, ImportLimits limits)
    {
        JsonItem list = root["layers"];
        if (list.Count > limits.Layers)
        {
            throw new ModelFormatException(root.File, list.Path, $"there are {list.Count} layers; the limit is {limits.Layers} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.Layers)}).");
        }

        int size = LastAxis(root["in_shape"]);
        ModelBuilder builder = DefinitionReader.Built(root["in_shape"], () => new ModelBuilder(size));
        List<(string Module, Tensor[] Weights, string[] Parts)> weights = [];
        foreach (JsonItem layer in list.Items)
        {
            int output = LastAxis(layer["shape"]);
            Tensor[] tensors = [.. layer["weights"].Items.Select(item => item.VectorOrMatrix())];
            string[] parts = AddLayer(builder, layer, output, tensors);
            bool isNorm = layer["type"].Text() == "batchnorm";
            layer.AllowOnly(["type", "activation", "shape", "weights", .. isNorm ? ["epsilon"] : Array.Empty<string>()]);
            if (parts.Length != tensors.Length)
            {
                throw new ModelFormatException(root.File, layer["weights"].Path, $"there are {tensors.Length} weights; wanted "
                    + $"{parts.Length} ({string.Join(", ", parts)}).");
            }

            if (parts.Length > 0)
            {
                weights.Add((layer.Path, tensors, parts));
            }
        }

        ModelDefinition definition = DefinitionReader.Built(list, builder.Build);
        List<KeyValuePair<string, Tensor>> table = [];
        foreach ((string module, Tensor[] tensors, string[] parts) in weights)
        {
            table.AddRange(tensors.Select((tensor, i) => KeyValuePair.Create($"{module}/{parts[i]}", tensor)));
        }

        ModuleAssignment assignment = new(new TensorTable(root.File, table), KerasLayout.Instance, definition);
        ParameterSet parameters = assignment.Read(definition, [.. weights.Select(layer => layer.Module)]);
        return new LoadedModel(ModelFileFormat.RtNeural, new RecurrentModel(definition, parameters, kernels))
        {
            Audio = Audio(root, definition),
            NotUnderstood = [.. root.Beside([.. Known, .. Examples]), .. Examples.Where(name => root.Find(name) is not null)],
        };
    }

    /// <summary>Adds a layer, and behind it its activation where that is a layer of its own here; returns the names of its weights.</summary>
    private static string[] AddLayer(ModelBuilder builder, JsonItem layer, int size, Tensor[] weights)
    {
        string activation = layer.Find("activation")?.Text() ?? "";
        string type = layer["type"].Text();
        switch (type)
        {
            case "dense" or "time-distributed-dense":
                bool isSoftmax = activation == "softmax";
                Activation function = isSoftmax ? Activation.Linear : Function(layer["activation"]);
                bool hasBias = weights.Length != 1;
                DefinitionReader.Built(layer, () => builder.Add(new DenseLayer(size, function) { Bias = hasBias }));
                if (isSoftmax)
                {
                    builder.Softmax();
                }

                return hasBias ? [KerasLayout.Kernel, KerasLayout.Bias] : [KerasLayout.Kernel];
            case "lstm" or "gru":
                if (activation is not ("" or "tanh"))
                {
                    throw layer["activation"].Wrong("tanh, which is what RTNeural computes");
                }

                bool isBiased = weights.Length != 2;
                bool isBefore = weights.Length > 2 && weights[2].Shape.Length == 1;
                RecurrentCell cell = DefinitionReader.Built<RecurrentCell>(
                    layer, () => type == "lstm" ? new LstmCell(size) { Bias = isBiased } : new GruCell(size) { Bias = isBiased, ResetAfter = !isBefore });
                DefinitionReader.Built(layer, () => builder.Recurrent(cell));
                return isBiased ? [KerasLayout.Kernel, KerasLayout.RecurrentKernel, KerasLayout.Bias] : [KerasLayout.Kernel, KerasLayout.RecurrentKernel];
            case "batchnorm":
                if (weights.Length != 4)
                {
                    throw new ModelFormatException(layer.File, layer["weights"].Path, $"there are {weights.Length} weights; "
                        + "wanted 4 (gamma, beta, moving_mean, moving_variance).");
                }

                DefinitionReader.Built(layer, () => builder.BatchNorm(layer["epsilon"].Number()));
                return ["gamma", "beta", "moving_mean", "moving_variance"];
            case "activation" when activation == "softmax":
                builder.Softmax();
                return [];
            default:
                throw new ModelFormatException(
                    layer.File, layer.Path, $"the layer type '{type}'{(type == "activation" ? $" with '{activation}'" : "")} "
                        + "has no counterpart here; known are dense, time-distributed-dense, lstm, gru, batchnorm.");
        }
    }

    private static Activation Function(JsonItem activation) => activation.Text() switch
    {
        "" => Activation.Linear,
        "tanh" => Activation.Tanh,
        "relu" => Activation.Relu,
        "sigmoid" => Activation.Sigmoid,
        "elu" => Activation.Elu(),
        _ => throw activation.Wrong("one of tanh, relu, sigmoid, softmax, elu, or nothing"),
    };

    private static AudioSettings Audio(JsonItem root, ModelDefinition definition)
    {
        AudioSettings audio = new()
        {
            AddsInput = root.Find("in_skip") is { IsNull: false } skip && skip.Whole(0, 1) == 1,
            InputGain = Gain(root, "in_gain"),
            OutputGain = Gain(root, "out_gain"),
            SampleRate = SampleRates.Read(root.Find("metadata"), "samplerate"),
        };
        return audio.Misfit(definition) is { } misfit ? throw new ModelFormatException(root.File, "in_skip", misfit) : audio;
    }

    // dB to a factor.
    private static float Gain(JsonItem root, string name)
    {
        if (root.Find(name) is not { IsNull: false } gain)
        {
            return 1;
        }

        float factor = MathF.Pow(10, gain.Number() / 20);
        return float.IsFinite(factor) ? factor : throw gain.Wrong("a gain in dB");
    }

    // [null, null, 8]: batch and time are open.
    private static int LastAxis(JsonItem shape) =>
        shape.Count is > 0 and <= 8 ? shape.Items.Last().Whole(1, int.MaxValue / 2) : throw shape.Wrong("a shape, for example [null, null, 8]");
}
