using System.Text.Json;
using FastRecurrent.Tests.Goldens;

namespace FastRecurrent.Tests.Formats;

/// <summary>R9 for audio: buffer after buffer nothing is allocated, whatever the file says beside the network. How long a buffer takes, <c>latency</c> tells.</summary>
[Collection(AloneCollection.Name)]
public class AudioSteadyStateTests
{
    private const int Buffer = 64;

    /// <summary>The networks of the recorded audio models, and those of the usual amp models.</summary>
    private static readonly Dictionary<string, ModelDefinition> Networks = new()
    {
        ["LSTM(8), Dense"] = new ModelBuilder(1).Lstm(8).Dense(1).Build(),
        ["GRU(8), Dense(8), Dense"] = new ModelBuilder(1).Gru(8).Dense(8, Activation.Sigmoid).Dense(1).Build(),
        ["four LSTM(8), Dense"] = new ModelBuilder(1).Lstm(8).Lstm(8).Lstm(8).Lstm(8).Dense(1).Build(),
        ["four GRU(8), Dense"] = new ModelBuilder(1).Gru(8).Gru(8).Gru(8).Gru(8).Dense(1).Build(),
        ["LSTM(40), Dense"] = new ModelBuilder(1).Lstm(40).Dense(1).Build(),
        ["GRU(64) with two knobs, Dense"] = new ModelBuilder(3).Gru(64).Dense(1).Build(),
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    public static TheoryData<string> Goldens => RtNeuralGoldenTests.Files;

    [Theory]
    [MemberData(nameof(Names))]
    public void A_buffer_allocates_nothing(string name)
    {
        RecurrentModel model = new(Networks[name], ParameterSet.Uniform(Networks[name], seed: 1));
        using AudioSession session = new AudioModel(model, new AudioSettings { AddsInput = true, InputGain = 0.5f, OutputGain = 2 }).CreateSession();
        float[] input = new Draw(1).Floats(Buffer, -1, 1), output = new float[Buffer];
        for (int i = 0; i < 200; i++)
            session.Process(input, output);

        // The runtime itself may allocate beside a measurement; what the code allocates is in every batch.
        long least = Enumerable.Range(0, 5).Min(_ =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20; i++)
                session.Process(input, output);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        });
        Assert.Equal(0, least);
    }

    [SharedTheory(RtNeuralGoldens.Folder)]
    [MemberData(nameof(Goldens))]
    public void Latency_of_a_recorded_model_sees_no_allocation(string file)
    {
        CliProcess run = CliProcess.Run(
            "latency", Path.Combine(Repository.Shared!, RtNeuralGoldens.Folder, file), "--rate", "48000", "--buffer", "64", "--seconds", "0.1", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument report = JsonDocument.Parse(run.Output);
        Assert.True(report.RootElement.GetProperty("buffers").GetInt64() > 0);
        Assert.Equal(0, report.RootElement.GetProperty("allocated_bytes").GetInt64());
        Assert.Equal(0, report.RootElement.GetProperty("collections").GetInt64());
    }
}
