namespace FastRecurrent.Tests.Goldens;

public class TorchGoldenTests
{
    public static TheoryData<string> Layers => [.. TorchGoldens.Layers.Keys];

    public static TheoryData<string> Stacks => [.. TorchGoldens.Stacks.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    public void A_pytorch_layer_gives_its_recorded_outputs(string name) => Golden.Holds(TorchGoldens.Translate(TorchGoldens.Layers[name]));

    [Theory]
    [MemberData(nameof(Stacks))]
    [Trait("Category", "arm64")]
    public void A_pytorch_stack_in_double_gives_its_recorded_outputs(string name) => Golden.Holds(TorchGoldens.Translate(TorchGoldens.Stacks[name]));
}
