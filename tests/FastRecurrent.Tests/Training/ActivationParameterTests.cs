using FastRecurrent.Training.Reference;

namespace FastRecurrent.Tests.Training;

/// <summary>R4 for activations with unusual parameters: slopes of 0 and below, a threshold below 0, a curve without height.</summary>
public class ActivationParameterTests
{
    private static readonly Dictionary<string, Activation> Activations = new()
    {
        ["falling line"] = Activation.Affine(-0.7f, 0.1f),
        ["constant"] = Activation.Affine(0, 0.3f),
        ["leaky relu without a leak"] = Activation.LeakyRelu(0),
        ["relu with a threshold below 0"] = Activation.ThresholdedRelu(-0.5f),
        ["relu with a threshold within the clip"] = Activation.ThresholdedRelu(-0.2f),
        ["falling tanh"] = Activation.ScaledTanh(-1.2f, 0.7f),
        ["tanh times 0"] = Activation.ScaledTanh(0, 0.7f),
        ["falling hard sigmoid"] = Activation.HardSigmoid(-0.4f, 0.4f),
        ["elu that is a relu"] = Activation.Elu(0),
    };

    public static TheoryData<string> Names => [.. Activations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradients_equal_the_reference(string name) => Check(name, new ModelBuilder(3).Dense(20, Activations[name]).Dense(2));

    [Theory]
    [MemberData(nameof(Names))]
    public void So_they_do_behind_a_clip(string name) => Check(name, new ModelBuilder(3).Recurrent(new SimpleRnnCell(20) { Activation = Activations[name], GateClip = 0.4f }).Dense(2));

    private static void Check(string name, ModelBuilder builder)
    {
        ModelDefinition definition = builder.Build();
        GradientProblem problem = GradientProblem.Draw(definition, Weights.Draw(definition, new Draw(1)), new() { VaryLengths = true });
        Assert.All(GradientCheck.Compare(name, problem, new EngineGradients(KernelSets.Default)), result => Assert.True(result.Passed, $"{result}"));
    }
}
