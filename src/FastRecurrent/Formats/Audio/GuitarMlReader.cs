namespace FastRecurrent.Formats;

/// <summary>
/// The JSON of GuitarML's models: <c>model_data</c> and PyTorch's <c>state_dict</c> as nested lists, <c>rec.weight_ih_l0</c> and so
/// on, <c>lin.weight</c>, <c>lin.bias</c>. With <c>skip</c> 1 the input is added to the output. Source: the trainer
/// Automated-GuitarAmpModelling (its module SimpleRNN), whose models GuitarML's plugins load.
/// </summary>
internal static class GuitarMlReader
{
    private static readonly string[] Known = ["model_data", "state_dict"];

    public static bool Matches(JsonItem root) => root.Find("model_data") is not null;

    public static LoadedModel Read(JsonItem root, KernelSet kernels, ImportLimits limits)
    {
        JsonItem data = root["model_data"];
        data.AllowOnly("model", "input_size", "skip", "output_size", "unit_type", "num_layers", "hidden_size", "bias_fl");
        string model = data["model"].Text();
        if (model != "SimpleRNN")
        {
            throw data["model"].Wrong("SimpleRNN");
        }

        List<KeyValuePair<string, Tensor>> tensors = StateDictReader.Tensors(root["state_dict"], limits);
        string unit = data["unit_type"].Text();
        int hidden = data["hidden_size"].Whole(1, int.MaxValue / 8);
        int layers = data.Find("num_layers")?.Whole(1, limits.Layers) ?? 1;
        bool hasHeadBias = tensors.Exists(tensor => tensor.Key == "lin.bias");
        if (data.Find("bias_fl") is { IsNull: false } bias && bias.Flag() != hasHeadBias)
        {
            throw new ModelFormatException(root.File, bias.Path, $"it is {(hasHeadBias ? "false" : "true")}, but lin.bias is "
                + $"{(hasHeadBias ? "there" : "missing")}.");
        }

        ModelBuilder builder = DefinitionReader.Built(data, () => new ModelBuilder(data["input_size"].Whole(1, int.MaxValue / 2)));
        for (int layer = 0; layer < layers; layer++)
        {
            builder.Recurrent(unit switch
            {
                "LSTM" => new LstmCell(hidden),
                "GRU" => new GruCell(hidden),
                "RNN" => new SimpleRnnCell(hidden),
                _ => throw data["unit_type"].Wrong("LSTM, GRU or RNN"),
            });
        }

        ModelDefinition definition = DefinitionReader.Built(
            data, () => builder.Add(new DenseLayer(data["output_size"].Whole(1), Activation.Linear) { Bias = hasHeadBias }).Build());
        AudioSettings audio = new() { AddsInput = data["skip"].Whole(0, 1) == 1, SampleRate = SampleRates.Read(root.Find("metadata"), "samplerate") };
        if (audio.Misfit(definition) is { } misfit)
        {
            throw new ModelFormatException(root.File, data["skip"].Path, misfit);
        }

        string[] modules = [.. Enumerable.Repeat("rec", layers), "lin"];
        ParameterSet parameters = new ModuleAssignment(new TensorTable(root.File, tensors), TorchLayout.Instance, definition).Read(definition, modules);
        return new LoadedModel(ModelFileFormat.GuitarMl, new RecurrentModel(definition, parameters, kernels))
        {
            Audio = audio,
            NotUnderstood = root.Beside(Known),
        };
    }
}
