namespace FastRecurrent.Tests.Formats.Malformed;

/// <summary>This project's own file, changed in one place.</summary>
internal static class ModelFileCases
{
    private static readonly Lazy<byte[]> Whole = new(() => Saved(new ModelBuilder(2).Lstm(3).Dense(1).Build()));

    public static IEnumerable<MalformedFile> All =>
    [
        Case("later version", file => file.Metadata["fastrecurrent.version"] = "2", "fastrecurrent.version", "found '2'", "wanted '1'"),
        Case("no architecture", file => file.Metadata.Remove(ModelFileEditor.Architecture), "fastrecurrent.architecture", "missing"),
        Case("architecture is no JSON", file => file.Metadata[ModelFileEditor.Architecture] = "LSTM", "fastrecurrent.architecture", "cannot be read"),
        Case("architecture is a list", file => file.Metadata[ModelFileEditor.Architecture] = "[]", "fastrecurrent.architecture", "an object"),
        Change("unknown member", "\"input_size\"", "\"name\":1,\"input_size\"", "'name' is unknown"),
        Change("input size zero", "\"input_size\":2", "\"input_size\":0", "input_size", "found 0"),
        Change("input size is text", "\"input_size\":2", "\"input_size\":\"2\"", "input_size", "\"2\""),
        Change("unknown layer", "\"type\":\"dense\"", "\"type\":\"attention\"", "layers[1].type", "attention"),
        Change("unknown cell", "\"type\":\"lstm\"", "\"type\":\"sru\"", "layers[0].cell.type", "sru"),
        Change("hidden size zero", "\"hidden_size\":3", "\"hidden_size\":0", "hidden_size", "found 0"),
        Change("hidden size beyond memory", "\"hidden_size\":3", "\"hidden_size\":2000000000", "layers", "smaller"),
        Change("another hidden size", "\"hidden_size\":3", "\"hidden_size\":4", "0.weight_ih", "[12, 2]", "[16, 2]"),
        Change("option missing", "\"peepholes\":false,", "", "'peepholes' is missing"),
        Change("option of a later version", "\"peepholes\":false,", "\"peepholes\":false,\"zoneout\":0,", "'zoneout' is unknown"),
        Change("flag is a number", "\"peepholes\":false", "\"peepholes\":0", "peepholes", "true or false"),
        Change("unknown activation", "\"kind\":\"affine\"", "\"kind\":\"gelu\"", "activation.kind", "gelu", "tanh"),
        Change("activation parameter beyond float", "\"alpha\":1", "\"alpha\":1e99", "alpha", "1e99", "finite"),
        Change("negative clip", "\"gate_clip\":0", "\"gate_clip\":-1", "layers[0]", "GateClip"),
        Change("unknown direction", "\"direction\":\"forward\"", "\"direction\":\"sideways\"", "direction", "sideways", "forward, reverse, bidirectional"),
        Change("no layers", Layers, "\"layers\":[]", "layers", "at least one layer"),
        Change("sequence layer behind a vector", "{\"type\":\"dense\"", "{\"type\":\"last_step\"},{\"type\":\"last_step\"},{\"type\":\"dense\"", "needs a sequence"),
        Change("too many layers", "{\"type\":\"dense\"", string.Concat(Enumerable.Repeat("{\"type\":\"softmax\"},", 1025)) + "{\"type\":\"dense\"", "1027 layers", "limit is 1024"),
        Case("parameter missing", file => file.Tensors.Remove("1.bias"), "1.bias", "missing"),
        Case("parameter of another shape", file => file.Tensors["1.bias"] = new Tensor([1], [0]), "1.bias", "[1]", "[1, 1]"),
        Case("parameter is NaN", file => file.Tensors["0.weight_hh"] = new Tensor([12, 3], [.. Enumerable.Repeat(float.NaN, 36)]), "0.weight_hh", "NaN", "finite"),
        Case("tensor that nobody wants", file => file.Tensors["2.weight"] = new Tensor([1], [0]), "2.weight", "nothing in the architecture wants"),
        Case("no probe input", file => file.Tensors.Remove("probe.input"), "probe.input", "missing"),
        Case("no probe output", file => file.Tensors.Remove("probe.output"), "probe.output", "missing"),
        Case("probe input of another width", file => file.Tensors["probe.input"] = new Tensor([2, 3], new float[6]), "probe.input", "[2, 3]", "[T, 2]"),
        Case("probe without steps", file => file.Tensors["probe.input"] = new Tensor([0, 2], []), "probe.input", "[0, 2]"),
        Case("probe output of another length", file => file.Tensors["probe.output"] = new Tensor([2, 1], new float[2]), "probe.output", "[2, 1]", "[3, 1]"),
        Case("probe output changed", file => file.Edit("probe.output", values => [.. values.Select(value => value + 0.001f)]), "probe.output", "was recorded"),
        Case("probe output is NaN", file => file.Edit("probe.output", values => [.. values.Select(_ => float.NaN)]), "probe.output", "NaN"),
        Case("one weight changed", file => file.Edit("0.weight_hh", values => [values[0] + 0.1f, .. values[1..]]), "probe.output", "changed since"),
        Case("audio settings are no object", file => file.Metadata["fastrecurrent.audio"] = "7", "fastrecurrent.audio", "an object"),
        Case("audio sample rate zero", file => file.Metadata["fastrecurrent.audio"] = Audio("\"sample_rate\":0,"), "sample_rate", "found 0"),
        new("model: a skip around two outputs", TwoOutputs, Readers.Model, "fastrecurrent.audio", "one output", "has 2"),
        Case("initial state is missing", file => file.Metadata["fastrecurrent.audio"] = Audio("", "true"), "state.0.h", "missing"),
        Case("state without settings", file => file.Tensors["state.0.h"] = new Tensor([3], new float[3]), "state.0.h", "wants this tensor"),
        Case("steps beyond memory", RepeatedForever, "probe.input", "at most"),
    ];

    private const string Layers = "\"layers\":[{";

    private static string Audio(string rate, string state = "false") => $$"""{{{rate}}"adds_input":false,"input_gain":1,"output_gain":1,"initial_state":{{state}}}""";

    private static byte[] TwoOutputs()
    {
        using TemporaryFolder folder = new();
        ModelFileEditor file = new(folder.Write("a", Saved(new ModelBuilder(1).Lstm(2).Build())));
        file.Metadata["fastrecurrent.audio"] = """{"adds_input":true,"input_gain":1,"output_gain":1,"initial_state":false}""";
        return File.ReadAllBytes(file.Write(folder["b"]));
    }

    // A vector that is repeated two billion times to become a vector again: nothing in the file is large but the work.
    private static void RepeatedForever(ModelFileEditor file)
    {
        file.Metadata[ModelFileEditor.Architecture] =
            """{"input_size":1,"input_is_vector":true,"layers":[{"type":"repeat_vector","steps":2000000000},{"type":"last_step"}]}""";
        foreach (string name in file.Tensors.Keys.ToArray())
            file.Tensors.Remove(name);
        file.Tensors["probe.input"] = file.Tensors["probe.output"] = new Tensor([1, 1], [1]);
    }

    private static MalformedFile Change(string name, string found, string by, params string[] words) => Case(
        name,
        file =>
        {
            if (found == Layers)
                file.Metadata[ModelFileEditor.Architecture] = """{"input_size":2,"input_is_vector":false,"layers":[]}""";
            else
                file.Replace(found, by);
        },
        words);

    private static MalformedFile Case(string name, Action<ModelFileEditor> change, params string[] words) => new("model: " + name, () => Changed(change), Readers.Model, words);

    private static byte[] Changed(Action<ModelFileEditor> change)
    {
        using TemporaryFolder folder = new();
        ModelFileEditor file = new(folder.Write("whole", Whole.Value));
        change(file);
        return File.ReadAllBytes(file.Write(folder["changed"]));
    }

    public static byte[] Saved(ModelDefinition network)
    {
        using TemporaryFolder folder = new();
        ModelFile.Save(folder["a"], new RecurrentModel(network, Weights.Draw(network, new Draw(2))));
        return File.ReadAllBytes(folder["a"]);
    }
}
