using System.Globalization;
using System.Text.Json;

namespace FastRecurrent.Tests.Goldens;

/// <summary>
/// Trained models of RTNeural with an input and the output that Keras or PyTorch gave, one value a line. They lie in the
/// shared folder beside the checkout. Two forms: Keras's layers as JSON, and PyTorch's state dicts as JSON or safetensors.
/// </summary>
internal static class RtNeuralGoldens
{
    public const string Folder = "goldens/shared-only/rtneural";

    public static GoldenCase Read(string file)
    {
        string path = Path.Combine(Repository.Shared!, Folder, file);
        string name = Path.GetFileNameWithoutExtension(file);
        (ModelDefinition definition, Dictionary<string, float[]> parameters) = name.EndsWith("_torch", StringComparison.Ordinal)
            ? ReadTorch(Path.GetExtension(file) == ".safetensors" ? SafeTensorsFile.Read(path) : ReadStateDict(path))
            : ReadKeras(path);
        float[] x = ReadColumn(Path.ChangeExtension(path, null) + "_x.csv");
        return new GoldenCase
        {
            Name = file,
            Definition = definition,
            Parameters = parameters,
            X = x,
            Time = x.Length,
            Batch = 1,
            Tolerance = Tolerance.TrainedModel,
            Expected = [new("output", ReadColumn(Path.ChangeExtension(path, null) + "_y.csv"), run => run.Y)],
        };
    }

    // {"layers": [{"type": "lstm", "activation": "tanh", "shape": [null, null, H], "weights": [kernel, recurrent kernel, bias]}, ...]}
    private static (ModelDefinition Definition, Dictionary<string, float[]> Parameters) ReadKeras(string path)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        ModelBuilder builder = new(json.RootElement.GetProperty("in_shape")[2].GetInt32());
        Dictionary<string, float[]> parameters = [];
        int index = 0;
        foreach (JsonElement layer in json.RootElement.GetProperty("layers").EnumerateArray())
        {
            int size = layer.GetProperty("shape")[2].GetInt32();
            string activation = layer.GetProperty("activation").GetString()!;
            GoldenTensor[] weights = [.. layer.GetProperty("weights").EnumerateArray().Select(Tensor)];
            string type = layer.GetProperty("type").GetString()!;
            if (type == "dense")
            {
                builder.Dense(size, activation == "sigmoid" ? Activation.Sigmoid : Activation.Linear);
                Assert.Contains(activation, new[] { "sigmoid", string.Empty });
                parameters.Add($"{index}.weight", weights[0].Transposed());
                parameters.Add($"{index}.bias", weights[1].Data);
            }
            else
            {
                Assert.Equal("tanh", activation);
                RecurrentCell cell = TorchGoldens.Cell(type.ToUpperInvariant(), size);
                builder.Recurrent(cell);
                bool isTwo = weights[2].Shape.Length == 2;
                float[] bias = isTwo ? weights[2].Part(0) : weights[2].Data;
                parameters.Add($"{index}.weight_ih", GateOrders.Keras.Translate(cell, weights[0].Transposed()));
                parameters.Add($"{index}.weight_hh", GateOrders.Keras.Translate(cell, weights[1].Transposed()));
                parameters.Add($"{index}.bias_ih", GateOrders.Keras.Translate(cell, bias));
                parameters.Add($"{index}.bias_hh", GateOrders.Keras.Translate(cell, isTwo ? weights[2].Part(1) : new float[bias.Length]));
            }

            index++;
        }

        return (builder.Build(), parameters);
    }

    // One layer "lstm" (or "gru"), three layers "lstm2", then "dense".
    private static (ModelDefinition Definition, Dictionary<string, float[]> Parameters) ReadTorch(Dictionary<string, GoldenTensor> stateDict)
    {
        string module = stateDict.ContainsKey("lstm.weight_ih_l0") ? "lstm" : "gru";
        int hidden = stateDict[$"{module}.weight_hh_l0"].Shape[1];
        RecurrentCell cell = TorchGoldens.Cell(module.ToUpperInvariant(), hidden);
        int second = stateDict.Keys.Count(key => key.StartsWith($"{module}2.weight_hh", StringComparison.Ordinal));
        ModelBuilder builder = new(stateDict[$"{module}.weight_ih_l0"].Shape[1]);
        for (int layer = 0; layer < 1 + second; layer++)
            builder.Recurrent(cell);
        builder.Dense(stateDict["dense.bias"].Data.Length);
        Dictionary<string, float[]> parameters = stateDict.ToDictionary(
            entry => entry.Key.Split('.') switch
            {
                ["dense", string name] => $"{1 + second}.{name}",
                [string stack, string name] => TorchGoldens.ParameterName(name, firstLayer: stack == module ? 0 : 1),
                _ => entry.Key,
            },
            entry => entry.Key.StartsWith("dense", StringComparison.Ordinal) ? entry.Value.Data : GateOrders.PyTorch.Translate(cell, entry.Value.Data));
        return (builder.Build(), parameters);
    }

    private static Dictionary<string, GoldenTensor> ReadStateDict(string path)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
        return json.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => Tensor(entry.Value));
    }

    /// <summary>Nested lists, one or two deep.</summary>
    private static GoldenTensor Tensor(JsonElement nested) => nested[0].ValueKind == JsonValueKind.Array
        ? new([nested.GetArrayLength(), nested[0].GetArrayLength()], [.. nested.EnumerateArray().SelectMany(row => row.Deserialize<float[]>()!)])
        : new([nested.GetArrayLength()], nested.Deserialize<float[]>()!);

    private static float[] ReadColumn(string path) => [.. File.ReadLines(path).Select(line => float.Parse(line, CultureInfo.InvariantCulture))];
}
