namespace FastRecurrent.Tests.Formats.Malformed;

/// <summary>Foreign weights for a given network, with one thing wrong.</summary>
internal static class WeightCases
{
    private static readonly ModelDefinition Network = new ModelBuilder(2).Gru(3).Dense(1).Build();
    private static readonly ModelDefinition Before = new ModelBuilder(2).Recurrent(new GruCell(3) { ResetAfter = false }).Dense(1).Build();

    public static IEnumerable<MalformedFile> All =>
    [
        Torch("tensor missing", tensors => tensors.Remove("0.bias_hh_l0"), "0.bias_hh_l0", "missing", "[9]"),
        Torch("tensor of another shape", tensors => tensors["0.weight_hh_l0"] = Zero(9, 4), "0.weight_hh_l0", "[9, 4]", "[9, 3]"),
        Torch("transposed matrix", tensors => tensors["0.weight_ih_l0"] = Zero(2, 9), "0.weight_ih_l0", "[2, 9]", "[9, 2]"),
        Torch("tensor that nobody wants", tensors => tensors["1.running_mean"] = Zero(1), "1.running_mean", "nothing wants"),
        Torch("module that nobody wants", tensors => tensors["fc2.weight"] = Zero(1, 1), "fc2.weight", "wants this tensor"),
        Torch("name that means nothing", tensors => tensors["embedding.table"] = Zero(1), "embedding.table", "nothing wants"),
        Torch("a layer of the stack is missing", tensors => tensors["0.weight_ih_l2"] = Zero(9, 3), "layer 1 of this stack is missing"),
        Torch("a second layer that nobody wants", tensors => tensors["0.weight_ih_l1"] = Zero(9, 3), "0.weight_ih_l1", "nothing in the definition wants"),
        Torch("the reverse direction too", tensors => tensors["0.weight_ih_l0_reverse"] = Zero(9, 2), "0.weight_ih_l0_reverse", "nothing wants"),
        Torch("no head", tensors => Remove(tensors, "1.weight", "1.bias"), "layer 1", "no such tensor"),
        Torch("a weight is infinite", tensors => tensors["1.bias"] = new Tensor([1], [float.NegativeInfinity]), "1.bias", "finite"),
        Torch("the same weight under two names", tensors => tensors["0.weight_ih"] = Zero(9, 2), "0.weight_ih", "same weight"),
        new("pytorch: named module is not there", () => Torch(_ => { }), Readers.PyTorch(Network, "gru", "1"), "gru", "no such module", "'0', '1'"),
        new("pytorch: named modules leave one over", () => Torch(tensors => tensors["2.weight"] = Zero(1, 1)), Readers.PyTorch(Network, "0", "1"), "2.weight", "wants this tensor"),
        Keras("two rows of biases for reset before", Before, Network, "0/bias", "[2, 9]", "[9]", "reset_after"),
        Keras("one row of biases for reset after", Network, Before, "0/bias", "[9]", "[2, 9]", "reset_after"),
        Keras("tensor that nobody wants", tensors => tensors["1/gamma"] = Zero(1), "1/gamma", "nothing wants"),
        Keras("module that nobody wants", tensors => tensors["extra/kernel"] = Zero(1, 1), "extra/kernel", "wants this tensor"),
        Keras("the second direction too", tensors => tensors["0/backward_rnn/kernel"] = Zero(2, 9), "0/backward_rnn/kernel", "nothing wants"),
        Keras("name that means nothing", tensors => tensors["embedding/table"] = Zero(1), "embedding/table", "nothing wants"),
        Keras("a PyTorch file", Network, null, "weight_ih_l0", "Keras", "nothing wants"),
        new("state dict: of an RNN whose activation is unknown", () => State(("rnn.weight_ih_l0", 3, 2), ("rnn.weight_hh_l0", 3, 3)), Readers.Model, "rnn", "does not say"),
        new("state dict: two heads", () => State(("gru.weight_ih_l0", 9, 2), ("gru.weight_hh_l0", 9, 3), ("a.weight", 3, 3), ("b.weight", 3, 3)), Readers.Model, "does not say"),
        new("state dict: two orders", () => State(("a.weight_ih_l0", 9, 3), ("a.weight_hh_l0", 9, 3), ("b.weight_ih_l0", 9, 3), ("b.weight_hh_l0", 9, 3)), Readers.Model, "order"),
        new("state dict: a head that fits before too", () => State(("a.weight_ih_l0", 12, 3), ("a.weight_hh_l0", 12, 3), ("fc.weight", 3, 3)), Readers.Model, "fc", "before", "behind"),
        new("state dict: five gates", () => State(("a.weight_ih_l0", 15, 3), ("a.weight_hh_l0", 15, 3)), Readers.Model, "15 rows"),
        new("tensors without an architecture", () => State(("kernel", 2, 2)), Readers.Model, "without an architecture"),
    ];

    private static Tensor Zero(params int[] shape) => new(shape, new float[shape.Aggregate(1, (a, b) => a * b)]);

    private static void Remove(Dictionary<string, Tensor> tensors, params string[] names)
    {
        foreach (string name in names)
            tensors.Remove(name);
    }

    private static MalformedFile Torch(string name, Action<Dictionary<string, Tensor>> change, params string[] words) =>
        new("pytorch: " + name, () => Torch(change), Readers.PyTorch(Network), words);

    private static byte[] Torch(Action<Dictionary<string, Tensor>> change) => Written(path => PyTorchWeights.Save(path, Weights.Draw(Network, new Draw(1))), change);

    private static MalformedFile Keras(string name, ModelDefinition wanted, ModelDefinition? saved, params string[] words) => new(
        "keras: " + name,
        () => saved is null ? Torch(_ => { }) : Written(path => KerasWeights.Save(path, Weights.Draw(saved, new Draw(1))), _ => { }),
        Readers.Keras(wanted),
        words);

    private static MalformedFile Keras(string name, Action<Dictionary<string, Tensor>> change, params string[] words) => new(
        "keras: " + name,
        () => Written(path => KerasWeights.Save(path, Weights.Draw(Network, new Draw(1))), change),
        Readers.Keras(Network),
        words);

    private static byte[] State(params (string Name, int Rows, int Columns)[] tensors) =>
        Written(path => SafeTensors.Write(path, tensors.Select(tensor => KeyValuePair.Create(tensor.Name, Zero(tensor.Rows, tensor.Columns)))), _ => { });

    private static byte[] Written(Action<string> save, Action<Dictionary<string, Tensor>> change)
    {
        using TemporaryFolder folder = new();
        save(folder["a"]);
        ModelFileEditor file = new(folder["a"]);
        change(file.Tensors);
        return File.ReadAllBytes(file.Write(folder["b"]));
    }
}
