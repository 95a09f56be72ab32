using System.Buffers;
using System.Text;
using System.Text.Json;

namespace FastRecurrent.Formats;

/// <summary>A model as safetensors: parameters, probe and state as tensors; architecture and audio settings as JSON in the metadata.</summary>
internal static class ModelFileWriter
{
    public static void Write(string path, RecurrentModel model, ModelSaveOptions options)
    {
        ParameterSet parameters = model.ExportParameters();
        List<SafeTensorsWriter.Entry> tensors = [];
        foreach (string name in parameters.Names)
        {
            (int rows, int columns) = parameters.Shape(name);
            float[] values = parameters.Values(name);
            if (Finite.FirstOther(values) is int index)
            {
                throw new ArgumentException($"Parameter '{name}' holds {values[index]} at {index}; a model file holds finite values only.", nameof(model));
            }

            tensors.Add(new(name, [rows, columns], values));
        }

        AudioSettings? audio = options.Audio;
        if (audio?.Misfit(model.Definition) is { } misfit)
        {
            throw new ArgumentException($"{nameof(ModelSaveOptions.Audio)}: {misfit}", nameof(options));
        }

        Tensor input = Probe.Input(model.Definition);
        Tensor output = Probe.Output(model, input, audio?.InitialState);
        if (Finite.FirstOther(output.Values) is not null)
        {
            throw new ArgumentException(
                "The model gives values that are not finite for inputs of -1..1; such a model cannot be checked when it is loaded.", nameof(model));
        }

        tensors.Add(Entry(ModelFileNames.ProbeInput, input));
        tensors.Add(Entry(ModelFileNames.ProbeOutput, output));
        if (audio?.InitialState is { } state)
        {
            tensors.AddRange(AudioState.Entries(model.Definition, state));
        }

        tensors.AddRange(options.Tensors.Select(tensor => Entry(ModelFileNames.Extra + tensor.Key, tensor.Value)));
        Dictionary<string, string> metadata = new(options.Metadata)
        {
            [ModelFileNames.Version] = ModelFileNames.CurrentVersion,
            [ModelFileNames.Architecture] = DefinitionWriter.ToJson(model.Definition),
        };
        if (audio is not null)
        {
            metadata[ModelFileNames.Audio] = ToJson(audio);
        }

        SafeTensorsWriter.Write(path, tensors, metadata);
    }

    private static SafeTensorsWriter.Entry Entry(string name, Tensor tensor) => new(name, [.. tensor.Shape], tensor.Memory);

    private static string ToJson(AudioSettings audio)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (audio.SampleRate is { } rate)
            {
                json.WriteNumber("sample_rate", rate);
            }

            json.WriteBoolean("adds_input", audio.AddsInput);
            json.WriteNumber("input_gain", audio.InputGain);
            json.WriteNumber("output_gain", audio.OutputGain);
            json.WriteBoolean("initial_state", audio.InitialState is not null);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
