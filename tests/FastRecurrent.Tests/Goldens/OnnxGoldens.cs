using System.Text.Json.Serialization;

namespace FastRecurrent.Tests.Goldens;

/// <summary>A recorded run of one of ONNX's operators RNN, GRU, LSTM; X [T, N, I], W [D, G*H, I], R [D, G*H, H], B [D, Wb | Rb], P [D, 3*H].</summary>
internal sealed record OnnxCase(
    string Name, string Op, OnnxAttributes Attributes, Dictionary<string, GoldenTensor> Inputs, Dictionary<string, GoldenTensor> Outputs) : INamed
{
    public float? SuggestedAtol { get; init; }
}

/// <summary>The attributes that recorded cases have; any other one is an error.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OnnxAttributes(int HiddenSize)
{
    public string Direction { get; init; } = "forward";

    public string[]? Activations { get; init; }

    public float Clip { get; init; }

    public int InputForget { get; init; }

    public int LinearBeforeReset { get; init; }

    public int Layout { get; init; }

    /// <summary>No ONNX attribute: TensorFlow Lite's clamp of the new cell state.</summary>
    public float TfliteCellClip { get; init; }
}

/// <summary>From ONNX's layouts to a <see cref="GoldenCase"/>.</summary>
internal static class OnnxGoldens
{
    private static readonly string[] KnownInputs = ["X", "W", "R", "B", "P", "sequence_lens", "initial_h", "initial_c"];

    public static Dictionary<string, OnnxCase> Nodes { get; } =
        Directory.EnumerateFiles(GoldenData.PathOf("onnx_node"), "*.json").Select(GoldenData.Read<OnnxCase>).ToDictionary(node => node.Name);

    public static Dictionary<string, OnnxCase> Lstm { get; } = GoldenData.ReadCases<OnnxCase>("onnx_lstm_cases.json");

    public static Dictionary<string, OnnxCase> Gru { get; } = GoldenData.ReadCases<OnnxCase>("onnx_gru_cases.json");

    public static Dictionary<string, OnnxCase> Rnn { get; } = GoldenData.ReadCases<OnnxCase>("onnx_rnn_cases.json");

    public static Dictionary<string, OnnxCase> Tflite { get; } = GoldenData.ReadCases<OnnxCase>("tflite_cases.json");

    public static GoldenCase Translate(OnnxCase onnx)
    {
        Assert.Empty(onnx.Inputs.Keys.Except(KnownInputs));
        Assert.True(onnx.Attributes.InputForget == 0, "no recorded case couples its gates; a new one needs its f rows dropped here");
        OnnxAttributes attributes = onnx.Attributes;
        bool isBatchMajor = attributes.Layout == 1;
        GoldenTensor x = onnx.Inputs["X"];
        int directions = onnx.Inputs["W"].Shape[0];
        Direction direction = Enum.Parse<Direction>(attributes.Direction, ignoreCase: true);
        Assert.Equal(directions, direction == Direction.Bidirectional ? 2 : 1);
        RecurrentLayer layer = new(Cell(onnx, 0), direction) { ReverseCell = Cell(onnx, directions - 1) };

        // ONNX's final state of a row without steps is 0 and FastRecurrent's is the initial one; no recorded row has none.
        int[]? lengths = onnx.Inputs.GetValueOrDefault("sequence_lens") is { } recorded ? [.. recorded.Data.Select(length => (int)length)] : null;
        Assert.DoesNotContain(0, lengths ?? []);
        Assert.False(isBatchMajor && onnx.Inputs.ContainsKey("initial_h"), "no recorded case has layout 1 and an initial state; it would be [N, D, H]");
        return new GoldenCase
        {
            Name = onnx.Name,
            Definition = new ModelBuilder(x.Shape[2]).Add(layer).Build(),
            Parameters = Parameters(onnx, layer, directions),
            X = x.Data,
            Time = x.Shape[isBatchMajor ? 1 : 0],
            Batch = x.Shape[isBatchMajor ? 0 : 1],
            Layout = isBatchMajor ? SequenceLayout.BatchMajor : SequenceLayout.TimeMajor,
            Lengths = lengths,
            InitialHidden = onnx.Inputs.GetValueOrDefault("initial_h")?.Data,
            InitialCell = onnx.Inputs.GetValueOrDefault("initial_c")?.Data,
            Tolerance = onnx.SuggestedAtol is { } atol ? Tolerance.Suggested(atol) : Tolerance.Golden,
            Expected = [.. onnx.Outputs.Select(output => Expect(output.Key, output.Value, directions, isBatchMajor))],
        };
    }

    private static RecurrentCell Cell(OnnxCase onnx, int direction)
    {
        OnnxAttributes attributes = onnx.Attributes;
        int size = attributes.HiddenSize;
        int functions = onnx.Op switch { "LSTM" => 3, "GRU" => 2, _ => 1 };
        Activation[] a = [.. (attributes.Activations?.Skip(direction * functions).Take(functions) ?? []).Select(Function)];
        bool bias = onnx.Inputs.ContainsKey("B");
        RecurrentCell cell = onnx.Op switch
        {
            "LSTM" => new LstmCell(size) { Peepholes = onnx.Inputs.ContainsKey("P"), CellClip = attributes.TfliteCellClip },
            "GRU" => new GruCell(size) { ResetAfter = attributes.LinearBeforeReset != 0 },
            "RNN" => new SimpleRnnCell(size),
            _ => throw new InvalidDataException($"{onnx.Name}: unknown operator {onnx.Op}."),
        };
        if (a.Length > 0)
        {
            cell = cell switch
            {
                LstmCell lstm => lstm with { GateActivation = a[0], CandidateActivation = a[1], OutputActivation = a[2] },
                GruCell gru => gru with { GateActivation = a[0], CandidateActivation = a[1] },
                _ => ((SimpleRnnCell)cell) with { Activation = a[0] },
            };
        }

        return cell with { Bias = bias, GateClip = attributes.Clip };
    }

    // ONNX's names are case-insensitive. No recorded case has a function with alpha or beta.
    private static Activation Function(string name) => name.ToUpperInvariant() switch
    {
        "SIGMOID" => Activation.Sigmoid,
        "TANH" => Activation.Tanh,
        _ => throw new InvalidDataException($"Unknown activation {name}."),
    };

    private static Dictionary<string, float[]> Parameters(OnnxCase onnx, RecurrentLayer layer, int directions)
    {
        Dictionary<string, float[]> parameters = [];
        for (int d = 0; d < directions; d++)
        {
            string suffix = d == 0 ? string.Empty : "_reverse";
            RecurrentCell cell = layer.Cell;
            parameters.Add($"0.weight_ih{suffix}", GateOrders.Onnx.Translate(cell, onnx.Inputs["W"].Part(d)));
            parameters.Add($"0.weight_hh{suffix}", GateOrders.Onnx.Translate(cell, onnx.Inputs["R"].Part(d)));
            if (onnx.Inputs.TryGetValue("B", out GoldenTensor? b))
            {
                float[] both = b.Part(d);
                parameters.Add($"0.bias_ih{suffix}", GateOrders.Onnx.Translate(cell, both[..(both.Length / 2)]));
                parameters.Add($"0.bias_hh{suffix}", GateOrders.Onnx.Translate(cell, both[(both.Length / 2)..]));
            }

            if (onnx.Inputs.TryGetValue("P", out GoldenTensor? p))
                parameters.Add($"0.peephole{suffix}", GateOrders.Onnx.TranslatePeepholes(p.Part(d)));
        }

        return parameters;
    }

    private static Expectation Expect(string output, GoldenTensor recorded, int directions, bool isBatchMajor) => output switch
    {
        // Batch-major [N, T, D, H] is FastRecurrent's [N, T, D*H]; time-major [T, D, N, H] is not its [T, N, D*H].
        "Y" => new(output, recorded.Data, run => isBatchMajor ? run.Y : SwapRowsAndDirections(run, directions)),

        // [D, N, H]; batch-major [N, D, H], which is the same for the one direction that recorded cases have.
        "Y_h" when !isBatchMajor || directions == 1 => new(output, recorded.Data, run => run.Hidden),
        "Y_c" when !isBatchMajor || directions == 1 => new(output, recorded.Data, run => run.Cell),
        _ => throw new InvalidDataException($"Unknown output {output}."),
    };

    private static float[] SwapRowsAndDirections(GoldenRun run, int directions)
    {
        (int batch, int size) = (run.Case.Batch, run.Case.Definition.OutputSize / directions);
        float[] result = new float[run.Y.Length];
        int next = 0;
        for (int t = 0; t < run.Case.Time; t++)
            for (int d = 0; d < directions; d++)
                for (int n = 0; n < batch; n++, next += size)
                    run.Y.AsSpan(((((t * batch) + n) * directions) + d) * size, size).CopyTo(result.AsSpan(next));
        return result;
    }
}
