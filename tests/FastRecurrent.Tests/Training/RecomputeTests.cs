using FastRecurrent.Memory;

namespace FastRecurrent.Tests.Training;

/// <summary>Computing a sequence's steps again, a few at a time: the same bits, in about the square root of the memory.</summary>
public class RecomputeTests
{
    private const int I = 5, H = 9, Rows = 2;

    public static TheoryData<string> Cells => CellCatalogue.Theory;

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_has_the_gradients_of_the_run_at_once(string cell)
    {
        Draw draw = new(1);
        RecurrentLayer layer = new(CellCatalogue.Create(cell, H, draw));
        Check(new ModelBuilder(I).Add(layer).Build(), $"{cell}");
        Check(new ModelBuilder(I).Add(layer).LastStep().Build(), $"{cell}, last step");
    }

    [Fact]
    public void Every_layer_has_the_gradients_of_the_run_at_once()
    {
        RecurrentLayer masked = new(new LstmCell(H)) { RecurrentDropout = 0.3f, HiddenZoneout = 0.2f, CellZoneout = 0.2f };
        Check(new ModelBuilder(I).Dropout(0.3f).Add(masked).LayerNorm().Gru(4).Dense(7, Activation.Tanh).Softmax().Build(), "sequence to sequence");
        Check(new ModelBuilder(I).Add(masked).Dropout(0.3f).LastStep().Dropout(0.3f).Dense(3).Build(), "a last step apart");
        Check(new ModelBuilder(I).Lstm(H).FinalState().BatchNorm().RepeatVector(15).Bidirectional(new GruCell(6)).Dropout(0.2f).Dense(2).Build(), "encoder and decoder");
        Check(new ModelBuilder(I).Dense(6).LastStep().Build(), "no state");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_cell_has_them_in_the_reverse_and_in_both_directions(string cell)
    {
        Draw draw = new(2);
        RecurrentCell made = CellCatalogue.Create(cell, H, draw);
        Check(new ModelBuilder(I).Recurrent(made, Direction.Reverse).Build(), $"{cell}, reverse");
        Check(new ModelBuilder(I).Bidirectional(made).LastStep().Build(), $"{cell}, both, last step");
        Check(new ModelBuilder(I).Bidirectional(made).Dense(2).Build(), $"{cell}, both");
    }

    [Theory]
    [InlineData(Merge.Concat)]
    [InlineData(Merge.Sum)]
    [InlineData(Merge.Multiply)]
    [InlineData(Merge.Average)]
    public void Every_merge_has_the_gradients_of_the_run_at_once(Merge merge)
    {
        RecurrentLayer layer = new(new LstmCell(H)) { Direction = Direction.Bidirectional, Merge = merge };
        RecurrentLayer masked = layer with { RecurrentDropout = 0.3f, HiddenZoneout = 0.2f, CellZoneout = 0.2f };
        Check(new ModelBuilder(I).Add(layer).Gru(4).Dense(2).Build(), $"{merge}");
        Check(new ModelBuilder(I).Gru(6).Add(layer).LastStep().Dense(2).Build(), $"{merge}, last step");
        Check(new ModelBuilder(I).Add(layer).FinalState().Build(), $"{merge}, final state");
        Check(new ModelBuilder(I).Add(masked).Dropout(0.3f).Add(masked).Dense(2).Build(), $"{merge}, masks");
    }

    [Fact]
    public void Batch_normalization_has_the_gradients_of_the_run_at_once()
    {
        Check(new ModelBuilder(I).Lstm(H).BatchNorm().Gru(4).Dense(2).Build(), "between layers");
        Check(new ModelBuilder(I).BatchNorm().Add(new RecurrentLayer(new GruCell(H)) { Direction = Direction.Reverse }).Softmax().Build(), "before a reverse direction");
        Check(new ModelBuilder(I).Bidirectional(new GruCell(4)).BatchNorm().LastStep().RepeatVector(15).Lstm(H).Dense(2).Build(), "encoder and decoder");
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_gradients()
    {
        foreach (ModelBuilder builder in new[]
        {
            new ModelBuilder(I).Lstm(40).Gru(30).Dense(3),
            new ModelBuilder(I).Bidirectional(new LstmCell(20)).Add(new RecurrentLayer(new GruCell(30)) { Direction = Direction.Reverse }).Dense(3),
        })
        {
            GradientCase c = new(builder.Build(), Seed: 9, Time: 60, Batch: 8, IsRagged: true);
            GradientValues wanted = c.Run();
            foreach (int threads in new[] { 1, 2, 3 })
                GradientValues.Same(wanted, c.Run(threads, recomputeSteps: 25), $"{threads} threads");
        }
    }

    [Fact]
    public void A_state_goes_through_the_pieces_of_both_directions()
    {
        GradientCase c = new(new ModelBuilder(I).Bidirectional(new LstmCell(H)).Dense(2).Build(), Seed: 12, Time: 11, Batch: 3, IsRagged: true);
        using TrainableModel whole = c.Model(), pieces = c.Model(recomputeSteps: 3);
        float[] x = new Draw(4).Floats(11 * 3 * I, -1, 1), y = new float[11 * 3 * 2], dy = new Draw(5).Floats(y.Length, -1, 1);
        (RecurrentState final, RecurrentState gradient) wanted = Run(whole), found = Run(pieces);
        foreach (bool reverse in new[] { false, true })
            for (int row = 0; row < 3; row++)
            {
                Bits.Equal(wanted.final.Cell(0, row, reverse).ToArray(), found.final.Cell(0, row, reverse).ToArray(), "final c");
                Bits.Equal(wanted.final.Hidden(0, row, reverse).ToArray(), found.final.Hidden(0, row, reverse).ToArray(), "final h");
                Bits.Equal(wanted.gradient.Cell(0, row, reverse).ToArray(), found.gradient.Cell(0, row, reverse).ToArray(), "dL/dc before the first step");
                Bits.Equal(wanted.gradient.Hidden(0, row, reverse).ToArray(), found.gradient.Hidden(0, row, reverse).ToArray(), "dL/dh before the first step");
            }

        (RecurrentState Final, RecurrentState Gradient) Run(TrainableModel model)
        {
            RecurrentState initial = model.CreateState(3), final = model.CreateState(3), gradient = model.CreateState(3), finalGradient = model.CreateState(3);
            foreach (RecurrentState state in new[] { initial, finalGradient })
                foreach (bool reverse in new[] { false, true })
                    for (int row = 0; row < 3; row++)
                    {
                        new Draw(row + 20).Floats(H, -1, 1).CopyTo(state.Hidden(0, row, reverse));
                        new Draw(row + 30).Floats(H, -1, 1).CopyTo(state.Cell(0, row, reverse));
                    }

            model.Forward(x, 11, 3, y, new() { InitialState = initial, FinalState = final, Lengths = [11, 4, 7] });
            model.Backward(dy, new() { InitialStateGradient = gradient, FinalStateGradient = finalGradient });
            return (final, gradient);
        }
    }

    [Fact]
    public void Norms_of_hidden_gradients_are_those_of_the_run_at_once()
    {
        GradientCase c = new(new ModelBuilder(I).Bidirectional(new GruCell(H)).Lstm(4).Build(), Seed: 13, Time: 12, Batch: 3, IsRagged: true);
        using TrainableModel whole = c.Model(), pieces = c.Model(recomputeSteps: 5);
        float[] x = new Draw(4).Floats(12 * 3 * I, -1, 1), y = new float[12 * 3 * 4], dy = new Draw(5).Floats(y.Length, -1, 1);
        HiddenGradientReport wanted = Run(whole), found = Run(pieces);
        Assert.Equal(wanted.Norms(0).ToArray(), found.Norms(0).ToArray());
        Assert.Equal(wanted.Norms(0, reverse: true).ToArray(), found.Norms(0, reverse: true).ToArray());
        Assert.Equal(wanted.Norms(1).ToArray(), found.Norms(1).ToArray());

        HiddenGradientReport Run(TrainableModel model)
        {
            HiddenGradientReport report = model.CreateHiddenGradientReport();
            model.Forward(x, 12, 3, y, new() { Lengths = [12, 5, 9] });
            model.Backward(dy, new() { HiddenGradients = report });
            return report;
        }
    }

    [Fact]
    public void Evaluation_and_batch_major_data_have_the_gradients_of_the_run_at_once()
    {
        GradientCase c = new(new ModelBuilder(I).Add(new RecurrentLayer(new LstmCell(H)) { CellZoneout = 0.3f }).Dense(2).Build(), Seed: 10, Time: 11, Batch: 4, IsRagged: true);
        using TrainableModel whole = c.Model(), pieces = c.Model(recomputeSteps: 4);
        whole.IsTraining = pieces.IsTraining = false;
        GradientValues.Same(c.Run(whole, c.Inputs(), SequenceLayout.BatchMajor), c.Run(pieces, c.Inputs(), SequenceLayout.BatchMajor), $"{c}");

        // A shorter sequence of fewer rows behind a longer one.
        float[] x = new Draw(4).Floats(6 * 2 * I, -1, 1), dy = new Draw(5).Floats(6 * 2 * 2, -1, 1), y = new float[dy.Length], wanted = new float[x.Length], found = new float[x.Length];
        whole.Forward(x, 6, 2, y);
        whole.Backward(dy, new() { InputGradient = wanted });
        pieces.Forward(x, 6, 2, y);
        pieces.Backward(dy, new() { InputGradient = found });
        Bits.Equal(wanted, found, "dL/dx of a shorter sequence");
    }

    [Fact]
    public void The_memory_falls_to_about_the_square_root()
    {
        const int Time = 10_000, Inputs = 1;
        ModelDefinition definition = new ModelBuilder(Inputs).Lstm(32).Gru(32).LastStep().Dense(1).Build();
        using TrainableModel whole = Make(0), pieces = Make(100);

        // What is kept of 100 steps instead of 10,000, and once more as much for the states at 100 borders; x is kept.
        long ofInput = Time * Rows * Inputs * sizeof(float);
        Assert.InRange(pieces.WorkspaceBytes - ofInput, 0, 3 * whole.WorkspaceBytes / 100);
        Assert.True(whole.WorkspaceBytes > 25 * pieces.WorkspaceBytes, $"{whole.WorkspaceBytes} and {pieces.WorkspaceBytes} bytes");

        TrainableModel Make(int recomputeSteps) => new(
            definition, new ParameterSet(definition), new() { MaxTime = Time, MaxBatch = Rows, Threads = 1, RecomputeSteps = recomputeSteps });
    }

    /// <summary>One layer of both directions that ends in a vector: x and dL/dx are linear in T, all else goes by the root.</summary>
    [Fact]
    public void The_memory_of_both_directions_falls_to_about_the_square_root()
    {
        const int Time = 10_000, Inputs = 1;
        ModelDefinition definition = new ModelBuilder(Inputs).Bidirectional(new LstmCell(32)).LastStep().Dense(1).Build();
        long whole = Bytes(definition, Time, 0), pieces = Bytes(definition, Time, 100);
        long ofInput = 2 * Time * Rows * Inputs * sizeof(float);
        Assert.InRange(pieces - ofInput, 0, 3 * whole / 100);
    }

    /// <summary>A stack: linear in T is what a layer gives to the next one, and the two buffers of gradients on the way.</summary>
    [Fact]
    public void The_memory_of_a_stack_of_both_directions_falls_to_the_layers_outputs()
    {
        const int Time = 10_000, H = 32;
        ModelDefinition definition = new ModelBuilder(1).Bidirectional(new LstmCell(H)).Bidirectional(new LstmCell(H)).Dense(1).Build();
        long whole = Bytes(definition, Time, 0), pieces = Bytes(definition, Time, 100);
        long linear = Time * Rows * sizeof(float) * ((2 * 2 * H) + (2 * 2 * H) + 1 + 1 + AlignedBuffer.AlignmentFloats); // outputs; gradients; x; Dense: y, deltas
        Assert.InRange(pieces, linear, linear + (3 * whole / 100));
        Assert.InRange(whole / (double)pieces, 3.3, 3.5);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(13, 4)]
    [InlineData(400, 20)]
    public void The_square_root_of_the_longest_sequence_is_taken_where_it_is_asked_for(int time, int steps)
    {
        GradientCase c = new(new ModelBuilder(I).Lstm(H).Gru(4).Build(), Seed: 11, time, Batch: 2, IsRagged: false);
        using TrainableModel chosen = c.Model(recomputeSteps: TrainableModelOptions.SquareRootSteps), byHand = c.Model(recomputeSteps: steps);
        Assert.Equal(byHand.WorkspaceBytes, chosen.WorkspaceBytes);
        GradientValues.Same(c.Run(), c.Run(chosen, c.Inputs()), $"{time} steps");
    }

    [Fact]
    public void A_vector_and_steps_below_the_square_root_are_refused()
    {
        Refused(ModelBuilder.FromVector(I).Dense(3), "vector");
        ModelDefinition definition = new ModelBuilder(I).Gru(3).Build();
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TrainableModel(definition, new ParameterSet(definition), new() { MaxTime = 3, MaxBatch = 1, RecomputeSteps = -2 }));
        Assert.Contains("-2", error.Message, StringComparison.Ordinal);
    }

    private static long Bytes(ModelDefinition definition, int time, int recomputeSteps)
    {
        using TrainableModel model = new(
            definition, new ParameterSet(definition), new() { MaxTime = time, MaxBatch = Rows, Threads = 1, RecomputeSteps = recomputeSteps });
        return model.WorkspaceBytes;
    }

    private static void Check(ModelDefinition definition, string what)
    {
        foreach (bool isRagged in new[] { false, true })
        {
            GradientCase c = new(definition, Seed: 7, Time: 13, Batch: 5, isRagged);
            GradientValues wanted = c.Run();
            foreach (int steps in new[] { 1, 4, 13, 20 })
                GradientValues.Same(wanted, c.Run(recomputeSteps: steps), $"{steps} steps, ragged {isRagged}, {what}");
        }
    }

    private static void Refused(ModelBuilder builder, params string[] words)
    {
        ModelDefinition definition = builder.Build();
        NotSupportedException error = Assert.Throws<NotSupportedException>(() =>
            new TrainableModel(definition, new ParameterSet(definition), new() { MaxTime = 4, MaxBatch = 1, RecomputeSteps = 2 }));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
    }
}
