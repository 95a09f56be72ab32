using System.Runtime.CompilerServices;

namespace FastRecurrent.Tests.Training;

/// <summary>
/// Memory that is only an address for the code at work stays while it is at work: nobody else holds the states and models here, a
/// collector runs all the time, and what it frees is overwritten.
/// </summary>
[Collection(AloneCollection.Name)]
public class LifetimeTests
{
    private const int I = 2, H = 64, T = 1, N = 64, Rounds = 20;

    private static readonly ModelDefinition Definition = new ModelBuilder(I).Lstm(H).Build();
    private static readonly ParameterSet Parameters = ParameterSet.Uniform(Definition, seed: 1);

    [Fact]
    public void States_and_models_that_nobody_else_holds_are_read_and_written_whole()
    {
        using TrainableModel model = new(Definition, Parameters, new() { MaxTime = T, MaxBatch = N, Threads = 1 });
        float[] x = TestNetworks.Noise(T * N * I), y = new float[T * N * H], wanted = new float[y.Length], weights = TrainingJob.Flat(Parameters);
        RecurrentState held = Noisy(model);
        model.Forward(x, T, N, wanted, new() { InitialState = held });
        model.Backward(wanted, new() { FinalStateGradient = held });
        float[] gradients = TrainingJob.Flat(model.ExportGradients());
        bool ended = false;
        Thread collector = new(() => Collect(ref ended));
        collector.Start();
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                model.Forward(x, T, N, y, new() { InitialState = Noisy(model), FinalState = model.CreateState(N) });
                Bits.Equal(wanted, y, $"y, round {round}");
                model.Backward(wanted, new() { FinalStateGradient = Noisy(model), InitialStateGradient = model.CreateState(N) });
                Bits.Equal(gradients, TrainingJob.Flat(model.ExportGradients()), $"gradients, round {round}");
                Bits.Equal(weights, TrainingJob.Flat(Alone().ExportParameters()), $"weights, round {round}");
            }
        }
        finally
        {
            Volatile.Write(ref ended, true);
            collector.Join();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TrainableModel Alone() => new(Definition, Parameters, new() { MaxTime = 1, MaxBatch = 1, Threads = 1 });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RecurrentState Noisy(TrainableModel model)
    {
        RecurrentState state = model.CreateState(N);
        Draw draw = new(5);
        for (int row = 0; row < N; row++)
            States.ForEach(Definition, state, row, values => draw.Fill(values, -1, 1));
        return state;
    }

    /// <summary>Collects, and takes what was freed for pinned arrays of its own.</summary>
    private static void Collect(ref bool ended)
    {
        while (!Volatile.Read(ref ended))
        {
            GC.Collect();
            for (int i = 0; i < 8; i++)
                GC.AllocateUninitializedArray<float>(N * 2 * H, pinned: true).AsSpan().Fill(float.NaN);

            // A collection stops the other thread: behind a large heap's it would never get to work.
            Thread.Sleep(1);
        }
    }
}
