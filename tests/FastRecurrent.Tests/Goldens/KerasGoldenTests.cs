namespace FastRecurrent.Tests.Goldens;

public class KerasGoldenTests
{
    public static TheoryData<string> Keras2 => [.. KerasGoldens.Keras2.Keys];

    public static TheoryData<string> Keras3 => [.. KerasGoldens.Keras3.Keys];

    [Theory]
    [MemberData(nameof(Keras2))]
    public void A_keras_2_layer_gives_its_recorded_outputs(string name) => Golden.Holds(KerasGoldens.Translate(KerasGoldens.Keras2[name]));

    [Theory]
    [MemberData(nameof(Keras3))]
    public void A_keras_3_layer_gives_its_recorded_outputs(string name) => Golden.Holds(KerasGoldens.Translate(KerasGoldens.Keras3[name]));
}
