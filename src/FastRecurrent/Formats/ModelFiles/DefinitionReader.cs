namespace FastRecurrent.Formats;

/// <summary>
/// A network's description from the JSON that <see cref="DefinitionWriter"/> writes. Strict: every option must be there and no
/// other may, so that a file of a later version is refused and not half understood.
/// </summary>
internal static class DefinitionReader
{
    public static ModelDefinition Read(JsonItem root, ImportLimits limits)
    {
        root.AllowOnly("input_size", "input_is_vector", "layers");
        JsonItem layers = root["layers"];
        if (layers.Count > limits.Layers)
        {
            throw new ModelFormatException(root.File, layers.Path, $"there are {layers.Count} layers; the limit is {limits.Layers} "
                + $"({nameof(ImportLimits)}.{nameof(ImportLimits.Layers)}).");
        }

        int inputSize = root["input_size"].Whole(1, int.MaxValue / 2);
        ModelBuilder builder = root["input_is_vector"].Flag() ? ModelBuilder.FromVector(inputSize) : new ModelBuilder(inputSize);
        foreach (JsonItem layer in layers.Items)
        {
            Built(layer, () => builder.Add(Layer(layer)));
        }

        return Built(layers, builder.Build);
    }

    /// <summary>What the builder refuses is the file's fault.</summary>
    public static T Built<T>(JsonItem item, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw new ModelFormatException(item.File, item.Path, error.Message, error);
        }
    }

    private static LayerDefinition Layer(JsonItem layer)
    {
        switch (layer["type"].Text())
        {
            case DefinitionNames.Recurrent:
                layer.AllowOnly("type", "direction", "merge", "recurrent_dropout", "hidden_zoneout", "cell_zoneout", "cell", "reverse_cell");
                return new RecurrentLayer(Cell(layer["cell"]), DefinitionNames.Directions.ValueOf(layer["direction"]))
                {
                    Merge = DefinitionNames.Merges.ValueOf(layer["merge"]),
                    RecurrentDropout = layer["recurrent_dropout"].Number(),
                    HiddenZoneout = layer["hidden_zoneout"].Number(),
                    CellZoneout = layer["cell_zoneout"].Number(),
                    ReverseCell = layer.Find("reverse_cell") is { } reverse ? Cell(reverse) : null,
                };
            case DefinitionNames.Dense:
                layer.AllowOnly("type", "size", "bias", "activation");
                return new DenseLayer(layer["size"].Whole(1), Function(layer["activation"])) { Bias = layer["bias"].Flag() };
            case DefinitionNames.Dropout:
                layer.AllowOnly("type", "rate");
                return new DropoutLayer(layer["rate"].Number());
            case DefinitionNames.LayerNorm:
                layer.AllowOnly("type", "epsilon");
                return new LayerNormLayer(layer["epsilon"].Number());
            case DefinitionNames.BatchNorm:
                layer.AllowOnly("type", "epsilon");
                return new BatchNormLayer(layer["epsilon"].Number());
            case DefinitionNames.RepeatVector:
                layer.AllowOnly("type", "steps");
                return new RepeatVectorLayer(layer["steps"].Whole(1));
            case DefinitionNames.Softmax:
                layer.AllowOnly("type");
                return new SoftmaxLayer();
            case DefinitionNames.LastStep:
                layer.AllowOnly("type");
                return new LastStepLayer();
            case DefinitionNames.FinalState:
                layer.AllowOnly("type");
                return new FinalStateLayer();
            default:
                throw layer["type"].Wrong("a layer that this version knows");
        }
    }

    private static RecurrentCell Cell(JsonItem cell)
    {
        const string Type = "type";
        const string Size = "hidden_size";
        const string Bias = "bias";
        const string Clip = "gate_clip";
        int hidden = cell[Size].Whole(1);
        bool bias = cell[Bias].Flag();
        float clip = cell[Clip].Number();
        switch (cell[Type].Text())
        {
            case DefinitionNames.SimpleRnn:
                cell.AllowOnly(Type, Size, Bias, Clip, "activation");
                return new SimpleRnnCell(hidden) { Bias = bias, GateClip = clip, Activation = Function(cell["activation"]) };
            case DefinitionNames.Lstm:
                cell.AllowOnly(
                    Type, Size, Bias, Clip, "gate_activation", "candidate_activation", "output_activation",
                    "peepholes", "coupled_input_forget", "cell_clip", "projection_size");
                return new LstmCell(hidden)
                {
                    Bias = bias,
                    GateClip = clip,
                    GateActivation = Function(cell["gate_activation"]),
                    CandidateActivation = Function(cell["candidate_activation"]),
                    OutputActivation = Function(cell["output_activation"]),
                    Peepholes = cell["peepholes"].Flag(),
                    CoupledInputForget = cell["coupled_input_forget"].Flag(),
                    CellClip = cell["cell_clip"].Number(),
                    ProjectionSize = cell["projection_size"].Whole(0),
                };
            case DefinitionNames.Gru:
                cell.AllowOnly(Type, Size, Bias, Clip, "gate_activation", "candidate_activation", "reset_after");
                return new GruCell(hidden)
                {
                    Bias = bias,
                    GateClip = clip,
                    GateActivation = Function(cell["gate_activation"]),
                    CandidateActivation = Function(cell["candidate_activation"]),
                    ResetAfter = cell["reset_after"].Flag(),
                };
            case DefinitionNames.LayerNormLstm:
                cell.AllowOnly(Type, Size, Bias, Clip, "epsilon");
                return new LayerNormLstmCell(hidden) { Bias = bias, GateClip = clip, Epsilon = cell["epsilon"].Number() };
            case DefinitionNames.LayerNormGru:
                cell.AllowOnly(Type, Size, Bias, Clip, "epsilon");
                return new LayerNormGruCell(hidden) { Bias = bias, GateClip = clip, Epsilon = cell["epsilon"].Number() };
            default:
                throw cell[Type].Wrong("a cell that this version knows");
        }
    }

    private static Activation Function(JsonItem activation)
    {
        activation.AllowOnly("kind", "alpha", "beta");
        return new Activation(DefinitionNames.Activations.ValueOf(activation["kind"]), activation["alpha"].Number(), activation["beta"].Number());
    }
}
