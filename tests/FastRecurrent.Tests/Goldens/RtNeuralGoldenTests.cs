namespace FastRecurrent.Tests.Goldens;

public class RtNeuralGoldenTests
{
    public static TheoryData<string> Files =>
        ["lstm_1d.json", "gru_1d.json", "lstm_torch.json", "lstm_torch.safetensors", "gru_torch.json", "gru_torch.safetensors"];

    [SharedTheory(RtNeuralGoldens.Folder)]
    [MemberData(nameof(Files))]
    public void A_trained_model_gives_its_recorded_output_on_the_sequence(string file) => Golden.Holds(RtNeuralGoldens.Read(file));

    [SharedTheory(RtNeuralGoldens.Folder)]
    [MemberData(nameof(Files))]
    public void A_trained_model_gives_its_recorded_output_sample_by_sample(string file)
    {
        GoldenCase golden = RtNeuralGoldens.Read(file);
        foreach (KernelSet kernels in Golden.KernelSets)
        {
            float[] stream = golden.Stream(kernels);
            GoldenRun sequence = golden.Run(kernels);
            Assert.Null(Golden.Violation(golden, sequence with { Y = stream }));
            Assert.Equal(sequence.Y, stream);
        }
    }
}
