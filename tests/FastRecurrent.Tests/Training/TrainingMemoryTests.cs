using FastRecurrent.Kernels;
using FastRecurrent.Memory;

namespace FastRecurrent.Tests.Training;

/// <summary>What training holds, counted: the formulas of docs/training-layers.md, and that nothing beside them is allocated.</summary>
public class TrainingMemoryTests
{
    private const int I = 7, H = 48, N = 2, T = 100;

    // In steps of 8 KB the runtime counts what a thread has allocated.
    private const int Granularity = 2 * 8192 / sizeof(float);
    private const int MostTries = 20;

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

    public static TheoryData<string> Names => [.. Cells.Keys];

    /// <summary>
    /// Every option of a cell, in every combination: a direction keeps (G + 2) H floats of a row and step from forward to backward, and what rounding adds to its
    /// trace. That is counted twice: as the model names it, and as the runtime has allocated it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_layer_keeps_at_most_G_plus_2_times_H_floats_of_a_row_and_step(string name)
    {
        RecurrentCell cell = Cells[name];
        int cases = 0;
        Assert.All(Layers(cell), layer =>
        {
            foreach (LayerDefinition? end in new LayerDefinition?[] { null, new LastStepLayer(), new FinalStateLayer() })
            {
                foreach (bool lengths in new[] { false, true })
                {
                    int directions = layer.Direction == Direction.Bidirectional ? 2 : 1;
                    ModelBuilder builder = new ModelBuilder(I).Add(layer);
                    (long named, long allocated) = MoreSteps((end is null ? builder : builder.Add(end)).Build(), lengths);

                    // Beside the layer: x, dL/dx, dL/dy; two numbers a step say where its rows are. Steps are kept as a whole: one more or less.
                    long beside = (2 * I) + (end is null ? layer.OutputSize(I) : 0);
                    long most = directions * ((cell.GateCount + 2) * H + TraceRow(cell) - RecurrentGradient.TraceFloats(cell));
                    long step = directions * (TraceRow(cell) + (3 * H) + (2 * I)) * N;
                    string found = $"{named / (double)(N * T):f1} named, {allocated / (double)(N * T):f1} allocated, {most + beside} wanted: {layer}, {end}, lengths {lengths}";
                    Assert.True(named <= ((most + beside) * N * T) + step, found);
                    Assert.True(allocated - named <= (T * 16) + Granularity, found);
                    Assert.True(named >= (directions * 2 * H) * N * T, found);
                    cases++;
                }
            }
        });
        Assert.Equal((cell.HasCellState ? 8 : 4) * 6 * 6, cases);
    }

    /// <summary>What fits is kept as a whole; what does not is kept of as many steps as there is room for, not of fewer.</summary>
    [Fact]
    public void A_layer_fills_its_room()
    {
        foreach (RecurrentCell cell in new RecurrentCell[] { new LayerNormLstmCell(H), new LayerNormGruCell(H), new LstmCell(H) { ProjectionSize = H - 8 } })
        {
            (long named, _) = MoreSteps(new ModelBuilder(I).Recurrent(cell).Build(), lengths: false);
            double share = ((named / (double)(N * T)) - (2 * I) - cell.OutputSize) / ((cell.GateCount + 2) * H);
            Assert.InRange(share, 0.97, 1.03);
        }
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

        // A reverse direction's h, and that of two directions side by side, are the output as it lies.
        Assert.Equal((2 * I) + TraceRow(gru) + 60 + 60, RowStep(new ModelBuilder(I).Recurrent(gru, Direction.Reverse)));
        Assert.Equal((2 * I) + (2 * TraceRow(gru)) + 120 + 120, RowStep(new ModelBuilder(I).Bidirectional(gru)));
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

    /// <summary>Every direction and merge with every combination of masks.</summary>
    private static IEnumerable<RecurrentLayer> Layers(RecurrentCell cell) =>
        from layer in new RecurrentLayer[]
        {
            new(cell), new(cell, Direction.Reverse), new(cell, Direction.Bidirectional), new(cell, Direction.Bidirectional) { Merge = Merge.Sum },
            new(cell, Direction.Bidirectional) { Merge = Merge.Multiply }, new(cell, Direction.Bidirectional) { Merge = Merge.Average },
        }
        from dropout in new[] { 0, 0.1f }
        from hidden in new[] { 0, 0.2f }
        from zoneout in cell.HasCellState ? new[] { 0, 0.3f } : [0]
        select layer with { RecurrentDropout = dropout, HiddenZoneout = hidden, CellZoneout = zoneout };

    /// <summary>Floats that one more step of a row adds to the workspace.</summary>
    private static long RowStep(ModelBuilder builder) => MoreSteps(builder.Build(), lengths: false).Named / N / T;

    /// <summary>Floats that T more steps add to the workspace.</summary>
    private static (long Named, long Allocated) MoreSteps(ModelDefinition definition, bool lengths)
    {
        ParameterSet parameters = new(definition);
        (long shortNamed, long shortAllocated) = Allocated(definition, parameters, T, lengths);
        (long longNamed, long longAllocated) = Allocated(definition, parameters, 2 * T, lengths);
        return ((longNamed - shortNamed) / sizeof(float), (longAllocated - shortAllocated) / sizeof(float));
    }

    private static int TraceRow(RecurrentCell cell)
    {
        ModelDefinition definition = new ModelBuilder(I).Recurrent(cell).Build();
        return KernelFactory.For(KernelSets.Default).Recurrent(cell, I, new ParameterSet(definition).Source(0)).CreateGradient().TraceRow;
    }

    private static (long Named, long Allocated) Allocated(ModelDefinition definition, ParameterSet parameters, int time, bool lengths = false)
    {
        for (int tries = 1; ; tries++)
        {
            int collections = GC.CollectionCount(0);
            long before = GC.GetAllocatedBytesForCurrentThread();
            using TrainableModel model = Make(definition, parameters, time, lengths);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // A collection, on behalf of any thread, counts what is left of this thread's piece of memory as allocated.
            if (GC.CollectionCount(0) == collections || tries == MostTries)
            {
                return (model.WorkspaceBytes, allocated);
            }
        }
    }

    private static TrainableModel Make(ModelDefinition definition, ParameterSet parameters, int time, bool lengths = false) =>
        new(definition, parameters, new() { MaxTime = time, MaxBatch = N, Threads = 1, Lengths = lengths });
}
