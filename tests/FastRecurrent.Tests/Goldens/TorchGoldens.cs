using System.Text.Json.Serialization;

namespace FastRecurrent.Tests.Goldens;

/// <summary>A recorded run of PyTorch's RNN, GRU or LSTM; the state dict in PyTorch's names, states [layers * D, N, H].</summary>
internal sealed record TorchCase(
    string Name,
    string Module,
    bool BatchFirst,
    bool Bidirectional,
    Dictionary<string, GoldenTensor> StateDict,
    GoldenTensor Input,
    Dictionary<string, GoldenTensor> Expected)
    : INamed
{
    [JsonPropertyName("h_0")]
    public GoldenTensor? InitialHidden { get; init; }

    [JsonPropertyName("c_0")]
    public GoldenTensor? InitialCell { get; init; }

    public float? SuggestedAtol { get; init; }
}

/// <summary>From PyTorch's names to a <see cref="GoldenCase"/>; its layouts and gate orders are FastRecurrent's.</summary>
internal static class TorchGoldens
{
    public static Dictionary<string, TorchCase> Layers { get; } = GoldenData.ReadCases<TorchCase>("torch_layer_cases.json");

    /// <summary>Two-layer stacks that PyTorch ran in double precision, with states in and out (and gradients, for later).</summary>
    public static Dictionary<string, TorchCase> Stacks { get; } =
        Directory.EnumerateFiles(GoldenData.PathOf("torch_gradients"), "*.safetensors").Select(ReadStack).ToDictionary(stack => stack.Name);

    public static GoldenCase Translate(TorchCase torch)
    {
        int[] shape = torch.Input.Shape;
        int layers = torch.StateDict.Keys.Count(key => key.StartsWith("weight_hh", StringComparison.Ordinal)) / (torch.Bidirectional ? 2 : 1);
        RecurrentCell cell = Cell(torch.Module, torch.StateDict["weight_hh_l0"].Shape[1]);
        ModelBuilder builder = new(shape[2]);
        for (int layer = 0; layer < layers; layer++)
            builder.Recurrent(cell, torch.Bidirectional ? Direction.Bidirectional : Direction.Forward);
        return new GoldenCase
        {
            Name = torch.Name,
            Definition = builder.Build(),
            Parameters = torch.StateDict.ToDictionary(entry => ParameterName(entry.Key), entry => GateOrders.PyTorch.Translate(cell, entry.Value.Data)),
            X = torch.Input.Data,
            Time = shape[torch.BatchFirst ? 1 : 0],
            Batch = shape[torch.BatchFirst ? 0 : 1],
            Layout = torch.BatchFirst ? SequenceLayout.BatchMajor : SequenceLayout.TimeMajor,
            InitialHidden = torch.InitialHidden?.Data,
            InitialCell = torch.InitialCell?.Data,
            Tolerance = torch.SuggestedAtol is { } atol ? Tolerance.Suggested(atol) : Tolerance.Golden,
            Expected = [.. torch.Expected.Select(entry => Expect(entry.Key, entry.Value.Data))],
        };
    }

    public static RecurrentCell Cell(string module, int hiddenSize) => module switch
    {
        "LSTM" => new LstmCell(hiddenSize),
        "GRU" => new GruCell(hiddenSize),
        "RNN" => new SimpleRnnCell(hiddenSize),
        _ => throw new InvalidDataException($"Unknown module {module}."),
    };

    /// <summary>weight_ih_l1_reverse to 1.weight_ih_reverse.</summary>
    public static string ParameterName(string torch, int firstLayer = 0)
    {
        string[] parts = torch.Split("_l");
        int digits = parts[1].TakeWhile(char.IsAsciiDigit).Count();
        int layer = firstLayer + int.Parse(parts[1].AsSpan(0, digits), System.Globalization.CultureInfo.InvariantCulture);
        return $"{layer}.{parts[0]}{parts[1][digits..]}";
    }

    private static Expectation Expect(string output, float[] recorded) => output switch
    {
        "output" => new(output, recorded, run => run.Y),
        "h_n" => new(output, recorded, run => run.Hidden),
        "c_n" => new(output, recorded, run => run.Cell),
        _ => throw new InvalidDataException($"Unknown output {output}."),
    };

    private static TorchCase ReadStack(string path)
    {
        Dictionary<string, GoldenTensor> file = SafeTensorsFile.Read(path);
        string name = Path.GetFileNameWithoutExtension(path);
        Dictionary<string, GoldenTensor> weights = file
            .Where(entry => entry.Key.StartsWith("w.", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key[2..], entry => entry.Value);
        Dictionary<string, GoldenTensor> expected = new() { ["output"] = file["y"], ["h_n"] = file["hn"] };
        if (file.TryGetValue("cn", out GoldenTensor? cn))
            expected.Add("c_n", cn);
        return new TorchCase(name, name.Split('_')[0].ToUpperInvariant(), BatchFirst: false, Bidirectional: false, weights, file["x"], expected)
        {
            InitialHidden = file["h0"],
            InitialCell = file.GetValueOrDefault("c0"),
        };
    }
}
