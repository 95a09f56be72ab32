using FastRecurrent.Onnx.Proto;

namespace FastRecurrent.Tests.Onnx;

/// <summary>One combination of attributes and optional inputs, everything else drawn from its number: a line of test data.</summary>
internal sealed record OnnxAttributeCase(
    int Number, string Op, string Direction, int Layout, bool HasLengths, bool HasInitial, bool HasBias, bool HasPeepholes,
    bool HasActivations, float Clip, bool LinearBeforeReset, bool InputForget, int Opset)
{
    // Names with how many parameters each takes. A draw keeps them in ranges in which no state grows without bounds.
    private static readonly (string Name, int Parameters)[] Functions =
    [
        ("Sigmoid", 0), ("Tanh", 0), ("Relu", 0), ("Affine", 2), ("LeakyRelu", 1), ("ThresholdedRelu", 1),
        ("ScaledTanh", 2), ("HardSigmoid", 2), ("Elu", 1), ("Softsign", 0), ("Softplus", 0),
    ];

    private static readonly string[] Directional = ["forward", "reverse", "bidirectional"];

    /// <summary>Every operator, direction, layout, with lengths, with initial states; the other options in turn, eight times over.</summary>
    public static OnnxAttributeCase[] All { get; } = [.. Cases()];

    public int Directions => Direction == "bidirectional" ? 2 : 1;

    public int Gates => Op switch { "LSTM" => 4, "GRU" => 3, _ => 1 };

    public int Time => 5;

    public int Batch => 3;

    public int Inputs => 1 + (Number % 4);

    public int Hidden => 2 + (Number % 5);

    public float[] X => Draw(1, Time * Batch * Inputs, 1.5f);

    public float[] W => Draw(2, Directions * Gates * Hidden * Inputs, 0.6f);

    public float[] R => Draw(3, Directions * Gates * Hidden * Hidden, 0.5f);

    public float[] B => Draw(4, Directions * 2 * Gates * Hidden, 0.4f);

    public float[] P => Draw(5, Directions * 3 * Hidden, 0.5f);

    public float[] InitialHidden => Draw(6, Directions * Batch * Hidden, 0.8f);

    public float[] InitialCell => Draw(7, Directions * Batch * Hidden, 0.8f);

    /// <summary>One full, one short and one empty row, in an order that changes.</summary>
    public int[]? Lengths => HasLengths ? [(Number + 1) % 3 * 2, 5, Number % 6] : null;

    public int State(int direction, int row, int unit) =>
        ((Layout == 0 ? (direction * Batch) + row : (row * Directions) + direction) * Hidden) + unit;

    public int Step(int time, int row, int feature, int size) => ((Layout == 0 ? (time * Batch) + row : (row * Time) + time) * size) + feature;

    /// <summary>A function's name and parameters, as 32-bit floats.</summary>
    public (string Name, float Alpha, float Beta) Function(int direction, int which)
    {
        if (!HasActivations)
        {
            bool isGate = which == 0 && Op != "RNN";
            return (isGate ? "Sigmoid" : "Tanh", 0, 0);
        }

        int index = Number + (direction * 5) + (which * 7);
        Tests.Draw draw = new(index, stream: 8);
        (string name, _) = Functions[index % Functions.Length];
        return (name, draw.Float(0.2f, 0.7f), draw.Float(0.3f, 0.8f));
    }

    /// <summary>The model of one node, every input but X stored or, in every other case, given.</summary>
    public ModelProto ToModel()
    {
        string[] names = Op == "LSTM" ? ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"] : ["X", "W", "R", "B", "sequence_lens", "initial_h"];
        Dictionary<string, TestTensor> tensors = Tensors();
        string[] outputs = Op == "LSTM" ? ["Y", "Y_h", "Y_c"] : ["Y", "Y_h"];
        NodeProto node = OnnxModels.Node(Op, [.. names.Select(name => tensors.ContainsKey(name) ? name : "")], outputs, [.. Attributes()]);
        ModelProto model = OnnxModels.Model(Opset, node);
        foreach ((string name, TestTensor tensor) in tensors)
        {
            model.With(name, tensor with { IsStored = name != "X" && Number % 2 == 0 });
        }

        return outputs.Aggregate(model, (partial, output) => partial.Output(output));
    }

    public Dictionary<string, TestTensor> Tensors()
    {
        int[] state = Layout == 0 ? [Directions, Batch, Hidden] : [Batch, Directions, Hidden];
        Dictionary<string, TestTensor> tensors = new()
        {
            ["X"] = new(Layout == 0 ? [Time, Batch, Inputs] : [Batch, Time, Inputs], X),
            ["W"] = new([Directions, Gates * Hidden, Inputs], W),
            ["R"] = new([Directions, Gates * Hidden, Hidden], R),
        };
        AddIf(HasBias, "B", new([Directions, 2 * Gates * Hidden], B));
        AddIf(HasLengths, "sequence_lens", new([Batch], [.. (Lengths ?? []).Select(length => (float)length)], TensorDataType.Int32));
        AddIf(HasInitial, "initial_h", new(state, InitialHidden));
        AddIf(HasInitial && Op == "LSTM", "initial_c", new(state, InitialCell));
        AddIf(HasPeepholes, "P", new([Directions, 3 * Hidden], P));
        return tensors;

        void AddIf(bool has, string name, TestTensor tensor)
        {
            if (has)
            {
                tensors.Add(name, tensor);
            }
        }
    }

    private IEnumerable<AttributeProto> Attributes()
    {
        yield return OnnxModels.Int("hidden_size", Hidden);
        if (Direction != "forward")
        {
            yield return OnnxModels.Text("direction", Direction);
        }

        if (HasActivations)
        {
            (string Name, float Alpha, float Beta)[] functions =
                [.. Enumerable.Range(0, Directions).SelectMany(d => Enumerable.Range(0, Op switch { "LSTM" => 3, "GRU" => 2, _ => 1 }).Select(which => Function(d, which)))];
            yield return OnnxModels.Texts("activations", [.. functions.Select(function => function.Name)]);
            yield return OnnxModels.Floats("activation_alpha", [.. functions.Where(function => Parameters(function.Name) >= 1).Select(function => function.Alpha)]);
            yield return OnnxModels.Floats("activation_beta", [.. functions.Where(function => Parameters(function.Name) >= 2).Select(function => function.Beta)]);
        }

        if (Clip > 0)
        {
            yield return OnnxModels.Float("clip", Clip);
        }

        if (LinearBeforeReset)
        {
            yield return OnnxModels.Int("linear_before_reset", 1);
        }

        if (InputForget)
        {
            yield return OnnxModels.Int("input_forget", 1);
        }

        if (Layout == 1)
        {
            yield return OnnxModels.Int("layout", 1);
        }
    }

    private static int Parameters(string name) => Functions.First(function => function.Name == name).Parameters;

    private float[] Draw(int stream, int count, float bound) => new Draw(Number, stream).Floats(count, -bound, bound);

    private static IEnumerable<OnnxAttributeCase> Cases()
    {
        int number = 0;
        foreach (string op in new[] { "RNN", "GRU", "LSTM" })
        {
            foreach ((string direction, int layout, bool hasLengths, bool hasInitial) in
                from direction in Directional from layout in new[] { 0, 1 } from lengths in new[] { false, true } from initial in new[] { false, true } select (direction, layout, lengths, initial))
            {
                for (int variant = 0; variant < 8; variant++, number++)
                {
                    Tests.Draw draw = new(number, stream: 9);
                    bool resetsAfter = op == "GRU" && draw.Bool();
                    int[] opsets = layout == 1 ? [14, 22] : resetsAfter ? [3, 7, 14, 22] : [1, 3, 7, 14, 22];
                    yield return new OnnxAttributeCase(
                        number, op, direction, layout, hasLengths, hasInitial, HasBias: draw.Bool(), HasPeepholes: op == "LSTM" && draw.Bool(),
                        HasActivations: variant % 4 >= 2, Clip: variant % 2 == 1 ? draw.Float(0.2f, 0.9f) : 0, resetsAfter, InputForget: op == "LSTM" && draw.Int(0, 2) == 0,
                        opsets[(variant + (number / 8)) % opsets.Length]);
                }
            }
        }
    }
}
