namespace FastRecurrent.Cli.Models;

/// <summary>Everything that the library's own door opens, and tensors without an architecture, which can only be looked at.</summary>
internal sealed class EngineOpener : IModelOpener
{
    public bool Accepts(string path, ReadOnlySpan<byte> start) => true;

    public IOpenModel Open(string path) => new EngineModel(ModelFile.Load(path));
}

/// <summary>A model of the engine's layers.</summary>
internal sealed class EngineModel(LoadedModel loaded) : IOpenModel
{
    private const string Input = "x";
    private const string Output = "y";

    public string Format => loaded.Format switch
    {
        ModelFileFormat.FastRecurrent => "FastRecurrent (safetensors)",
        ModelFileFormat.RtNeural => "RTNeural (JSON)",
        ModelFileFormat.NeuralAmpModeler => "Neural Amp Modeler (JSON)",
        ModelFileFormat.GuitarMl => "GuitarML (JSON)",
        _ => "PyTorch state dict",
    };

    public LoadedModel Engine => loaded;

    public ModelReport Report
    {
        get
        {
            ModelDefinition definition = loaded.Model.Definition;
            return new ModelReport
            {
                Format = Format,
                InputSize = definition.InputSize,
                OutputSize = definition.OutputSize,
                CanStream = definition.CanStream,
                ParameterCount = definition.ParameterCount,
                ModelBytes = loaded.Model.Bytes,
                SampleRate = loaded.Audio.SampleRate,
                AddsInput = loaded.Audio.AddsInput,
                InputGain = loaded.Audio.InputGain,
                OutputGain = loaded.Audio.OutputGain,
                HasInitialState = loaded.Audio.InitialState is not null,
                Layers = LayerReport.All(definition),
                Tensors =
                [
                    .. loaded.Tensors
                        .OrderBy(tensor => tensor.Key, StringComparer.Ordinal)
                        .Select(tensor => new TensorReport(tensor.Key, "F32", tensor.Value.Shape)),
                ],
                Metadata = loaded.Metadata,
                NotUnderstood = loaded.NotUnderstood,
            };
        }
    }

    /// <summary>
    /// <c>x</c> [T, N, I] (or [N, I] for a vector) to <c>y</c> [T, N, O] (or [N, O]), from the file's initial state, with its gains and skip.
    /// </summary>
    public Dictionary<string, Tensor> Infer(IReadOnlyDictionary<string, Tensor> inputs)
    {
        ModelDefinition definition = loaded.Model.Definition;
        string[] unknown = [.. inputs.Keys.Where(name => name != Input)];
        if (unknown.Length > 0 || !inputs.TryGetValue(Input, out Tensor? x))
        {
            throw new ArgumentException($"The input has the tensors {string.Join(", ", inputs.Keys)}; wanted '{Input}' and no other.");
        }

        bool fits = x.Shape.Length == (definition.InputIsVector ? 2 : 3) && x.Shape[^1] == definition.InputSize && x.Values.Length > 0;
        if (!fits)
        {
            throw new ArgumentException($"The input '{Input}' has the shape {x}; wanted [{(definition.InputIsVector ? "" : "T, ")}N, {definition.InputSize}].");
        }

        int time = definition.InputIsVector ? 1 : x.Shape[0];
        int batch = x.Shape[^2];
        float[] values = x.Values.ToArray();
        Scale(values, definition.InputSize, loaded.Audio.InputGain);
        int outputTime = definition.OutputTime(time);
        float[] y = new float[checked(outputTime * batch * definition.OutputSize)];
        using SequenceRunner runner = loaded.Model.CreateRunner(time, batch);
        runner.Forward(values, time, batch, y, new SequenceOptions { InitialState = InitialState(batch) });
        if (loaded.Audio.AddsInput)
        {
            for (int i = 0; i < y.Length; i++)
            {
                y[i] += values[i * definition.InputSize];
            }
        }

        Scale(y, 1, loaded.Audio.OutputGain);
        int[] shape = definition.OutputIsVector ? [batch, definition.OutputSize] : [outputTime, batch, definition.OutputSize];
        return new Dictionary<string, Tensor> { [Output] = new(shape, y) };
    }

    private RecurrentState? InitialState(int batch)
    {
        if (loaded.Audio.InitialState is not { } initial)
        {
            return null;
        }

        RecurrentState state = loaded.Model.CreateState(batch);
        for (int row = 0; row < batch; row++)
        {
            state.CopyRows(initial, 0, row, 1);
        }

        return state;
    }

    private static void Scale(Span<float> values, int stride, float factor)
    {
        for (int i = 0; factor != 1 && i < values.Length; i += stride)
        {
            values[i] *= factor;
        }
    }
}
