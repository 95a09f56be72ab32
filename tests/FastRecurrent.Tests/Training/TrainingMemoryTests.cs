using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Tests.Training;

/// <summary>What training holds, counted: the formulas of docs/training-layers.md, and that nothing beside them is allocated.</summary>
public class TrainingMemoryTests
{
    private const int I = 7, H = 128, N = 8;

    // A row of the trace takes an odd number of cache lines.
    private const int Rounding = (2 * AlignedBuffer.AlignmentFloats) - 1;

    private static readonly Dictionary<string, RecurrentCell> Cells = new()
    {
        ["SimpleRNN"] = new SimpleRnnCell(H),
        ["LSTM"] = new LstmCell(H),
        ["LSTM, coupled"] = new LstmCell(H) { CoupledInputForget = true, Peepholes = true },
        ["GRU"] = new GruCell(H),
        ["GRU, reset before"] = new GruCell(H) { ResetAfter = false },
        ["LSTM, half projection"] = new LstmCell(H) { ProjectionSize = H / 2 },
        ["LSTM, wide projection"] = new LstmCell(H) { ProjectionSize = H - 8 },
        ["layer-normalized LSTM"] = new LayerNormLstmCell(H),
        ["layer-normalized GRU"] = new LayerNormGruCell(H),
    };

    /// <summary>The share of the steps whose trace is kept.</summary>
    private static readonly Dictionary<string, int> Pieces = new() { ["LSTM, wide projection"] = 2, ["layer-normalized LSTM"] = 2, ["layer-normalized GRU"] = 2 };

    public static TheoryData<string> Names => [.. Cells.Keys];

    /// <summary>A layer keeps its trace, of half the steps where that is large, and its h from forward to backward: (G + 2) H, and what rounding adds to the trace.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_keeps_at_most_G_plus_2_times_H_floats_of_a_row_and_step(string name)
    {
        RecurrentCell cell = Cells[name];
        long kept = RowStep(new ModelBuilder(I).Recurrent(cell)) - (2 * I) - cell.OutputSize;
        Assert.InRange(kept, 2 * H, ((cell.GateCount + 2) * H) + Rounding);
        Assert.Equal((TraceRow(cell) / Pieces.GetValueOrDefault(name, 1)) + cell.OutputSize, kept);
    }

    [Fact]
    public void Every_layer_of_a_stack_adds_its_own_and_all_share_two_buffers_of_gradients()
    {
        RecurrentCell lstm = new LstmCell(H), gru = new GruCell(60), small = new SimpleRnnCell(5);
        long wanted = I + TraceRow(lstm) + TraceRow(gru) + TraceRow(small) + H + 60 + 5
            + 3 + AlignedBuffer.Padded(3) // Dense: y, deltas
            + H + 60; // the widest of dL/dx, dL/d(GRU), dL/dy and of dL/d(LSTM), dL/d(RNN)
        Assert.Equal(wanted, RowStep(new ModelBuilder(I).Recurrent(lstm).Recurrent(gru).Recurrent(small).Dense(3)));

        // A second layer of the same width adds what it keeps, and no gradients.
        Assert.Equal(I + (2 * (TraceRow(lstm) + H)) + (2 * H), RowStep(new ModelBuilder(I).Recurrent(lstm).Recurrent(lstm)));
        Assert.Equal(I + (3 * (TraceRow(lstm) + H)) + (2 * H), RowStep(new ModelBuilder(I).Recurrent(lstm).Recurrent(lstm).Recurrent(lstm)));

        // Two directions merged: each its trace and its h, and the output beside them.
        Assert.Equal((2 * I) + (2 * (TraceRow(gru) + 60)) + (2 * 120), RowStep(new ModelBuilder(I).Bidirectional(gru)));
    }

    [Fact]
    public void The_bytes_named_are_the_bytes_allocated()
    {
        ModelDefinition definition = new ModelBuilder(I).Lstm(H).Gru(60).Dense(3).Build();
        ParameterSet parameters = new(definition);
        Allocated(definition, parameters, 10);
        (long shortNamed, long shortAllocated) = Allocated(definition, parameters, 100);
        (long longNamed, long longAllocated) = Allocated(definition, parameters, 600);
        double ratio = (longAllocated - shortAllocated) / (double)(longNamed - shortNamed);
        Assert.InRange(ratio, 0.999, 1.005); // the rows of a step, two numbers a step, come on top
    }

    [Fact]
    public void Parameters_cost_weights_one_transposed_pack_gradients_and_moments()
    {
        ModelDefinition definition = new ModelBuilder(256).Lstm(256).Gru(256).Dense(256).Build();
        ParameterSet parameters = new(definition);
        long plain = parameters.Names.Sum(name => (long)parameters[name].Length) * sizeof(float);
        Allocated(definition, parameters, 1);
        (long named, long allocated) = Allocated(definition, parameters, 1);
        double copies = (allocated - named) / (double)plain;
        Assert.InRange(copies, 2.99, 3.05); // weights, transposes, gradients

        using TrainableModel model = Make(definition, parameters, 1);
        foreach ((Optimizer optimizer, int moments) in new (Optimizer, int)[] { (new Sgd(), 0), (new Sgd { Momentum = 0.9 }, 1), (new RmsProp(), 1), (new Adam(), 2), (new AdamW(), 2) })
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            ParameterUpdater updater = new(model, optimizer);
            double found = (GC.GetAllocatedBytesForCurrentThread() - before) / (double)plain;
            Assert.True(Math.Abs(found - moments) < 0.03, $"{optimizer.GetType().Name} takes {found:g4} times the parameters, wanted {moments}");
            GC.KeepAlive(updater);
        }
    }

    /// <summary>Floats that one more step of a row adds to the workspace.</summary>
    private static long RowStep(ModelBuilder builder)
    {
        ModelDefinition definition = builder.Build();
        ParameterSet parameters = new(definition);
        using TrainableModel one = Make(definition, parameters, 100), two = Make(definition, parameters, 200);
        return (two.WorkspaceBytes - one.WorkspaceBytes) / sizeof(float) / N / 100;
    }

    private static int TraceRow(RecurrentCell cell)
    {
        ModelDefinition definition = new ModelBuilder(I).Recurrent(cell).Build();
        return KernelFactory.For(KernelSets.Default).Recurrent(cell, I, new ParameterSet(definition).Source(0)).CreateGradient().TraceRow;
    }

    private static (long Named, long Allocated) Allocated(ModelDefinition definition, ParameterSet parameters, int time)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        using TrainableModel model = Make(definition, parameters, time);
        return (model.WorkspaceBytes, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static TrainableModel Make(ModelDefinition definition, ParameterSet parameters, int time) =>
        new(definition, parameters, new() { MaxTime = time, MaxBatch = N, Threads = 1 });
}
