using System.Text.Json;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Onnx;

/// <summary>What PyTorch gave for an exported model's inputs, by the graph's names.</summary>
internal sealed record OnnxRecording(string Name, Dictionary<string, GoldenTensor> Inputs, Dictionary<string, GoldenTensor> Outputs)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public static OnnxRecording Read(string name) =>
        JsonSerializer.Deserialize<OnnxRecording>(File.ReadAllText(OnnxFiles.Path(name, "json")), Json)!;
}
