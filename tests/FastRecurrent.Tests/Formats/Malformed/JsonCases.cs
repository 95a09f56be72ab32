using System.Text.Json.Nodes;

namespace FastRecurrent.Tests.Formats.Malformed;

/// <summary>The JSON of RTNeural, Neural Amp Modeler and GuitarML with one thing wrong.</summary>
internal static class JsonCases
{
    private const string RtNeural = """
        {"in_shape": [null, null, 1], "layers": [
          {"type": "gru", "activation": "tanh", "shape": [null, null, 1], "weights": [[[1, 1, 1]], [[1, 1, 1]], [[0, 0, 0], [0, 0, 0]]]},
          {"type": "dense", "activation": "tanh", "shape": [null, null, 1], "weights": [[[1]], [0]]}]}
        """;

    public static IEnumerable<MalformedFile> All =>
    [
        Json("an empty object", "{}", "no model that is known"),
        Json("a list", "[1, 2]", "an object"),
        Json("cut off", "{\"layers\": [", "cannot be read"),
        Json("a byte order mark and nothing", "\uFEFF{", "cannot be read"),
        Json("two architectures", """{"architecture": "LSTM", "architecture": "LSTM", "config": {}}""", "uplicate"),
        new("json: no UTF-8", () => [.. MalformedFile.Text("{\"layers\": \""), 0xC0, 0x80, .. MalformedFile.Text("\"}")], Readers.Model, "no UTF-8"),
        new("json: beyond the limit", () => MalformedFile.Text(RtNeural), bytes => Readers.Model(bytes, new ImportLimits { JsonBytes = 100 }), "limit is 100", "JsonBytes"),
        new("json: nests beyond the limit", () => MalformedFile.Text(RtNeural), bytes => Readers.Model(bytes, new ImportLimits { JsonDepth = 3 }), "depth"),
        new("a pickle", () => [0x80, 2, 0x8A, 10, 1, 2, 3, 4, 5, 6], Readers.Model, "pickle", "never read"),
        new("a zip", () => [.. "PK\u0003\u0004"u8, .. new byte[20]], Readers.Model, "zip", "safetensors"),
        new("an HDF5 file", () => [0x89, .. "HDF\r\n"u8, .. new byte[20]], Readers.Model, "HDF5", "safetensors"),
        new("a text", () => MalformedFile.Text("this is no model, but a text"), Readers.Model, "no safetensors file"),

        Rt("no layers", "\"layers\"", "\"layer\"", "no model that is known"),
        Rt("layers is no list", RtNeural, """{"in_shape": [null, null, 1], "layers": 3}""", "layers", "a list"),
        Rt("empty list of layers", RtNeural, """{"in_shape": [null, null, 1], "layers": []}""", "layers", "at least one layer"),
        Rt("input shape empty", "\"in_shape\": [null, null, 1]", "\"in_shape\": []", "in_shape", "a shape"),
        Rt("input shape open", "\"in_shape\": [null, null, 1]", "\"in_shape\": [null, null]", "in_shape[1]", "found null"),
        Rt("a layer without a type", "\"type\": \"gru\", ", "", "layers[0]", "'type' is missing"),
        Rt("a layer that is not shared", "\"type\": \"dense\"", "\"type\": \"conv1d\"", "layers[1]", "'conv1d'", "no counterpart"),
        Rt("a recurrent activation that RTNeural ignores", "\"type\": \"gru\", \"activation\": \"tanh\"", "\"type\": \"gru\", \"activation\": \"relu\"", "layers[0].activation", "\"relu\"", "tanh"),
        Rt("an unknown activation", "\"type\": \"dense\", \"activation\": \"tanh\"", "\"type\": \"dense\", \"activation\": \"swish\"", "layers[1].activation", "\"swish\""),
        Rt("a layer without weights", ", \"weights\": [[[1]], [0]]", "", "'weights' is missing"),
        Rt("three weights of a dense layer", "[[[1]], [0]]", "[[[1]], [0], [0]]", "layers[1].weights", "3 weights", "2 (kernel, bias)"),
        Rt("a kernel of another shape", "[[[1]], [0]]", "[[[1, 2]], [0]]", "layers[1]/kernel", "[1, 2]", "[1, 1]"),
        Rt("a ragged matrix", "[[1, 1, 1]], [[0", "[[1, 1, 1], [1]], [[0", "layers[0].weights[1]", "1 values", "3"),
        Rt("a weight is text", "[[[1]], [0]]", "[[[\"1\"]], [0]]", "layers[1].weights[0][0][0]", "finite number"),
        Rt("a weight beyond float", "[[[1]], [0]]", "[[[1e39]], [0]]", "1e39", "finite number"),
        Rt("a weight is null", "[[[1]], [0]]", "[[[1]], [null]]", "layers[1].weights[1][0]", "found null"),
        Rt("weights that a recurrent layer has not", "[[0, 0, 0], [0, 0, 0]]]", "[[0, 0, 0], [0, 0, 0]], [1]]", "layers[0].weights", "4 weights", "3 (kernel, recurrent_kernel, bias)"),
        Rt("an option of a layer that nobody reads", "\"type\": \"gru\"", "\"go_backwards\": true, \"type\": \"gru\"", "layers[0]", "'go_backwards' is unknown"),
        Rt("an option of another layer", "\"type\": \"dense\"", "\"epsilon\": 1, \"type\": \"dense\"", "layers[1]", "'epsilon' is unknown"),
        Rt("values that nobody wants", "{\"in_shape\"", "{\"head\": [1, 2], \"in_shape\"", "head", "nothing wants this list"),
        Rt("a skip of two", "{\"in_shape\"", "{\"in_skip\": 2, \"in_shape\"", "in_skip", "found 2", "0 to 1"),
        Rt("a skip around two outputs", RtNeural, """{"in_shape": [null, null, 1], "in_skip": 1, "layers": [{"type": "dense", "activation": "", "shape": [null, null, 2], "weights": [[[1, 2]], [0, 0]]}]}""", "in_skip", "one output", "has 2"),
        Rt("a gain beyond float", "{\"in_shape\"", "{\"out_gain\": 1e4, \"in_shape\"", "out_gain", "dB"),
        Rt("a batch norm without epsilon", "\"type\": \"dense\", \"activation\": \"tanh\", \"shape\": [null, null, 1], \"weights\": [[[1]], [0]]", "\"type\": \"batchnorm\", \"shape\": [1], \"weights\": [[1], [1], [1], [1]]", "'epsilon' is missing"),

        Nam("WaveNet", json => json["architecture"] = "WaveNet", "architecture", "WaveNet", "LSTM"),
        Nam("no weights", json => json.Remove("weights"), "'weights' is missing"),
        Nam("a weight too few", json => json["weights"]!.AsArray().RemoveAt(0), "weights", "there are 82", "has 83"),
        Nam("a weight too many", json => json["weights"]!.AsArray().Add(1), "there are 84", "has 83"),
        Nam("a weight is text", json => json["weights"]![7] = "x", "weights[7]", "\"x\""),
        Nam("no hidden size", json => json["config"]!.AsObject().Remove("hidden_size"), "config", "'hidden_size' is missing"),
        Nam("hidden size zero", json => json["config"]!["hidden_size"] = 0, "config.hidden_size", "found 0"),
        Nam("hidden size beyond memory", json => json["config"]!["hidden_size"] = 65536, "there are 83 weights"),
        Nam("an unknown option", json => json["config"]!["bidirectional"] = true, "'bidirectional' is unknown"),
        Nam("a sample rate of text", json => json["sample_rate"] = "fast", "sample_rate", "\"fast\""),
        Nam("a sample rate below zero", json => json["sample_rate"] = -48000, "sample_rate", "-48000"),
        Nam("values that nobody wants", json => json["head"] = new JsonArray(1, 2), "head", "nothing wants this list"),

        Guitar("values that nobody wants", json => json["head"] = new JsonArray(1, 2), "head", "nothing wants this list"),
        Guitar("another model", json => json["model_data"]!["model"] = "RecNet", "model_data.model", "RecNet", "SimpleRNN"),
        Guitar("another unit", json => json["model_data"]!["unit_type"] = "TCN", "unit_type", "TCN", "LSTM, GRU or RNN"),
        Guitar("the wrong unit", json => json["model_data"]!["unit_type"] = "LSTM", "rec.weight_ih_l0", "[6, 1]", "[8, 1]"),
        Guitar("the wrong hidden size", json => json["model_data"]!["hidden_size"] = 3, "rec.weight_ih_l0", "[6, 1]", "[9, 1]"),
        Guitar("a skip of two", json => json["model_data"]!["skip"] = 2, "skip", "found 2"),
        Guitar("no skip", json => json["model_data"]!.AsObject().Remove("skip"), "model_data", "'skip' is missing"),
        Guitar("a skip around two outputs", TwoOutputs, "model_data.skip", "one output", "has 2"),
        Guitar("no state dict", json => json.Remove("state_dict"), "'state_dict' is missing"),
        Guitar("a tensor missing", json => json["state_dict"]!.AsObject().Remove("rec.bias_hh_l0"), "rec.bias_hh_l0", "missing"),
        Guitar("a tensor that nobody wants", json => json["state_dict"]!["lin2.weight"] = new JsonArray(new JsonArray(1)), "lin2.weight", "wants this tensor"),
        Guitar("a bias that should not be there", json => json["model_data"]!["bias_fl"] = false, "bias_fl", "lin.bias is there"),
        Guitar("an unknown option", json => json["model_data"]!["dropout"] = 0.5, "'dropout' is unknown"),
        Guitar("two layers with one layer's weights", json => json["model_data"]!["num_layers"] = 2, "rec", "1 layers"),
    ];

    private static void TwoOutputs(JsonObject json)
    {
        json["model_data"]!["output_size"] = 2;
        json["state_dict"]!["lin.weight"] = new JsonArray(new JsonArray(1, 2), new JsonArray(3, 4));
        json["state_dict"]!["lin.bias"] = new JsonArray(1, 2);
    }

    private static MalformedFile Json(string name, string text, params string[] words) => new("json: " + name, () => MalformedFile.Text(text), Readers.Model, words);

    private static MalformedFile Rt(string name, string found, string by, params string[] words) => new(
        "rtneural: " + name,
        () =>
        {
            Assert.Contains(found, RtNeural, StringComparison.Ordinal);
            return MalformedFile.Text(RtNeural.Replace(found, by, StringComparison.Ordinal));
        },
        Readers.Model,
        words);

    private static MalformedFile Nam(string name, Action<JsonObject> change, params string[] words) =>
        Changed("nam: " + name, () => AudioFiles.Nam.Draw(1, 2, 2, new Draw(1)).ToJson(), change, words);

    private static MalformedFile Guitar(string name, Action<JsonObject> change, params string[] words) =>
        Changed("guitarml: " + name, () => AudioFiles.GuitarMlGru.Draw(1, 2, 1, new Draw(1)).ToJson(), change, words);

    private static MalformedFile Changed(string name, Func<JsonObject> make, Action<JsonObject> change, string[] words) => new(
        name,
        () =>
        {
            JsonObject json = make();
            change(json);
            return MalformedFile.Text(json.ToJsonString());
        },
        Readers.Model,
        words);
}
