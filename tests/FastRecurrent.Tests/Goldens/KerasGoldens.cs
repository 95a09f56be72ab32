using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastRecurrent.Tests.Goldens;

/// <summary>A recorded run of a Keras layer: input [N, T, I] ([T, I] in Keras 2's file), kernels [I, G*H] and [H, G*H].</summary>
internal abstract record KerasCase(string Name, string Layer, KerasConfig Config, int PredictCalls, GoldenTensor Input, GoldenTensor[] Weights) : INamed
{
    /// <summary>Hard sigmoid's slope: 0.2 in Keras 2, 1/6 in Keras 3.</summary>
    public abstract float HardSigmoidSlope { get; }

    /// <summary>GRU's reset_after where the config does not name it.</summary>
    public abstract bool ResetAfterByDefault { get; }

    public abstract Tolerance Tolerance { get; }

    /// <summary>What must come out, and of which part of the outputs.</summary>
    public abstract IReadOnlyList<KerasExpectation> Outcomes { get; }

    /// <summary>[N][T], 0 where a step is skipped.</summary>
    public int[][]? Mask { get; init; }

    /// <summary>h, or h and c; of both directions where there are two.</summary>
    public GoldenTensor[]? InitialState { get; init; }
}

internal sealed record Keras2Case(
    string Name, string Layer, KerasConfig Config, int PredictCalls, GoldenTensor Input, GoldenTensor[] Weights, GoldenTensor Expected)
    : KerasCase(Name, Layer, Config, PredictCalls, Input, Weights)
{
    public override float HardSigmoidSlope => 0.2f;

    public override bool ResetAfterByDefault => false;

    public override Tolerance Tolerance => Tolerance.SixDecimals;

    public override IReadOnlyList<KerasExpectation> Outcomes => [new([], false, Expected.Data)];
}

internal sealed record Keras3Case(
    string Name, string Layer, KerasConfig Config, int PredictCalls, GoldenTensor Input, GoldenTensor[] Weights, KerasExpectation[] Expected)
    : KerasCase(Name, Layer, Config, PredictCalls, Input, Weights)
{
    public override float HardSigmoidSlope => 1f / 6;

    public override bool ResetAfterByDefault => true;

    public override Tolerance Tolerance => Tolerance.Golden;

    public override IReadOnlyList<KerasExpectation> Outcomes => Expected;
}

/// <summary>All of the output, one row of it, or one of several outputs (the output, then the states).</summary>
internal sealed record KerasExpectation(int[] Index, bool IndexIsOutputNumber, float[] Data);

/// <summary>A layer's arguments; any other one is an error. Keras's own defaults.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record KerasConfig
{
    public int Units { get; init; }

    public string Activation { get; init; } = "tanh";

    public string RecurrentActivation { get; init; } = "sigmoid";

    public bool UseBias { get; init; } = true;

    public bool ReturnSequences { get; init; }

    public bool ReturnState { get; init; }

    public bool GoBackwards { get; init; }

    public bool Stateful { get; init; }

    public bool? ResetAfter { get; init; }

    public bool ZeroOutputForMask { get; init; }

    /// <summary>Of a Bidirectional layer; null for two outputs.</summary>
    public string? MergeMode { get; init; }

    /// <summary>The layer that a Bidirectional layer wraps.</summary>
    public KerasConfig? Layer { get; init; }

    public string? ClassName { get; init; }

    // How Keras computes or initializes, which the recorded weights already hold; nothing follows from these here.
    public bool Unroll { get; init; }

    public int Implementation { get; init; }

    public bool UnitForgetBias { get; init; }

    public JsonElement BackwardLayerConstants { get; init; }
}

/// <summary>From Keras's layouts to a <see cref="GoldenCase"/>.</summary>
internal static class KerasGoldens
{
    public static Dictionary<string, Keras2Case> Keras2 { get; } = GoldenData.ReadCases<Keras2Case>("keras2_layer_cases.json");

    public static Dictionary<string, Keras3Case> Keras3 { get; } = GoldenData.ReadCases<Keras3Case>("keras3_layer_cases.json");

    public static GoldenCase Translate(KerasCase keras)
    {
        bool isBidirectional = keras.Layer == "Bidirectional";
        KerasConfig config = isBidirectional ? keras.Config.Layer! : keras.Config;
        RecurrentCell cell = Cell(keras, config, isBidirectional ? config.ClassName! : keras.Layer);
        Direction direction = isBidirectional ? Direction.Bidirectional : config.GoBackwards ? Direction.Reverse : Direction.Forward;
        RecurrentLayer layer = new(cell, direction) { Merge = MergeOf(keras.Config.MergeMode) };
        int[] shape = keras.Input.Shape.Length == 2 ? [1, .. keras.Input.Shape] : keras.Input.Shape;
        ModelBuilder builder = new ModelBuilder(shape[2]).Add(layer);
        if (!config.ReturnSequences)
            builder.FinalState();
        KerasMask? mask = keras.Mask is null ? null : new KerasMask(keras.Mask);
        (float[]? hidden, float[]? carried) = InitialState(keras.InitialState, cell.HasCellState);
        return new GoldenCase
        {
            Name = keras.Name,
            Definition = builder.Build(),
            Parameters = Parameters(keras, cell, isBidirectional ? 2 : 1),
            X = mask?.Gather(keras.Input.Data, shape[2]) ?? keras.Input.Data,
            Batch = shape[0],
            Time = shape[1],
            Layout = SequenceLayout.BatchMajor,
            Lengths = mask?.Lengths,
            InitialHidden = hidden,
            InitialCell = carried,
            Runs = keras.PredictCalls,
            Tolerance = keras.Tolerance,
            Expected = [.. keras.Outcomes.Select(outcome => Expect(outcome, run => Outputs(keras, config, run, mask)))],
        };
    }

    private static RecurrentCell Cell(KerasCase keras, KerasConfig config, string type)
    {
        Activation candidate = Function(config.Activation, keras.HardSigmoidSlope);
        Activation gate = Function(config.RecurrentActivation, keras.HardSigmoidSlope);
        return type switch
        {
            // Keras's activation serves the candidate and the output.
            "LSTM" => new LstmCell(config.Units)
            {
                GateActivation = gate,
                CandidateActivation = candidate,
                OutputActivation = candidate,
                Bias = config.UseBias,
            },
            "GRU" => new GruCell(config.Units)
            {
                GateActivation = gate,
                CandidateActivation = candidate,
                Bias = config.UseBias,
                ResetAfter = config.ResetAfter ?? keras.ResetAfterByDefault,
            },
            "SimpleRNN" => new SimpleRnnCell(config.Units) { Activation = candidate, Bias = config.UseBias },
            _ => throw new InvalidDataException($"{keras.Name}: unknown layer {type}."),
        };
    }

    private static Activation Function(string name, float hardSigmoidSlope) => name switch
    {
        "tanh" => Activation.Tanh,
        "sigmoid" => Activation.Sigmoid,
        "hard_sigmoid" => Activation.HardSigmoid(hardSigmoidSlope, 0.5f),
        _ => throw new InvalidDataException($"Unknown activation {name}."),
    };

    // Merge mode null gives two outputs: the halves of the concatenation.
    private static Merge MergeOf(string? mode) => mode switch
    {
        "concat" or null => Merge.Concat,
        "sum" => Merge.Sum,
        "mul" => Merge.Multiply,
        "ave" => Merge.Average,
        _ => throw new InvalidDataException($"Unknown merge mode {mode}."),
    };

    private static Dictionary<string, float[]> Parameters(KerasCase keras, RecurrentCell cell, int directions)
    {
        Dictionary<string, float[]> parameters = [];
        int each = cell.Bias ? 3 : 2;
        Assert.Equal(each * directions, keras.Weights.Length);
        for (int d = 0; d < directions; d++)
        {
            string suffix = d == 0 ? string.Empty : "_reverse";
            GoldenTensor[] weights = keras.Weights[(d * each)..((d + 1) * each)];
            parameters.Add($"0.weight_ih{suffix}", GateOrders.Keras.Translate(cell, weights[0].Transposed()));
            parameters.Add($"0.weight_hh{suffix}", GateOrders.Keras.Translate(cell, weights[1].Transposed()));
            if (cell.Bias)
            {
                // Reset after: [2, 3H], a bias for each product. Else one bias, which may stand on either side.
                bool isTwo = weights[2].Shape.Length == 2;
                Assert.Equal(cell is GruCell { ResetAfter: true }, isTwo);
                float[] input = isTwo ? weights[2].Part(0) : weights[2].Data;
                float[] recurrent = isTwo ? weights[2].Part(1) : new float[input.Length];
                parameters.Add($"0.bias_ih{suffix}", GateOrders.Keras.Translate(cell, input));
                parameters.Add($"0.bias_hh{suffix}", GateOrders.Keras.Translate(cell, recurrent));
            }
        }

        return parameters;
    }

    private static (float[]? Hidden, float[]? Carried) InitialState(GoldenTensor[]? states, bool hasCellState)
    {
        if (states is null)
            return (null, null);
        return hasCellState
            ? ([.. states.Where((_, i) => i % 2 == 0).SelectMany(h => h.Data)], [.. states.Where((_, i) => i % 2 == 1).SelectMany(c => c.Data)])
            : ([.. states.SelectMany(h => h.Data)], null);
    }

    /// <summary>What the layer would return: its output or, without merge, both; then the states, h before c.</summary>
    private static float[][] Outputs(KerasCase keras, KerasConfig config, GoldenRun run, KerasMask? mask)
    {
        float[] y = run.Y;
        int size = run.Case.Definition.OutputSize;
        if (config.ReturnSequences && mask is not null)
        {
            Assert.False(config.GoBackwards || keras.Layer == "Bidirectional", "no recorded case masks a sequence that is read from its end");
            y = mask.Scatter(y, size, config.ZeroOutputForMask);
        }

        // Keras gives the steps of go_backwards in the order in which they ran.
        if (config.ReturnSequences && config.GoBackwards)
            y = [.. Enumerable.Range(0, run.Case.Batch).SelectMany(row => Steps(y, row, run.Case.Time, size).Reverse().SelectMany(step => step))];
        IEnumerable<float[]> outputs = keras.Layer == "Bidirectional" && keras.Config.MergeMode is null
            ? [[.. y.Where((_, i) => i % size < size / 2)], [.. y.Where((_, i) => i % size >= size / 2)]]
            : [y];
        int state = run.Case.Batch * config.Units;
        IEnumerable<float[]> states = run.Cell.Length > 0
            ? run.Hidden.Chunk(state).Zip(run.Cell.Chunk(state)).SelectMany(pair => new[] { pair.First, pair.Second })
            : run.Hidden.Chunk(state);
        return config.ReturnState ? [.. outputs, .. states] : [.. outputs];
    }

    private static IEnumerable<float[]> Steps(float[] y, int row, int time, int size) => y.Chunk(size).Skip(row * time).Take(time);

    private static Expectation Expect(KerasExpectation outcome, Func<GoldenRun, float[][]> outputs) => outcome switch
    {
        { Index: [] } => new("output", outcome.Data, run => outputs(run).Single()),
        { Index: [int number], IndexIsOutputNumber: true } => new($"output {number}", outcome.Data, run => outputs(run)[number]),
        { Index: [int row] } => new($"row {row}", outcome.Data, run => RowOf(outputs(run).Single(), row, run.Case.Batch)),
        _ => throw new InvalidDataException($"Unknown index [{string.Join(", ", outcome.Index)}]."),
    };

    private static float[] RowOf(float[] output, int row, int batch) => output.Chunk(output.Length / batch).ElementAt(row);
}
