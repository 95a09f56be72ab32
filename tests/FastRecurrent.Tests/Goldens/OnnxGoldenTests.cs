namespace FastRecurrent.Tests.Goldens;

public class OnnxGoldenTests
{
    public static TheoryData<string> Nodes => [.. OnnxGoldens.Nodes.Keys];

    public static TheoryData<string> Lstm => [.. OnnxGoldens.Lstm.Keys];

    public static TheoryData<string> Gru => [.. OnnxGoldens.Gru.Keys];

    public static TheoryData<string> Rnn => [.. OnnxGoldens.Rnn.Keys];

    public static TheoryData<string> Tflite => [.. OnnxGoldens.Tflite.Keys];

    [Theory]
    [MemberData(nameof(Nodes))]
    public void An_onnx_node_test_gives_its_recorded_outputs(string name) => Golden.Holds(OnnxGoldens.Translate(OnnxGoldens.Nodes[name]));

    [Theory]
    [MemberData(nameof(Lstm))]
    public void An_lstm_of_onnx_runtime_gives_its_recorded_outputs(string name) => Golden.Holds(OnnxGoldens.Translate(OnnxGoldens.Lstm[name]));

    [Theory]
    [MemberData(nameof(Gru))]
    public void A_gru_of_onnx_runtime_gives_its_recorded_outputs(string name) => Golden.Holds(OnnxGoldens.Translate(OnnxGoldens.Gru[name]));

    [Theory]
    [MemberData(nameof(Rnn))]
    [Trait("Category", "arm64")]
    public void An_rnn_of_onnx_runtime_gives_its_recorded_outputs(string name) => Golden.Holds(OnnxGoldens.Translate(OnnxGoldens.Rnn[name]));

    [Theory]
    [MemberData(nameof(Tflite))]
    [Trait("Category", "arm64")]
    public void An_lstm_of_tensorflow_lite_micro_gives_its_recorded_outputs(string name) => Golden.Holds(OnnxGoldens.Translate(OnnxGoldens.Tflite[name]));
}
