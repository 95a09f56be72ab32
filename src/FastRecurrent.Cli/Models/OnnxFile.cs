namespace FastRecurrent.Cli.Models;

/// <summary>ONNX files, by their first bytes or their ending.</summary>
internal sealed class OnnxOpener : IModelOpener
{
    public bool Accepts(string path, ReadOnlySpan<byte> start) =>
        path.EndsWith(OnnxSaver.FileEnding, StringComparison.OrdinalIgnoreCase) || LooksLikeOnnx(start);

    public IOpenModel Open(string path)
    {
        try
        {
            return new OnnxFile(OnnxModel.Load(path));
        }
        catch (ModelFormatException error)
        {
            // The library reads a stream, which has no name.
            throw new ModelFormatException(path, "", error.Message, error);
        }
    }

    /// <summary>
    /// Writers put the fields in order, so the first is the format's version (field 1, a varint of one byte) and the second one of
    /// 2 to 8. Safetensors begin with a length of eight bytes and a brace.
    /// </summary>
    private static bool LooksLikeOnnx(ReadOnlySpan<byte> start) =>
        start.Length > 8 && start[0] == 0x08 && start[1] < 0x80 && start[2] is 0x12 or 0x1A or 0x22 or 0x28 or 0x32 or 0x3A or 0x42 && start[8] != '{';
}

/// <summary>A graph, which runs under its own names and, where it is a chain of layers, becomes a model of the engine.</summary>
internal sealed class OnnxFile : IOpenModel
{
    private readonly OnnxModel _model;
    private readonly OnnxStack? _stack;
    private readonly string? _whyNoStack;
    private LoadedModel? _engine;

    public OnnxFile(OnnxModel model)
    {
        _model = model;
        try
        {
            _stack = model.ToStack();
        }
        catch (ModelFormatException error)
        {
            _whyNoStack = error.Message;
        }
    }

    public string Format => "ONNX";

    public LoadedModel? Engine => _engine ??= _stack is null ? null : new LoadedModel(ModelFileFormat.Onnx, new RecurrentModel(_stack.Definition, _stack.Parameters))
    {
        Metadata = _model.Metadata.Where(entry => !IsReserved(entry.Key)).ToDictionary(),
        NotUnderstood = [.. NotInStack(_stack)],
    };

    public ModelReport Report => new()
    {
        Format = Format,
        Note = _whyNoStack is null ? null : $"runs as a graph; it is no stack of layers: {_whyNoStack}",
        InputSize = _stack?.Definition.InputSize,
        OutputSize = _stack?.Definition.OutputSize,
        CanStream = _stack?.Definition.CanStream ?? false,
        ParameterCount = _model.ParameterCount,
        ModelBytes = Engine?.Model.Bytes,
        Layers = _stack is null ? [] : LayerReport.All(_stack.Definition),
        Graph = new GraphReport(
            _model.Producer,
            _model.Opset,
            [.. _model.Inputs.Select(input => input.ToString())],
            [.. _model.Outputs.Select(output => output.ToString())],
            _model.Nodes),
        Metadata = _model.Metadata,
        NotUnderstood = _stack is null ? [] : [.. NotInStack(_stack)],
    };

    /// <summary>The graph's inputs to its outputs, by its own names. Integers and truth values are whole numbers in both.</summary>
    public Dictionary<string, Tensor> Infer(IReadOnlyDictionary<string, Tensor> inputs)
    {
        if (inputs.Count != _model.Inputs.Length || _model.Inputs.Any(input => !inputs.ContainsKey(input.Name)))
        {
            throw new ArgumentException($"The input has the tensors {string.Join(", ", inputs.Keys)}; wanted {string.Join("; ", _model.Inputs)}.");
        }

        IReadOnlyDictionary<string, OnnxTensor> outputs = _model.Run(
            _model.Inputs.ToDictionary(input => input.Name, input => ToOnnx(input, inputs[input.Name])));
        return outputs.ToDictionary(output => output.Key, output => FromOnnx(output.Value));
    }

    // Names of this project's own file, which only its writer gives.
    private static bool IsReserved(string name) => name.StartsWith(Formats.ModelFileNames.Reserved, StringComparison.Ordinal);

    private IEnumerable<string> NotInStack(OnnxStack stack)
    {
        foreach (string name in _model.Metadata.Keys.Where(IsReserved))
        {
            yield return $"metadata '{name}'";
        }

        foreach (OnnxValue output in _model.Outputs.Where(output => output.Name != stack.Output))
        {
            yield return $"output {output}";
        }

        if (stack.InputLayout == SequenceLayout.BatchMajor)
        {
            yield return $"the order [N, T, F] of '{stack.Input}' (the layers take [T, N, F])";
        }
    }

    private static OnnxTensor ToOnnx(OnnxValue input, Tensor tensor)
    {
        ReadOnlySpan<float> values = tensor.Values;
        if (input.Type == OnnxElementType.Float32)
        {
            return new OnnxTensor(tensor.Shape.AsSpan(), values);
        }

        long[] whole = new long[values.Length];
        for (int i = 0; i < whole.Length; i++)
        {
            whole[i] = (long)values[i];
            if (whole[i] != values[i])
            {
                throw new ArgumentException($"The input '{input.Name}' holds {values[i]} at {i}; {input.Type} wants whole numbers.");
            }
        }

        return new OnnxTensor(tensor.Shape.AsSpan(), whole, input.Type);
    }

    private static Tensor FromOnnx(OnnxTensor tensor) => new(
        tensor.Shape.AsSpan(),
        tensor.Type == OnnxElementType.Float32 ? tensor.Floats.ToArray() : Array.ConvertAll(tensor.Integers.ToArray(), value => (float)value));
}

/// <summary>ONNX with an operator set.</summary>
internal sealed class OnnxSaver(string name, int opset, bool isDefault) : IModelSaver
{
    public const string FileEnding = ".onnx";

    public string Name => name;

    public string? Ending => isDefault ? FileEnding : null;

    public IEnumerable<string> LeavesOut(LoadedModel model) => WeightsAlone.LeavesOut(model, keepsMetadata: true);

    public void Save(string path, LoadedModel model)
    {
        WeightsAlone.Require(model, Name);
        ParameterSet parameters = model.Model.ExportParameters();
        OnnxExport.Save(path, parameters.Definition, parameters, opset, model.Metadata);
    }
}
