using System.Runtime.CompilerServices;
using FastRecurrent.Threading;

namespace FastRecurrent.Tests;

/// <summary>What a review of the memory and the threads looked for.</summary>
public class RobustnessTests
{
    public static TheoryData<string> KernelNames => [.. Enum.GetValues<KernelSet>().Select(KernelSets.Name)];

    [Theory]
    [InlineData(64, 128, 50, 24)]
    [InlineData(16, 64, 64, 24)]
    [InlineData(1, 4096, 64, 48)]
    [InlineData(5, 7, 100, 1)]
    public void Fewer_rows_than_the_most_fit_into_the_scratch_of_a_ragged_run(int hidden, int inputs, int maxBatch, int batch)
    {
        ModelDefinition definition = new ModelBuilder(inputs).Lstm(hidden).Build();
        RecurrentModel model = new(definition, ParameterSet.Uniform(definition, 1));
        Layers.LayerRunner layer = model.Network.Runners[0];
        Assert.InRange(layer.ScratchFloats(40, batch, 1, ragged: true), 1, layer.ScratchFloats(40, maxBatch, 1, ragged: true));
    }

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void A_run_of_any_size_up_to_the_most_stays_in_the_callers_memory(string kernels)
    {
        const float Untouched = 12345;
        Random random = new(7);
        for (int i = 0; i < 60; i++)
        {
            int inputs = random.Next(1, 40), hidden = random.Next(1, 40), maxBatch = random.Next(1, 90), maxTime = random.Next(1, 20);
            RecurrentCell cell = random.Next(2) == 0 ? new GruCell(hidden) : new LstmCell(hidden) { ProjectionSize = random.Next(0, 2 * hidden) };
            ModelDefinition definition = new ModelBuilder(inputs).Recurrent(cell, (Direction)random.Next(3)).Dense(random.Next(1, 9)).Build();
            RecurrentModel model = new(definition, ParameterSet.Uniform(definition, 3), KernelSets.Parse(kernels));
            using SequenceRunner runner = model.CreateRunner(maxTime, maxBatch, random.Next(1, 3));
            for (int run = 0; run < 3; run++)
            {
                int time = random.Next(1, maxTime + 1), batch = random.Next(1, maxBatch + 1), size = time * batch * definition.OutputSize;
                float[] x = new float[time * batch * inputs];
                float[] y = new float[size + 32];
                Array.Fill(y, Untouched);
                int[] lengths = [.. Enumerable.Range(0, batch).Select(_ => random.Next(0, time + 1))];
                runner.Forward(x, time, batch, y.AsSpan(16, size), new() { Lengths = random.Next(2) == 0 ? lengths : [], Layout = (SequenceLayout)random.Next(2) });
                Assert.All(y[..16].Concat(y[^16..]), value => Assert.Equal(Untouched, value));
                Assert.DoesNotContain(y.AsSpan(16, size).ToArray(), value => value == Untouched || !float.IsFinite(value));
            }
        }
    }

    [Fact]
    public void A_span_of_a_state_keeps_its_memory()
    {
        ModelDefinition definition = new ModelBuilder(1).Lstm(64).Build();
        RecurrentModel model = new(definition, ParameterSet.Uniform(definition, 1));
        Span<float> hidden = HiddenOfTemporary(model);
        for (int round = 0; round < 5; round++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            for (int i = 0; i < 50; i++)
            {
                model.CreateState(64).Hidden(0).Fill(3);
            }
        }

        foreach (float value in hidden)
        {
            Assert.Equal(7, value);
        }
    }

    [Fact]
    public void A_pool_disposed_while_a_caller_waits_ends()
    {
        for (int i = 0; i < 50; i++)
        {
            WorkerPool pool = new(2);
            using Barrier start = new(3);
            Thread[] callers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
            {
                start.SignalAndWait();
                Record.Exception(() => pool.Run(new Nap(), 2));
            }) { IsBackground = true })];
            Array.ForEach(callers, caller => caller.Start());
            start.SignalAndWait();
            Thread.SpinWait(10 * i);
            pool.Dispose();
            Assert.All(callers, caller => Assert.True(caller.Join(TimeSpan.FromSeconds(20)), "a caller hangs"));
        }
    }

    [Fact]
    public void A_runner_that_several_threads_call_gives_right_numbers_or_refuses()
    {
        ModelDefinition definition = new ModelBuilder(8).Lstm(64).Build();
        RecurrentModel model = new(definition, ParameterSet.Uniform(definition, 1));
        using SequenceRunner runner = model.CreateRunner(200, 8);
        float[] x = new float[200 * 8 * 8];
        Array.Fill(x, 0.5f);
        float[] expected = new float[200 * 8 * 64];
        runner.Forward(x, 200, 8, expected);
        int refused = 0;
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            float[] y = new float[expected.Length];
            try
            {
                runner.Forward(x, 200, 8, y);
                Assert.Equal(expected, y);
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref refused);
            }
        });
        Assert.InRange(refused, 0, 63);
    }

    [Fact]
    public void An_executor_is_one_callers_until_it_leaves()
    {
        ModelDefinition definition = new ModelBuilder(2).Lstm(3).Build();
        RecurrentModel model = new(definition, ParameterSet.Uniform(definition, 1));
        using NetworkExecutor executor = new(model.Network, 1, 1, 1, ragged: false);
        executor.Enter();
        Assert.Throws<InvalidOperationException>(executor.Enter);
        executor.Exit();
        executor.Enter();
    }

    [Fact]
    public void Another_cell_takes_both_directions_along()
    {
        RecurrentLayer layer = new(new LstmCell(4), Direction.Bidirectional);
        Assert.Equal(16, (layer with { Cell = new LstmCell(8) }).OutputSize(1));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Span<float> HiddenOfTemporary(RecurrentModel model)
    {
        Span<float> hidden = model.CreateState(64).Hidden(0);
        hidden.Fill(7);
        return hidden;
    }

    private sealed class Nap : IWork
    {
        public void Run(int worker) => Thread.Sleep(1);
    }
}
